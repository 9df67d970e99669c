// Compiled formats of users, by the hash of their text and the generator's version. A hit saves seconds; a miss, a
// damaged entry or a cache that cannot be used only costs the time to compile.
// References: XDG Base Directory Specification, XDG_CACHE_HOME.
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/** The cached code, or null. It is believed only if it lies where none but the user can write, and is whole. */
export function readCache(folder: string, key: string): string | null {
  if (!isPrivate(folder)) return null;
  try {
    const [digest = '', ...rest] = readFileSync(join(folder, key), 'utf8').split('\n');
    const code = rest.join('\n');
    return digest === `// ${digestOf(code)}` ? code : null;
  } catch {
    return null;
  }
}

/** Keeps the code for the next run; that it cannot be kept is no error. */
export function writeCache(folder: string, key: string, code: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isPrivate(folder)) return;
    const temporary = join(folder, `.${key}.${randomBytes(6).toString('hex')}`);
    try {
      writeFileSync(temporary, `// ${digestOf(code)}\n${code}`, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, join(folder, key));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch {
    // A full disk or a read-only home: the next run compiles again.
  }
}

/** Whether the folder is a folder of the user's own that nobody else can look into. */
function isPrivate(folder: string): boolean {
  try {
    const status = lstatSync(folder);
    const user = process.geteuid?.();
    if (!status.isDirectory()) return false;
    return user === undefined || (status.uid === user && (status.mode & OPEN_TO_OTHERS) === 0);
  } catch {
    return false;
  }
}

function digestOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
