// Where the generator is: beside the program, never loaded into it unless a format of a user is to be looked at.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** In dist/ the generator is one file beside the bundle or its chunks; in build/ it is where its source is. */
const CANDIDATES = ['./generate.js', '../generate.js', '../../../scripts/generate/index.js'];

export function generatorUrl(): URL {
  const urls = CANDIDATES.map((path) => new URL(path, import.meta.url));
  const url = urls.find((candidate) => existsSync(fileURLToPath(candidate)));
  if (url === undefined) throw new Error('the generator is not part of this installation');
  return url;
}

/** Changes with every change of the generator: its own text, which names the chunks that it shares by their hashes. */
export function generatorVersion(): Uint8Array {
  return readFileSync(generatorUrl());
}
