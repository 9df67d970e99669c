// Compiled formats of users, by the hash of their text and the generator's version. A hit saves seconds; a miss, a
// damaged entry or a cache that cannot be used only costs the time to compile.
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { cacheFolder, keepOwn, readOwn } from '../../host/own-folder.js';
import type { FormatEnvironment } from './find.js';

/** The entry of one text under one version of the generator: its file name, without the folder. */
export function cacheKey(text: Uint8Array, generatorVersion: Uint8Array): string {
  return `${createHash('sha256').update(generatorVersion).update('\0').update(text).digest('hex')}.js`;
}

export function formatCacheFolder(environment: FormatEnvironment): string {
  return cacheFolder(environment, homedir());
}

/** The cached code, or null. It is believed only if none but the user can have written it, and it is whole. */
export function readCache(folder: string, key: string): string | null {
  const [digest = '', ...rest] = readOwn(folder, key)?.toString('utf8').split('\n') ?? [];
  const code = rest.join('\n');
  return digest === `// ${digestOf(code)}` ? code : null;
}

/** Keeps the code for the next run; that it cannot be kept is no error. */
export function writeCache(folder: string, key: string, code: string): void {
  keepOwn(folder, key, () => `// ${digestOf(code)}\n${code}`);
}

function digestOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
