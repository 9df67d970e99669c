// Pieces of a file that go on with each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileExtent } from '../../src/filesystem/files.js';
import { addExtent } from '../../src/filesystem/join-extents.js';

function data(
  offsetBytes: number,
  at: number,
  countedAs: 'used' | 'overhead' = 'used',
): FileExtent {
  const place = { volumeIndex: 0, offsetBytes: at, lengthBytes: 10 };
  return { kind: 'data', offsetBytes, lengthBytes: 10, at: place, isShared: null, countedAs };
}

test('data that go on with each other, and holes, are one piece', () => {
  const page: FileExtent[] = [];
  addExtent(page, data(0, 100));
  addExtent(page, data(10, 110));
  addExtent(page, data(20, 120, 'overhead'));
  addExtent(page, data(30, 100, 'overhead'));
  addExtent(page, { kind: 'hole', offsetBytes: 40, lengthBytes: 10 });
  addExtent(page, { kind: 'hole', offsetBytes: 50, lengthBytes: 10 });
  assert.deepEqual(
    page.map((piece) => [piece.kind, piece.offsetBytes, piece.lengthBytes]),
    [
      ['data', 0, 20],
      ['data', 20, 10],
      ['data', 30, 10],
      ['hole', 40, 20],
    ],
  );
});
