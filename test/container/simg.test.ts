// The disk inside an Android sparse image: made by Android's tools, and by hand what these do not make.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import {
  diskContent,
  extentsOf,
  inDirectory,
  MIB,
  mutated,
  opened,
  outcome,
  sameContent,
} from './block-images.js';

const package_ = 'android-sdk-libsparse-utils';
const noTools = missing({ img2simg: package_, simg2img: package_ });
const BLOCK = 4096;
const [RAW, FILL, DONT_CARE, CRC] = [0xcac1, 0xcac2, 0xcac3, 0xcac4];

interface Chunk {
  readonly kind: number;
  readonly blocks: number;
  readonly data?: Uint8Array;
  /** In place of the chunk's own. */
  readonly lengthBytes?: number;
}

function image(chunks: readonly Chunk[], headBytes = 28, chunkBytes = 12): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(0xed26ff3a, 0);
  head.writeUInt16LE(1, 4);
  head.writeUInt16LE(headBytes, 8);
  head.writeUInt16LE(chunkBytes, 10);
  head.writeUInt32LE(BLOCK, 12);
  head.writeUInt32LE(
    chunks.reduce((sum, { blocks }) => sum + blocks, 0),
    16,
  );
  head.writeUInt32LE(chunks.length, 20);
  const parts = chunks.flatMap(({ kind, blocks, data = new Uint8Array(0), lengthBytes }) => {
    const header = Buffer.alloc(chunkBytes);
    header.writeUInt16LE(kind, 0);
    header.writeUInt32LE(blocks, 4);
    header.writeUInt32LE(lengthBytes ?? chunkBytes + data.length, 8);
    return [header, data];
  });
  return Buffer.concat([head, ...parts]);
}

const content = diskContent(3 * BLOCK, 'simg');
const fill = Buffer.from('fill');
/** Every kind of chunk: 3 blocks of data, 600 filled ones, 5 that are left out, 2 of zeros, 1 of data. */
const CHUNKS: readonly Chunk[] = [
  { kind: RAW, blocks: 3, data: content },
  { kind: FILL, blocks: 600, data: fill },
  { kind: DONT_CARE, blocks: 5 },
  { kind: CRC, blocks: 0, data: Buffer.alloc(4) },
  { kind: FILL, blocks: 2, data: Buffer.alloc(4) },
  { kind: RAW, blocks: 1, data: content.subarray(0, BLOCK) },
];
const disk = Buffer.concat([
  content,
  Buffer.alloc(600 * BLOCK, fill),
  Buffer.alloc(7 * BLOCK),
  content.subarray(0, BLOCK),
]);

test('simg: what img2simg writes of a disk with blocks that repeat', { skip: noTools }, () =>
  inDirectory(async (directory) => {
    const [raw, path] = [join(directory, 'raw'), join(directory, 'disk.simg')];
    const truth = Buffer.concat([disk, diskContent(3 * MIB, 'simg made')]);
    await writeFile(raw, truth);
    await run('img2simg', [raw, path]);
    await opened(path, async (found) => {
      await sameContent(found, truth, 'img2simg');
      assert.deepEqual([found.layer.format, found.layer.version], ['simg', '1']);
      assert.equal(found.layer.clusterBytes, BLOCK);
      const { physicalBytes } = found.layer.files[0] ?? {};
      assert.equal((await found.layer.inspect?.())?.watermarkBytes, physicalBytes);
    });
  }),
);

test('simg: all kinds of chunks, headers of more bytes, as simg2img reads them', () =>
  inDirectory(async (directory) => {
    for (const [headBytes, chunkBytes] of [
      [28, 12],
      [40, 20],
    ] as const) {
      const path = join(directory, `${headBytes}.simg`);
      await writeFile(path, image(CHUNKS, headBytes, chunkBytes));
      await opened(path, async (found) => {
        await sameContent(found, disk, `headers of ${headBytes} and ${chunkBytes}`);
        assert.deepEqual(
          (await extentsOf(found)).map(({ kind, lengthBytes }) => `${kind} ${lengthBytes / BLOCK}`),
          [
            'data 3',
            'compressed 256',
            'compressed 256',
            'compressed 88',
            'backing 5',
            'zero 2',
            'data 1',
          ],
        );
      });
    }
  }));

test('simg: all kinds of chunks are what simg2img reads', { skip: noTools }, () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'sound.simg');
    // simg2img compares the checksum, which is not that of this disk.
    await writeFile(path, image(CHUNKS.filter(({ kind }) => kind !== CRC)));
    await run('simg2img', [path, `${path}.raw`]);
    const disk = await readFile(`${path}.raw`);
    await opened(path, (found) => sameContent(found, disk, 'as simg2img reads it'));
  }),
);

test('simg: what no writer says is an error with a code', async () => {
  const sound = image(CHUNKS);
  assert.equal(await outcome(sound), 'read');
  const cases: readonly (readonly [string, ErrorCode | 'read', number, number])[] = [
    ['version 2', 'UNSUPPORTED_FEATURE', 4, 2],
    ['a header of 27 bytes', 'OUT_OF_BOUNDS', 8, 27 + 12 * 65536],
    ['headers of chunks of 11 bytes', 'OUT_OF_BOUNDS', 8, 28 + 11 * 65536],
    ['blocks of 0 bytes', 'OUT_OF_BOUNDS', 12, 0],
    ['blocks of 4098 bytes', 'INVALID', 12, 4098],
    ['blocks of 4 GiB', 'OUT_OF_BOUNDS', 12, 0xfffffffc],
    ['a disk of more than its chunks', 'INVALID', 16, 612],
    ['a disk of less than its chunks', 'OUT_OF_BOUNDS', 16, 609],
    ['2^32 - 1 chunks', 'OUT_OF_BOUNDS', 20, 0xffffffff],
    ['a chunk more than there are', 'TRUNCATED', 20, 7],
    ['a chunk of no kind', 'INVALID', 28, 0xcac5],
    ['a chunk of 2^32 - 1 blocks', 'OUT_OF_BOUNDS', 32, 0xffffffff],
    ['a chunk of another size', 'INVALID', 36, 12],
  ];
  for (const [what, code, offset, value] of cases) {
    const bytes = Buffer.from(sound);
    bytes.writeUInt32LE(value, offset);
    assert.equal(await outcome(bytes, 'simg'), code, what);
  }
});

test('simg: an image that was cut off anywhere is TRUNCATED', async () => {
  const sound = image(CHUNKS);
  for (const length of [20, 28, 39, 5000, 12_328, sound.length - 4096, sound.length - 1]) {
    assert.equal(await outcome(sound.subarray(0, length), 'simg'), 'TRUNCATED', `${length} bytes`);
  }
});

test('simg: whatever is changed, there is content or a code', async () => {
  const sound = image(CHUNKS);
  for (let i = 0; i < 300; i++) await outcome(mutated(sound, `simg ${i}`, 60), 'simg');
});

test('simg: 16 TiB of four bytes are read at once in any place', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'disk.simg');
    await writeFile(path, image([{ kind: FILL, blocks: 2 ** 32 - 1, data: fill }]));
    await opened(path, async ({ content: huge }) => {
      const bytes = await huge.read(2 ** 43 + 1, 7);
      assert.equal(Buffer.from(bytes).toString(), 'illfill');
    });
  }));
