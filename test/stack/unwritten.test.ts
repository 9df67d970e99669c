// Volumes that nobody wrote to: the host, or the image, tells that nothing of them is stored, and they cost one look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource, FilePiece } from '../../src/bytes/source.js';
import { filesystems } from '../../src/declarative/registry.js';
import { GIB, MIB } from '../../src/limits.js';
import { detect } from '../../src/stack/detect.js';
import { isUnwritten } from '../../src/stack/zeros.js';

const HOLES = 100;

/** Zeros in a file whose holes the host tells of one by one, up to some data behind them. */
function withHoles(reads: number[], hasData: boolean): ByteSource {
  return {
    sizeBytes: GIB,
    async read(_offset, length) {
      reads.push(length);
      return new Uint8Array(length);
    },
    async runs(offsetBytes, lengthBytes) {
      return [{ kind: 'host', path: 'disk.img', offsetBytes, lengthBytes }];
    },
    async dataRanges(offsetBytes, lengthBytes): Promise<readonly FilePiece[]> {
      if (!hasData) return [{ kind: 'hole', offsetBytes, lengthBytes }];
      const kind = offsetBytes < HOLES * MIB ? 'hole' : 'data';
      return [{ kind, offsetBytes, lengthBytes: Math.min(MIB, lengthBytes) }];
    },
  };
}

test('a volume of which nothing is stored is empty after one look', async () => {
  const reads: number[] = [];
  assert.deepEqual(await detect(withHoles(reads, false), false, filesystems), { kind: 'empty' });
  assert.deepEqual(reads, [4096]);
});

test('one of which it takes long to tell is not taken for empty', async () => {
  assert.equal(await isUnwritten(withHoles([], true)), false);
});
