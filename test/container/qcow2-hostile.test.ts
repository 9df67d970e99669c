// qcow2 images whose header, tables and streams say what no writer says: each is an error with a code, soon.
// The header cases are those of QEMU's tests/qemu-iotests/080 and of the hostile-image classes S6, S8 and S10.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { inWorkshop, noQemu, withBytes, withDisk } from './images.js';
import { CODE, type Fields, qcow2Image } from './qcow2-header.js';

const MAX_MILLISECONDS = 1000;
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

type Poke = readonly [offset: number, width: 1 | 4 | 8, value: bigint];

function poked(image: Uint8Array, pokes: readonly Poke[]): Uint8Array {
  const bytes = Buffer.from(image);
  for (const [offset, width, value] of pokes) {
    const hex = value.toString(16).padStart(width * 2, '0');
    bytes.write(hex, offset, 'hex');
  }
  return bytes;
}

/** Opens the image and reads all of its disk; the code, or `read`. */
function outcome(image: Uint8Array): Promise<ErrorCode | 'read'> {
  return outcomeOf(() => withBytes(image, readAll));
}

async function outcomeOf(work: () => Promise<void>): Promise<ErrorCode | 'read'> {
  const spentMs = cpuTime();
  try {
    await work();
    return 'read';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  } finally {
    assert.ok(spentMs() < MAX_MILLISECONDS, 'took too long');
    assert.ok(process.memoryUsage.rss() < MAX_MEMORY_BYTES, 'took too much memory');
  }
}

async function readAll(disk: ByteSource): Promise<void> {
  const last = Math.max(0, disk.sizeBytes - 65536);
  for (const offset of [0, last]) await disk.read(offset, Math.min(65536, disk.sizeBytes));
}

/** A second cluster 3, so that entries can point at data. */
const sound: Fields = { clusterBits: 12, clusters: new Uint8Array(8192).fill(0x61) };
const C = 4096n;

