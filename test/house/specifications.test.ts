// No specification is decoration: what a .ksy describes is read by somebody, or the format is recognised by it alone.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalog } from '../../generated/catalog.js';

interface Exported {
  /** Of generated/, without its ending: `container/qcow2`. */
  readonly module: string;
  readonly name: string;
}

const IMPORT = /import (?:type )?\{([^}]*)\} from '[^']*generated\/([\w/]+)\.js'/gu;
const EXPORT = /^export (const|function) (\w+)/gmu;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(`src/${name}`, 'utf8'));

/** `container/qcow2 parseQcow2` for each name that a file of src/ imports from a generated module. */
const imported = new Set(
  sources.flatMap((text) =>
    [...text.matchAll(IMPORT)].flatMap(([, names = '', module = '']) =>
      names
        .split(',')
        .map((name) => name.trim().replace(/^type /u, ''))
        .map((name) => `${module} ${name}`),
    ),
  ),
);

function moduleOf(ksy: string): string {
  return ksy.replace(/^formats\//u, '').replace(/\.ksy$/u, '');
}

function isImported({ module, name }: Exported): boolean {
  return imported.has(`${module} ${name}`);
}

/** `parseXfsLogItem` of `xfs_log`, and not `parseXfsLog`: it exists because `-export: structure` asks for it. */
function isPart(name: string, ksy: string): boolean {
  const words = moduleOf(ksy).replace(/^.*\//u, '').split('_');
  const whole = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return name.startsWith('parse') && name !== `parse${whole}`;
}

/** What a generated module uses itself, as `valid: {in-enum: true}` its enum. */
function usesItself(text: string, name: string): boolean {
  return (text.match(new RegExp(`\\b${name}\\b`, 'gu'))?.length ?? 0) > 1;
}

test('each specification is read by src/, or says itself how its format is recognised', () => {
  const modules = new Set([...imported].map((line) => line.split(' ')[0]));
  const unused = catalog.filter(
    ({ ksy, isDeclarative, probes }) =>
      !modules.has(moduleOf(ksy)) && !(isDeclarative || probes.length > 0),
  );
  assert.deepEqual(
    unused.map(({ ksy }) => ksy),
    [],
  );
});

test('each structure, record, enum and list of fields that a specification exports is used', () => {
  const unused: string[] = [];
  for (const { ksy, isDeclarative } of catalog) {
    const module = moduleOf(ksy);
    const text = readFileSync(`generated/${module}.ts`, 'utf8');
    for (const [, kind = '', name = ''] of text.matchAll(EXPORT)) {
      // A declarative format is read by `read`: the function of its whole is there for the comparison with the plain
      // compiler, and those of its tables are what it sums.
      const isRead =
        isDeclarative && /^(?:read|parse\w+|\w+Records)$/u.test(name) && !isPart(name, ksy);
      if (isRead || isImported({ module, name })) continue;
      if (kind === 'const' && usesItself(text, name)) continue;
      unused.push(`${module} ${name}`);
    }
  }
  assert.deepEqual(unused, [], 'read it in src/, or take it out of the .ksy');
});
