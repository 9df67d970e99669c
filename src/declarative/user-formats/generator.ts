// Finds the generator, which lies beside the program and is loaded only to compile a user's format.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../version.js';

/** In dist/ the generator is one file beside the bundle or its chunks; in build/ it is where its source is. */
const CANDIDATES = ['./generate.js', '../generate.js', '../../../scripts/generate/index.js'];

export function generatorUrl(): URL {
  const urls = CANDIDATES.map((path) => new URL(path, import.meta.url));
  const url = urls.find((candidate) => existsSync(fileURLToPath(candidate)));
  if (url === undefined) throw new Error('the generator is not part of this installation');
  return url;
}

/** Changes with every change of the generator: its own text, and virt-df's version for what its text does not name. */
export function generatorVersion(): Uint8Array {
  return Buffer.concat([Buffer.from(`${VERSION}\0`), readFileSync(generatorUrl())]);
}