const HEADERS: readonly (readonly [string, ErrorCode | 'read', readonly Poke[]])[] = [
  ['version 0', 'UNSUPPORTED_FORMAT', [[4, 4, 0n]]],
  ['version 1 (qcow)', 'UNSUPPORTED_FORMAT', [[4, 4, 1n]]],
  ['version 4', 'UNSUPPORTED_FORMAT', [[4, 4, 4n]]],
  ['huge header length', 'OUT_OF_BOUNDS', [[100, 4, 0xffffffffn]]],
  ['header length 2^31 - 1', 'OUT_OF_BOUNDS', [[100, 4, 0x7fffffffn]]],
  ['header length 103', 'OUT_OF_BOUNDS', [[100, 4, 103n]]],
  [
    'huge unknown extension',
    'OUT_OF_BOUNDS',
    [
      [104, 4, 0x12345678n],
      [108, 4, 0x7fffffffn],
    ],
  ],
  [
    'huge backing format',
    'OUT_OF_BOUNDS',
    [
      [104, 4, BigInt(CODE.backingFormat)],
      [108, 4, 300n],
    ],
  ],
  [
    'huge data file name',
    'OUT_OF_BOUNDS',
    [
      [104, 4, BigInt(CODE.dataFile)],
      [108, 4, 1024n],
    ],
  ],
  ['cluster bits 0', 'OUT_OF_BOUNDS', [[20, 4, 0n]]],
  ['cluster bits 8', 'OUT_OF_BOUNDS', [[20, 4, 8n]]],
  ['cluster bits 22', 'OUT_OF_BOUNDS', [[20, 4, 22n]]],
  ['cluster bits 63', 'OUT_OF_BOUNDS', [[20, 4, 63n]]],
  ['cluster bits 2^32 - 1', 'OUT_OF_BOUNDS', [[20, 4, 0xffffffffn]]],
  ['refcount order 7', 'OUT_OF_BOUNDS', [[96, 4, 7n]]],
  // Reading needs no reference counts and no snapshots, so what is wrong with them does not matter.
  [
    'refcount table anywhere',
    'read',
    [
      [48, 8, 0xffffffffffffffffn],
      [56, 4, 0xffffffffn],
    ],
  ],
  ['refcount table misaligned', 'read', [[48, 8, 0x12345678n]]],
  [
    '2^32 - 1 snapshots',
    'read',
    [
      [60, 4, 0xffffffffn],
      [64, 8, 0xffffffffffffffffn],
    ],
  ],
  ['dirty and corrupt', 'read', [[72, 8, 3n]]],
  ['L1 table of 2^32 - 1 entries', 'OUT_OF_BOUNDS', [[36, 4, 0xffffffffn]]],
  ['L1 table of 2^31 - 1 entries', 'OUT_OF_BOUNDS', [[36, 4, 0x7fffffffn]]],
  ['L1 table of 0 entries', 'INVALID', [[36, 4, 0n]]],
  ['L1 table misaligned', 'INVALID', [[40, 8, 0x801n]]],
  ['L1 table behind the end', 'OUT_OF_BOUNDS', [[40, 8, 1n << 40n]]],
  ['L1 table at 2^64 - cluster', 'OUT_OF_BOUNDS', [[40, 8, 0xfffffffffffff000n]]],
  ['disk that the L1 table does not cover', 'INVALID', [[24, 8, 1n << 40n]]],
  ['disk of 2^53 bytes', 'OUT_OF_BOUNDS', [[24, 8, 1n << 53n]]],
  ['disk of 2^63 bytes', 'OUT_OF_BOUNDS', [[24, 8, 1n << 63n]]],
  ['disk of 2^64 - 1 bytes', 'OUT_OF_BOUNDS', [[24, 8, 0xffffffffffffffffn]]],
  ['disk of 0 bytes', 'read', [[24, 8, 0n]]],
  [
    'backing name of 2^32 - 1 bytes',
    'OUT_OF_BOUNDS',
    [
      [8, 8, 0x200n],
      [16, 4, 0xffffffffn],
    ],
  ],
  [
    'backing name of 2^31 - 1 bytes',
    'OUT_OF_BOUNDS',
    [
      [8, 8, 0x200n],
      [16, 4, 0x7fffffffn],
    ],
  ],
  [
    'backing name over the cluster',
    'OUT_OF_BOUNDS',
    [
      [8, 8, 4000n],
      [16, 4, 200n],
    ],
  ],
  [
    'backing name behind the cluster',
    'OUT_OF_BOUNDS',
    [
      [8, 8, 1n << 32n],
      [16, 4, 5n],
    ],
  ],
  [
    'backing name within the header',
    'NOT_ALLOWED',
    [
      [8, 8, 4n],
      [16, 4, 8n],
    ],
  ],
  ['AES', 'ENCRYPTED', [[32, 4, 1n]]],
  ['LUKS without a header', 'INVALID', [[32, 4, 2n]]],
  ['encryption 3', 'OUT_OF_BOUNDS', [[32, 4, 3n]]],
  ['incompatible feature 5', 'UNSUPPORTED_FEATURE', [[72, 8, 0x20n]]],
  ['incompatible feature 63', 'UNSUPPORTED_FEATURE', [[72, 8, 1n << 63n]]],
  ['extended L2 with small clusters', 'INVALID', [[72, 8, 0x10n]]],
  ['other compression that is not named', 'INVALID', [[72, 8, 8n]]],
  ['raw data file without a data file', 'read', [[88, 8, 2n]]],
  ['L2 table misaligned', 'INVALID', [[4096, 8, 0x2200n]]],
  ['L2 table behind the end', 'OUT_OF_BOUNDS', [[4096, 8, 0x00ffffffffff0000n]]],
  ['no L2 table', 'read', [[4096, 8, 0n]]],
  ['cluster with reserved bits, behind the end', 'OUT_OF_BOUNDS', [[8192, 8, 0xbfffffffffff0000n]]],
  ['cluster misaligned', 'INVALID', [[8192, 8, 0x3200n]]],
  ['cluster behind the end', 'TRUNCATED', [[8192, 8, 0x40000000n]]],
  ['cluster that is the L2 table itself', 'read', [[8192, 8, 0x2000n]]],
  ['compressed cluster behind the end', 'OUT_OF_BOUNDS', [[8192, 8, 0x7fffffffffffffffn]]],
  ['compressed cluster that is no stream', 'INVALID', [[8192, 8, (1n << 62n) | 0x3000n]]],
];

