// Loads core.js with the code cache of this machine, so that nothing has to be compiled. docs/decisions/0006-code-cache.md says who makes
// the cache and why it is trusted. The build makes launcher.ts and library.ts with this file files of their own, which are
// compiled on each run: it is short, and loads nothing that core.js does not need.
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
import type * as Core from './core.js';

/** The hash of core.js, put in by the build. */
declare const CORE_DIGEST: string;

const WRITABLE_BY_OTHERS = 0o022;
/** Those of other versions of virt-df and of Node, which may be in use as well. */
const MAX_KEPT = 4;
/** A run that read nothing (--help) has compiled little: the cache is less than this much of the source. */
const MIN_SHARE = 0.8;

const path = `${__dirname}/core.js`;
/** V8 refuses what another Node made, and takes any source of the same length: the name tells both. */
const name = `core-${CORE_DIGEST}-${process.version}-${process.arch}.cache`;

/** V8 does not verify its bytes: it has to be of the same owner as the code, and nobody may write to it who may not to that. */
function readBeside(): Buffer | null {
  let file: number | null = null;
  try {
    file = openSync(`${__dirname}/${name}`, 'r');
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

function readOfUser(): Buffer | null {
  const folder = ownFolder();
  return folder === null ? null : readOwn(folder, name);
}

/** Keeps it beside the code where that is one's own, else in the user's cache. */
function keep(script: Script): void {
  const { uid, mode, size } = statSync(path);
  const make = () => {
    const data = script.createCachedData();
    if (data.length < size * MIN_SHARE) throw new Error('the run has compiled little');
    return data;
  };
  if ((process.geteuid?.() ?? uid) === uid && isWritable(__dirname)) {
    writeWhole(__dirname, name, make(), mode & 0o666);
    removeOld(__dirname);
    return;
  }
  const folder = ownFolder();
  if (folder !== null && keepOwn(folder, name, make)) inOwnFolder(folder, removeOld);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function removeOld(folder: string): void {
  const names = readdirSync(folder).filter((one) => /^\.?core-.*\.cache/u.test(one));
  if (names.length <= MAX_KEPT) return;
  const files = names.map((one) => `${folder}/${one}`);
  const ages = files.map((file) => ({ file, madeMs: statSync(file).mtimeMs }));
  ages.sort((a, b) => b.madeMs - a.madeMs);
  for (const { file } of ages.slice(MAX_KEPT)) rmSync(file);
}

/** What core.ts exports. `mayKeep`: if there is no cache that fits, this run may leave one when it ends. */
export function loadCore(mayKeep: boolean): typeof Core {
  // The bundle is ASCII, and a function of what Node gives to a module.
  const text = readFileSync(path, 'latin1');
  const compiled = (cachedData?: Buffer) => new Script(text, { filename: path, cachedData });
  const beside = readBeside();
  let script = compiled(beside ?? readOfUser() ?? undefined);
  if (beside !== null && script.cachedDataRejected === true) {
    // Two builds of one version of Node may have different caches; the other one's is not ours to replace.
    const own = readOfUser();
    if (own !== null) script = compiled(own);
  }
  const isPlain = process.send === undefined && process.execArgv.length === 0;
  if (
    mayKeep &&
    script.cachedDataRejected !== false &&
    isPlain &&
    process.env.NODE_OPTIONS === undefined
  ) {
    process.once('exit', () => {
      try {
        keep(script);
      } catch {
        // The next run compiles again.
      }
    });
  }
  const core: { exports: typeof Core | object } = { exports: {} };
  script.runInThisContext()(core.exports, require, core, path, __dirname);
  return core.exports as typeof Core;
}
