// Loads the parts of the bundle (scripts/bundle/parts.mjs), each with the code cache of this machine, so that nothing has to be
// compiled. docs/decisions/0006-code-cache.md says who makes the caches and why they are trusted. The build makes launcher.ts and
// library.ts with this file files of their own, which are compiled on each run: it is short, and loads nothing that
// core.js does not need.
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Script } from 'node:vm';
import {
  cacheFolder,
  foreignOwner,
  inOwnFolder,
  keepOwn,
  readOwn,
  writeWhole,
} from '../host/own-folder.js';
import { withUsualFlags } from '../host/v8-flag.js';
import type * as Core from './core.js';

/** Of each part its hash, put in by the build. */
declare const DIGESTS: Readonly<Record<string, string>>;

const WRITABLE_BY_OTHERS = 0o022;
/** Those of other versions of virt-df and of Node, which may be in use as well. */
const MAX_KEPT = 4;
/** A run that read nothing (--help) has compiled little of core.js: the cache is less than this much of the source. */
const MIN_SHARE = 1.6;

/** A file of the bundle and the name of its cache. */
interface Part {
  readonly name: string;
  readonly path: string;
  readonly cache: string;
}

/** The modules of a part that others import, by their paths in the sources. */
type Modules = (path: string) => object;

function partOf(name: string): Part {
  const path = name === 'core' ? `${__dirname}/core.js` : `${__dirname}/parts/${name}.js`;
  // V8 refuses what another Node made, and takes any source of the same length: the name tells both.
  return { name, path, cache: `${name}-${DIGESTS[name]}-${process.version}-${process.arch}.cache` };
}

/** V8 does not verify its bytes: it has to be of the same owner as the code, and nobody may write to it who may not to that. */
function readBeside({ path, cache }: Part): Buffer | null {
  let file: number | null = null;
  try {
    file = openSync(`${__dirname}/${cache}`, 'r');
    const { uid, mode } = fstatSync(file);
    const code = statSync(path);
    const isTrusted = uid === code.uid && (mode & ~code.mode & WRITABLE_BY_OTHERS) === 0;
    return isTrusted ? readFileSync(file) : null;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** The user's own folder, for a program that another installed; null if there is none that is safe. */
function ownFolder(): string | null {
  const { HOME: home } = process.env;
  if (home === undefined || !home.startsWith('/')) return null;
  const folder = cacheFolder(process.env, home);
  return foreignOwner(folder) === null ? folder : null;
}

function readOfUser({ cache }: Part): Buffer | null {
  const folder = ownFolder();
  return folder === null ? null : readOwn(folder, cache);
}

/** Keeps it beside the code where that is one's own, else in the user's cache. */
function keep({ name, path, cache }: Part, script: Script): void {
  const { uid, mode, size } = statSync(path);
  const make = () => {
    const data = withUsualFlags(() => script.createCachedData());
    const isLittle = name === 'core' && data.length < size * MIN_SHARE;
    if (isLittle) throw new Error('the run has compiled little');
    return data;
  };
  if ((process.geteuid?.() ?? uid) === uid && isWritable(__dirname)) {
    writeWhole(__dirname, cache, make(), mode & 0o666);
    removeOld(__dirname, name);
    return;
  }
  const folder = ownFolder();
  if (folder !== null && keepOwn(folder, cache, make)) {
    inOwnFolder(folder, (inner) => removeOld(inner, name));
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function removeOld(folder: string, part: string): void {
  const names = readdirSync(folder).filter((one) => cachesOf(part).test(one));
  if (names.length <= MAX_KEPT) return;
  const files = names.map((one) => `${folder}/${one}`);
  const ages = files.map((file) => ({ file, madeMs: statSync(file).mtimeMs }));
  ages.sort((a, b) => b.madeMs - a.madeMs);
  for (const { file } of ages.slice(MAX_KEPT)) rmSync(file);
}

/** Those of other parts may begin with the same name: `xfs`, `xfs-more`. */
function cachesOf(part: string): RegExp {
  return new RegExp(`^\\.?${part}-[\\da-f]{32}-.*\\.cache`, 'u');
}

/** `keepLater` is told of a script without a cache that fits. */
function compile(part: Part, keepLater: (script: Script) => void): Script {
  // The bundle is ASCII, and a function of what Node gives to a module.
  const text = readFileSync(part.path, 'latin1');
  const compiled = (cachedData?: Buffer) =>
    withUsualFlags(() => new Script(text, { filename: part.path, cachedData }));
  const beside = readBeside(part);
  let script = compiled(beside ?? readOfUser(part) ?? undefined);
  if (beside !== null && script.cachedDataRejected === true) {
    // Two builds of one version of Node may have different caches; the other one's is not ours to replace.
    const own = readOfUser(part);
    if (own !== null) script = compiled(own);
  }
  if (script.cachedDataRejected !== false) keepLater(script);
  return script;
}

/** When the run ends, keeps what was compiled of these; nothing if too little was compiled of core.js, the first one. */
function keepAtExit(compiled: readonly (readonly [Part, Script])[]): void {
  process.once('exit', () => {
    try {
      for (const [part, script] of compiled) keep(part, script);
    } catch {
      // The next run compiles again.
    }
  });
}

/** What core.ts exports. `mayKeep`: caches that are missing or do not fit may be left when this run ends. */
export function loadCore(mayKeep: boolean): typeof Core {
  const isPlain = process.send === undefined && process.execArgv.length === 0;
  const keeps = mayKeep && isPlain && process.env.NODE_OPTIONS === undefined;
  const unkept: [Part, Script][] = [];
  if (keeps) keepAtExit(unkept);
  const loaded = new Map<string, Modules>();
  const corePath = partOf('core').path;
  function part(name: string): Modules {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const one = partOf(name);
    const module: { exports: Modules | object } = { exports: {} };
    const script = compile(one, (made) => unkept.push([one, made]));
    script.runInThisContext()(module.exports, require, module, corePath, __dirname, part);
    const modules = module.exports as Modules;
    loaded.set(name, modules);
    return modules;
  }
  return part('core')('src/cli/core.ts') as typeof Core;
}