test('every poke into the header and the tables gives its code within a second', async () => {
  const image = qcow2Image(sound);
  assert.equal(await outcome(image), 'read');
  for (const [name, expected, pokes] of HEADERS) {
    assert.equal(await outcome(poked(image, pokes)), expected, name);
  }
});

test('bytes behind a version 2 header are no feature bits, and it knows no zero clusters', async () => {
  const image = qcow2Image({ ...sound, version: 2, entries: [C * 3n] });
  assert.equal(
    await outcome(
      poked(image, [
        [72, 4, 0n],
        [80, 8, 0xffffffffffffffffn],
      ]),
    ),
    'read',
  );
  assert.equal(await outcome(poked(image, [[8192, 8, C * 3n + 1n]])), 'INVALID');
});

test('compression type and feature bit must agree', async () => {
  const of = (compressionType: number, incompatible: bigint) =>
    outcome(qcow2Image({ ...sound, compressionType, incompatible }));
  assert.equal(await of(0, 0n), 'read');
  assert.equal(await of(1, 8n), 'read');
  assert.equal(await of(1, 0n), 'INVALID');
  assert.equal(await of(0, 8n), 'INVALID');
  assert.equal(await of(2, 8n), 'UNSUPPORTED_FEATURE');
});

test('an unknown feature is refused by the name that the image gives it', async () => {
  const table = Buffer.alloc(48 * 3);
  table.set([0, 0], 0);
  table.write('dirty bit', 2);
  table.set([1, 9], 48);
  table.write('harmless', 50);
  table.set([0, 9], 96);
  table.write('holographic\u001b[2J', 98);
  const extensions = [[CODE.featureNames, table]] as const;
  const image = qcow2Image({ ...sound, incompatible: 0x201n, extensions });
  await assert.rejects(withBytes(image, readAll), {
    code: 'UNSUPPORTED_FEATURE',
    message:
      'qcow2: the image needs incompatible features 0x200, which the image calls "holographic\ufffd[2J"',
  });
});

test('hundreds of empty extensions are a limit, and they end at the first cluster', async () => {
  const many = (count: number) =>
    Array.from({ length: count }, () => [0x11111111, new Uint8Array(0)] as const);
  assert.equal(await outcome(qcow2Image({ ...sound, extensions: many(200) })), 'read');
  assert.equal(await outcome(qcow2Image({ ...sound, extensions: many(300) })), 'LIMIT');
  const full = qcow2Image({ clusterBits: 9, extensions: many(51) });
  assert.equal(await outcome(full), 'read');
});

test('zeros that no file has are limited as reads are', async () => {
  const C16 = 2 ** 16;
  const image = qcow2Image({ clusterBits: 16, sizeBytes: 2n ** 29n, entries: [1n, 1n] });
  await inWorkshop(async ({ path }) => {
    await writeFile(path('zeros'), image);
    for (const offset of [0, 2 * C16]) {
      const scope = openScope({ maxReadBytes: 8 * C16 });
      const { content } = await openDisk(path('zeros'), { format: 'qcow2', scope });
      const read = async () => {
        for (let i = 0; i < 8; i++) await content.read(offset, 2 * C16);
      };
      await assert.rejects(read, { code: 'LIMIT' });
      await scope.close();
    }
  });
});

test('a cluster that the end of the file cuts off goes on with zeros', async () => {
  const image = qcow2Image({ ...sound, clusters: new Uint8Array(5000).fill(7), entries: [C * 4n] });
  await withBytes(image, async (disk) => {
    const bytes = await disk.read(0, 4096);
    assert.equal(bytes.lastIndexOf(7), 5000 - 4096 - 1);
  });
});

