// Asks du's question of a reader that a test makes.
import assert from 'node:assert/strict';
import type { FileReader } from '../../src/filesystem/files.js';
import { MIB } from '../../src/limits.js';
import type { DuOptions } from '../../src/queries/du/options.js';
import { type ReadFiles, readFiles } from '../../src/queries/du/read.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { ALL_FILES } from './du-support.js';

/** What df counts as used. */
export const USED = 1_000_000;

export async function read(
  reader: FileReader,
  options: Partial<DuOptions> = {},
  memoryBytes = 256 * MIB,
): Promise<ReadFiles> {
  const found = await readFiles(reader, {
    options: { ...ALL_FILES, ...options },
    view: 'guest',
    usedBytes: USED,
    memory: memoryOf(memoryBytes),
    onFiles: () => {},
    isDoubtful: () => false,
    onDoubt: () => {},
  });
  assert.ok(found);
  return found;
}
