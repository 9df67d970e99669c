// The files that a reader finds beside those that another program shows: the paths are the same, and each is looked at.
import assert from 'node:assert/strict';
import type { FileReader } from '../../../src/filesystem/files.js';
import type { Filesystem } from '../../../src/filesystem/filesystem.js';
import { type Doubts, doubts } from './account.js';
import { type Found, pathsOf } from './paths.js';
import { asBytes } from './truth.js';

interface Told {
  readonly reader: FileReader;
  readonly told: Doubts;
}

export async function readerOf(filesystem: Filesystem): Promise<Told> {
  const told = doubts();
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  return { reader, told };
}

interface Matched<F> {
  readonly path: string;
  readonly one: Found;
  /** As the other program shows it. */
  readonly file: F;
}

/** @param files by path. @param toPath a path of them as bytes, a character for each. */
export async function matched<F extends object>(
  reader: FileReader,
  files: Readonly<Record<string, F>>,
  toPath: (path: string) => string = asBytes,
): Promise<readonly Matched<F>[]> {
  const found = await pathsOf(reader);
  const theirs = Object.entries(files).map(([path, file]) => ({ path: toPath(path), file }));
  assert.deepEqual([...found.keys()].sort(), theirs.map(({ path }) => path).sort());
  return theirs.map(({ path, file }) => {
    const one = found.get(path);
    assert.ok(one, path);
    return { path, one, file };
  });
}
