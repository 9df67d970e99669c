// What holds of the numbers of every row, whatever was done to the image.
import assert from 'node:assert/strict';
import type { FilesystemRecord } from '../../src/queries/report.js';

/** Numbers that can be, whatever the image says. */
export function checkNumbers(
  row: Pick<
    FilesystemRecord,
    'sizeBytes' | 'usedBytes' | 'freeBytes' | 'availBytes' | 'files' | 'filesUsed' | 'filesFree'
  >,
  name: string,
): void {
  const { sizeBytes, usedBytes, freeBytes, availBytes, files, filesUsed, filesFree } = row;
  const numbers = { sizeBytes, usedBytes, freeBytes, availBytes, files, filesUsed, filesFree };
  for (const [key, value] of Object.entries(numbers)) {
    const most = key.startsWith('files') ? files : sizeBytes;
    const isSound = value === null || (Number.isSafeInteger(value) && value >= 0);
    assert.ok(isSound, `${name}: ${key} is ${value}`);
    assert.ok(value === null || value <= (most ?? 0), `${name}: ${key} is ${value} of ${most}`);
  }
  assert.ok(sizeBytes !== null, `${name}: a row without numbers has no problem`);
}
