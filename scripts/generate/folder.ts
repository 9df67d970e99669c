// The paths of specifications and of their modules: formats/<layer>/<name>.ksy -> generated/<layer>/<name>.ts. Formats
// that are only recognised lie in a folder `recognised` of their layer.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogEntry, Spec } from '../../src/kaitai/index.js';
import { catalogEntry } from './describe.js';
import { GenerateError } from './errors.js';
import { generate } from './generate.js';

const LAYERS: readonly Spec['layer'][] = ['container', 'volume', 'filesystem'];
const RUNTIME = 'src/kaitai/index.js';

/** The paths of all specifications, in order. */
export function specificationFiles(): readonly string[] {
  return readdirSync('formats', { recursive: true, encoding: 'utf8' })
    .map((name) => join('formats', name).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ksy'))
    .sort();
}

/** The module of a specification. */
export function targetOf(file: string): string {
  return file.replace(/^formats\//u, 'generated/').replace(/\.ksy$/u, '.ts');
}

export function layerOf(file: string): Spec['layer'] {
  const folder = /^formats\/([^/]+)\/(?:recognised\/)?[^/]+\.ksy$/u.exec(file)?.[1];
  const layer = LAYERS.find((name) => name === folder);
  if (layer === undefined)
    throw new GenerateError(file, `it must lie in formats/{${LAYERS.join(',')}}`);
  return layer;
}

/** The catalog's entry of a specification, for which it is not compiled. */
export function entryOf(file: string, text: string): CatalogEntry {
  return catalogEntry(text, file, layerOf(file));
}

/** The module of a specification. */
export function generateFile(file: string, text: string): Promise<string> {
  const runtime = `${'../'.repeat(file.split('/').length - 1)}${RUNTIME}`;
  return generate(text, { file, layer: layerOf(file), runtime });
}
