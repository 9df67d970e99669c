// generated/catalog.ts: every format's description as plain data, so that a list of formats loads no parser. It stands
// nowhere else: a generated module has structures and no description. generated/signatures.ts: what of it every start needs.
import type { CatalogEntry, Signature } from '../../src/kaitai/index.js';
import { quoted } from './scope.js';

const INDENT = '  ';

/** The module of the catalog, and the loaders of the formats that need nothing but their specification. */
export function printCatalog(entries: readonly CatalogEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.ksy < b.ksy ? -1 : 1));
  const loaders = sorted
    .filter(({ isDeclarative }) => isDeclarative)
    .map(({ name, ksy }) => `  ${name}: () => import('${moduleOf(ksy)}'),\n`);
  return `// Generated from formats/ by \`npm run generate\`. Do not edit: change the specifications.
import type { CatalogEntry, DeclarativeModule } from '../src/kaitai/index.js';

/** Every format that has a specification. */
export const catalog: readonly CatalogEntry[] = ${printData(sorted)};

/** The parsers of the formats that their specification describes completely. */
export const declarativeFormats: Readonly<Record<string, () => Promise<DeclarativeModule>>> = {
${loaders.join('')}};
`;
}

/** The module of the signatures. It is text: V8 makes objects of JSON sooner than of an expression that is evaluated once. */
export function printSignatures(entries: readonly CatalogEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.ksy < b.ksy ? -1 : 1));
  const lines = sorted
    .map(({ name, kind, understood, isDeclarative, probes }): Signature => {
      return { name, kind, understood, isDeclarative, probes };
    })
    .map((signature) => `  ${quoted(JSON.stringify(signature))},\n`);
  return `// Generated from formats/ by \`npm run generate\`. Do not edit: change the specifications.
import type { Signature } from '../src/kaitai/index.js';

const LINES: readonly string[] = [
${lines.join('')}];

/** Every format that has a specification, as far as it takes to look for it. */
export const signatures: readonly Signature[] = JSON.parse(\`[\${LINES.join(',')}]\`);
`;
}

/** The module of a specification, as the catalog imports it. */
function moduleOf(ksy: string): string {
  return ksy.replace(/^formats/u, '.').replace(/\.ksy$/u, '.js');
}

/** Plain data as TypeScript. */
function printData(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) {
    const items = value.map(printData);
    const line = `[${items.join(', ')}]`;
    if (line.length <= 80 && !line.includes('\n')) return line;
    return `[\n${items.map((text) => `${indented(text)},\n`).join('')}]`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${printData(inner)}`);
  const line = `{ ${entries.join(', ')} }`;
  if (line.length <= 80 && !line.includes('\n')) return line;
  return `{\n${entries.map((entry) => `${indented(entry)},\n`).join('')}}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gmu, INDENT);
}