test('subclusters: both bits, or allocated in no cluster, are invalid where they are read', async () => {
  const clusterBits = 14;
  const of = (descriptor: bigint, bitmap: bigint) =>
    qcow2Image({
      clusterBits,
      sizeBytes: 1n << 14n,
      incompatible: 16n,
      clusters: new Uint8Array(1 << 14).fill(5),
      entries: [descriptor, bitmap],
    });
  const host = 3n << 14n;
  assert.equal(await outcome(of(host, 1n | (1n << 33n))), 'read');
  assert.equal(await outcome(of(host, 1n | (1n << 32n))), 'INVALID');
  assert.equal(await outcome(of(0n, 1n)), 'INVALID');
  await withBytes(of(host, 1n | (1n << 33n)), async (disk) => {
    assert.deepEqual([...(await disk.read(511, 2))], [5, 0]);
  });
});

/** An image whose first cluster is compressed: the stream stands at `gap` in cluster 3, and ends the file. */
function compressed(stream: Uint8Array, fields: Fields = {}, gap = 0): Uint8Array {
  const { clusterBits = 12 } = fields;
  const clusterBytes = 2 ** clusterBits;
  const start = 3 * clusterBytes + gap;
  const sectors = Math.floor((start + stream.length - 1) / 512) - Math.floor(start / 512);
  const entry = (1n << 62n) | (BigInt(sectors) << BigInt(62 - (clusterBits - 8))) | BigInt(start);
  const clusters = Buffer.concat([new Uint8Array(gap), stream]);
  return qcow2Image({ ...fields, clusterBits, clusters, entries: [entry] });
}

test('deflate: too much, too little, cut off, damaged, a bomb', async () => {
  const stream = deflateRawSync(Buffer.alloc(4096, 'words and words '), { level: 9 });
  assert.equal(await outcome(compressed(stream, {}, 100)), 'read');
  assert.equal(await outcome(compressed(deflateRawSync(Buffer.alloc(4095, 1)))), 'INVALID');
  assert.equal(await outcome(compressed(deflateRawSync(Buffer.alloc(4097, 1)))), 'INVALID');
  // The file ends with it: it is cut. Where the file goes on, the stream is wrong.
  const cut = stream.subarray(0, stream.length - 4);
  assert.equal(await outcome(compressed(cut)), 'TRUNCATED');
  assert.equal(await outcome(compressed(Buffer.concat([cut, Buffer.alloc(1024)]))), 'INVALID');
  const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
  assert.equal(await outcome(compressed(bomb.subarray(0, 8000))), 'INVALID');
  const bigBomb = compressed(bomb, { clusterBits: 21, sizeBytes: 1n << 21n });
  assert.equal(await outcome(bigBomb), 'INVALID');
});

/** A frame by hand: no checksum, a window descriptor, blocks as given. */
function zstdFrame(windowDescriptor: number, blocks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, windowDescriptor]), ...blocks]);
}

function zstdBlock(kind: number, size: number, data: Uint8Array, isLast = true): Uint8Array {
  const head = size * 8 + kind * 2 + (isLast ? 1 : 0);
  return Buffer.concat([Buffer.from([head % 256, Math.floor(head / 256) % 256, head >> 16]), data]);
}

