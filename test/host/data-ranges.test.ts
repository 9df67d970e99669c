// Holes of files, compared with what QEMU finds in them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FilePiece } from '../../src/bytes/source.js';
import { openScope } from '../../src/host/local-scope.js';
import type { HostFile } from '../../src/host/scope.js';
import { missing } from '../tools.js';

const BLOCK_BYTES = 4096;
let directory = '';

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'virt-df-holes-'));
});
after(() => rm(directory, { recursive: true, force: true }));

/** A file of `sizeBytes` with a block of data at each of these places. */
async function sparseFile(name: string, sizeBytes: number, places: readonly number[]) {
  const path = join(directory, name);
  const file = await open(path, 'w');
  for (const place of places) await file.write(Buffer.alloc(BLOCK_BYTES, 7), 0, null, place);
  await file.truncate(sizeBytes);
  await file.sync();
  await file.close();
  return path;
}

async function withFile<T>(path: string, work: (file: HostFile) => Promise<T>): Promise<T> {
  const scope = openScope();
  try {
    return await work(await scope.open(path));
  } finally {
    await scope.close();
  }
}

/** All pieces of the file, asked for until the end. */
async function allPieces(file: HostFile): Promise<readonly FilePiece[]> {
  const pieces: FilePiece[] = [];
  for (let at = 0; at < file.sizeBytes; ) {
    const found = await file.dataRanges?.(at, file.sizeBytes - at);
    assert.ok(found);
    for (const piece of found) {
      assert.equal(piece.offsetBytes, at);
      assert.ok(piece.lengthBytes > 0);
      at += piece.lengthBytes;
      pieces.push(piece);
    }
  }
  return pieces;
}

const files: readonly (readonly [string, number, readonly number[]])[] = [
  ['holes', 100 * 1024 * 1024 + 100, [409_600, 413_696, 104_853_504]],
  ['only-a-hole', 1024 * 1024, []],
  ['data-at-the-ends', 10 * BLOCK_BYTES, [0, 9 * BLOCK_BYTES]],
  ['many', 3000 * BLOCK_BYTES, Array.from({ length: 1400 }, (_, i) => 2 * i * BLOCK_BYTES)],
];

for (const [name, sizeBytes, places] of files) {
  test(`${name}: data and holes are where QEMU finds them`, {
    skip: missing({ 'qemu-img': 'qemu-utils' }),
  }, async () => {
    const path = await sparseFile(name, sizeBytes, places);
    const text = execFileSync('qemu-img', ['map', '-f', 'raw', '--output=json', path], {
      encoding: 'utf8',
    });
    // QEMU has sectors only: its last piece goes on to the end of one.
    const wanted = JSON.parse(text).map((one: { start: number; length: number; data: boolean }) => [
      one.data ? 'data' : 'hole',
      one.start,
      Math.min(one.length, sizeBytes - one.start),
    ]);
    const pieces = await withFile(path, allPieces);
    assert.deepEqual(
      pieces.map(({ kind, offsetBytes, lengthBytes }) => [kind, offsetBytes, lengthBytes]),
      wanted,
    );
  });
}

test('a range within a piece is that piece, and one behind the end is refused', async () => {
  const path = await sparseFile('ranges', 64 * BLOCK_BYTES, [8 * BLOCK_BYTES]);
  await withFile(path, async (file) => {
    const inside = { kind: 'data', offsetBytes: 8 * BLOCK_BYTES + 100, lengthBytes: 5 };
    assert.deepEqual(await file.dataRanges?.(inside.offsetBytes, 5), [inside]);
    const hole = { kind: 'hole', offsetBytes: 9 * BLOCK_BYTES + 1, lengthBytes: 6 };
    assert.deepEqual(await file.dataRanges?.(hole.offsetBytes, 6), [hole]);
    await assert.rejects(async () => file.dataRanges?.(64 * BLOCK_BYTES, 1), {
      code: 'OUT_OF_BOUNDS',
    });
  });
});

test('a file that became shorter cannot tell', async () => {
  const path = join(directory, 'shorter');
  await writeFile(path, Buffer.alloc(8 * BLOCK_BYTES, 1));
  await withFile(path, async (file) => {
    await writeFile(path, '');
    assert.equal(await file.dataRanges?.(BLOCK_BYTES, BLOCK_BYTES), null);
  });
});
