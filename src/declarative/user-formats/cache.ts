// Compiled formats of users, by the hash of their text and the generator's version. A hit saves seconds; a miss, a
// damaged entry or a cache that cannot be used only costs the time to compile.
// References: XDG Base Directory Specification, XDG_CACHE_HOME.
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FormatEnvironment } from './find.js';

const OPEN_TO_OTHERS = 0o077;

/** The entry of one text under one version of the generator: its file name, without the folder. */
export function cacheKey(text: Uint8Array, generatorVersion: Uint8Array): string {
  return `${createHash('sha256').update(generatorVersion).update('\0').update(text).digest('hex')}.js`;
}

export function cacheFolder(environment: FormatEnvironment): string {
  const base = environment.XDG_CACHE_HOME;
  const isUsable = base !== undefined && resolve(base) === base;
  return join(isUsable ? base : join(homedir(), '.cache'), 'virt-df');
}

/** The cached code, or null. It is believed only if none but the user can have written it, and it is whole. */
export function readCache(folder: string, key: string): string | null {
  return inFolder(folder, (path) => {
    const text = readOwn(`${path}/${key}`);
    const [digest = '', ...rest] = text?.split('\n') ?? [];
    const code = rest.join('\n');
    return digest === `// ${digestOf(code)}` ? code : null;
  });
}

/** Keeps the code for the next run; that it cannot be kept is no error. */
export function writeCache(folder: string, key: string, code: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return; // A read-only home: the next run compiles again.
  }
  inFolder(folder, (path) => {
    const temporary = `${path}/.${key}.${randomBytes(6).toString('hex')}`;
    try {
      writeFileSync(temporary, `// ${digestOf(code)}\n${code}`, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, `${path}/${key}`);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return null;
  });
}

/**
 * Calls `use` with a path of the folder, if it is the user's own; null if it is not, or if `use` fails. The path leads
 * to the folder that was looked at, by its descriptor: whoever owns the folder around it may give its name to another
 * one in between.
 */
function inFolder<T>(folder: string, use: (path: string) => T): T | null {
  let descriptor: number | null = null;
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    descriptor = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return isOwn(fstatSync(descriptor)) ? use(`/proc/self/fd/${descriptor}`) : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The text of a plain file of the user's own that nobody else can read or write; the open file is checked, not its name. */
function readOwn(path: string): string | null {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    return status.isFile() && isOwn(status) ? readFileSync(file, 'utf8') : null;
  } finally {
    closeSync(file);
  }
}

function isOwn({ uid, mode }: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || (uid === user && (mode & OPEN_TO_OTHERS) === 0);
}

function digestOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