test('zstd: frames of all kinds, what follows them, bombs and lies', async () => {
  const fields = { compressionType: 1, incompatible: 8n };
  const of = (stream: Uint8Array, more: Fields = {}) =>
    outcome(compressed(stream, { ...fields, ...more }, 77));
  const run = (size: number, isLast = true) => zstdBlock(1, size, Buffer.from([9]), isLast);
  const whole = zstdFrame(0x10, [run(4096)]);
  assert.equal(await of(whole), 'read');
  assert.equal(await of(Buffer.concat([whole, Buffer.alloc(40, 0x55)])), 'read');
  assert.equal(await of(Buffer.concat([whole, whole])), 'read');
  const halves = [zstdFrame(0x10, [run(2000, false), run(48)]), zstdFrame(0x10, [run(2048)])];
  assert.equal(await of(Buffer.concat(halves)), 'read');
  assert.equal(await of(zstdFrame(0x10, [run(4097)])), 'INVALID');
  assert.equal(await of(zstdFrame(0x10, [run(4095)])), 'TRUNCATED');
  assert.equal(await of(zstdFrame(0xff, [run(4096)])), 'INVALID');
  assert.equal(await of(zstdFrame(0x10, [zstdBlock(3, 0, new Uint8Array(0))])), 'OUT_OF_BOUNDS');
  // The file ends within the block.
  assert.equal(await of(zstdFrame(0x10, [zstdBlock(0, 5000, new Uint8Array(9))])), 'TRUNCATED');
  assert.equal(await of(zstdFrame(0x10, [run(0)])), 'INVALID');
  assert.equal(await of(Buffer.from('this is no frame')), 'BAD_MAGIC');
  const hugeHead = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, ...Array(8).fill(0xff)];
  const hugeContent = Buffer.from([...hugeHead, 3, 0, 0, 9]);
  assert.equal(await of(hugeContent), 'INVALID');
  const many = Array.from({ length: 30_000 }, (_, i) => run(128 * 1024, i === 29_999));
  assert.equal(await of(zstdFrame(0x60, many), { clusterBits: 21, sizeBytes: 1n << 21n }), 'LIMIT');
});

test('zstd: hundreds of thousands of frames of one byte are a limit', async () => {
  const frame = zstdFrame(0x10, [zstdBlock(1, 1, Buffer.from([9]))]);
  const stream = Buffer.concat(Array.from({ length: 300_000 }, () => frame));
  const fields = { compressionType: 1, incompatible: 8n, clusterBits: 21, sizeBytes: 1n << 21n };
  assert.equal(await outcome(compressed(stream, fields)), 'LIMIT');
});

/** AES, since making a LUKS image measures the machine's speed, which fails on a busy one. */
test('an image encrypted by QEMU is refused by the name of its encryption', { skip: noQemu }, () =>
  inWorkshop(async ({ img, path }) => {
    const secret = ['--object', 'secret,id=key,data=secret'];
    const aes = 'encrypt.format=aes,encrypt.key-secret=key';
    await img('create', '-q', ...secret, '-f', 'qcow2', '-o', aes, 'disk', '1M');
    await assert.rejects(withDisk(path('disk'), readAll), { code: 'ENCRYPTED', message: /AES/u });
  }),
);

test('bytes changed at random in all parts of images give errors with codes, or content', () =>
  inWorkshop(async ({ path }) => {
    const stream = deflateRawSync(Buffer.alloc(4096, 'words and words '));
    const clusters = Buffer.concat([Buffer.alloc(4096, 3), stream, Buffer.alloc(9000, 4)]);
    const entries = [3n * C, (1n << 62n) | (4n * C), 1n, 5n * C];
    const images = [
      qcow2Image({ ...sound, clusters, entries }),
      qcow2Image({ ...sound, clusters, entries, version: 2 }),
      qcow2Image({ ...sound, clusters, entries, compressionType: 1, incompatible: 8n }),
      qcow2Image({
        clusters,
        entries: [...entries, ...entries],
        incompatible: 16n,
        clusterBits: 14,
      }),
    ];
    const next = random('qcow2 mutations');
    const outcomes = new Set<string>();
    for (let i = 0; i < 600; i++) {
      const image = Buffer.from(images[i % images.length] ?? []);
      for (let count = 1 + next(3); count > 0; count--) {
        const start = [0, 4096, 8192, next(image.length)][next(4)] ?? 0;
        image[Math.min(start + next(120), image.length - 1)] = next(256);
      }
      const length = i % 10 === 0 ? next(image.length) : image.length;
      await writeFile(path('disk'), image.subarray(0, length));
      outcomes.add(await outcomeOf(() => withDisk(path('disk'), readAll)));
    }
    for (const code of ['read', 'INVALID', 'OUT_OF_BOUNDS', 'BAD_MAGIC']) {
      assert.ok(outcomes.has(code), `${code} is not among ${[...outcomes].join(', ')}`);
    }
  }));
