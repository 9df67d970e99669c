// zstd: what is refused and how, how little is read, and hostile files (hostile-image class S10).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openDisks } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { random } from '../random.js';
import { missing } from '../tools.js';
import { content, inFolder, mutations, outcome } from './wrapper-files.js';

const noZstd = missing({ zstd: 'zstd', pzstd: 'zstd' });
const MIB = 1024 * 1024;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** A frame of one run of a byte; `contentBytes` is what it says that it holds, if it does. */
function frame(lengthBytes: number, contentBytes: bigint | null = null): Buffer {
  const field = Buffer.alloc(contentBytes === null ? 0 : 8);
  if (contentBytes !== null) field.writeBigUInt64LE(contentBytes);
  const block = Buffer.alloc(lengthBytes === 0 ? 3 : 4, 7);
  block.writeUIntLE(lengthBytes === 0 ? 1 : lengthBytes * 8 + 2 + 1, 0, 3);
  const head = [...MAGIC, contentBytes === null ? 0 : 0xc0, 0x38];
  return Buffer.concat([Buffer.from(head), field, block]);
}

function skippable(kind: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind, 0);
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data]);
}

function announced(bytes: Buffer, length = bytes.length): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(length);
  return Buffer.concat([skippable(0, data), bytes]);
}

/** The table of the seekable format, with a count and flags as told. */
function seekTable(sizes: readonly number[], count = sizes.length / 2, flags = 0): Buffer {
  const data = Buffer.alloc(sizes.length * 4 + 9);
  for (const [i, size] of sizes.entries()) data.writeUInt32LE(size, i * 4);
  data.writeUInt32LE(count, sizes.length * 4);
  data[sizes.length * 4 + 4] = flags;
  data.writeUInt32LE(0x8f92eab1, sizes.length * 4 + 5);
  return skippable(14, data);
}

test('one large frame is read forward', { skip: noZstd }, () =>
  inFolder(async ({ path, shell }) => {
    await shell('truncate -s 70M disk; zstd -qk disk; zstd -qc < disk > streamed.zst');
    for (const name of ['disk.zst', 'streamed.zst']) {
      assert.equal(await outcome(path(name)), 'read');
    }
  }),
);

test('frames that lie about what they hold, and bombs', () =>
  inFolder(async ({ path, write }) => {
    const of = async (...parts: readonly Uint8Array[]): Promise<string> => {
      await write('a.zst', Buffer.concat(parts));
      return outcome(path('a.zst'));
    };
    const good = frame(1000, 1000n);
    assert.equal(await of(good, good, skippable(3, Buffer.from('anything'))), 'read');
    assert.equal(await of(good, frame(1000, 999n)), 'INVALID');
    assert.equal(await of(good, frame(1000, 1001n)), 'INVALID');
    assert.equal(await of(good, frame(1000, 1n << 40n)), 'INVALID');
    assert.equal(await of(good, frame(1000, (1n << 64n) - 1n)), 'OUT_OF_BOUNDS');
    assert.equal(await of(good, frame(1000), frame(0)), 'read');
    assert.equal(await of(good, good.subarray(0, 16)), 'TRUNCATED');
    assert.equal(await of(good, Buffer.from('no frame at all')), 'BAD_MAGIC');
    assert.equal(await of(good, skippable(0, Buffer.alloc(4)).subarray(0, 11)), 'OUT_OF_BOUNDS');
    // 128 KiB from ten bytes, two thousand times: more frames than are measured before a file is read forward.
    assert.equal(await of(...Array(2000).fill(frame(131_072))), 'read');
  }));

test('what pzstd announces is checked where it is read', () =>
  inFolder(async ({ path, write }) => {
    const of = async (...parts: readonly Uint8Array[]): Promise<string> => {
      await write('a.zst', Buffer.concat(parts));
      return outcome(path('a.zst'));
    };
    const [large, small, empty] = [frame(5000), frame(300), frame(0)].map((one) => announced(one));
    assert.ok(large !== undefined && small !== undefined && empty !== undefined);
    assert.equal(await of(large, large, large, small), 'read');
    assert.equal(await of(large, empty), 'read');
    assert.equal(await of(large, small, large, small), 'INVALID', 'one between is shorter');
    assert.equal(await of(large, announced(frame(5000), 2 ** 31)), 'OUT_OF_BOUNDS');
    assert.equal(await of(large, announced(frame(5000), 7), large), 'BAD_MAGIC');
  }));

test('a seek table that lies', () =>
  inFolder(async ({ path, write }) => {
    const bytes = frame(1000);
    const of = async (...args: Parameters<typeof seekTable>): Promise<string> => {
      await write('a.zst', Buffer.concat([bytes, bytes, seekTable(...args)]));
      return outcome(path('a.zst'));
    };
    const { length } = bytes;
    assert.equal(await of([length, 1000, length, 1000]), 'read');
    assert.equal(await of([length, 1000, length, 999]), 'INVALID');
    assert.equal(await of([length, 1000, length, 1001]), 'INVALID');
    assert.equal(await of([length, 1000, 60_000, 1000]), 'OUT_OF_BOUNDS');
    assert.equal(await of([length, 1000, length, 2 ** 32 - 1]), 'LIMIT');
    assert.equal(await of([length, 1000], 2 ** 32 - 1), 'OUT_OF_BOUNDS');
    assert.equal(await of([length, 1000], 1000), 'OUT_OF_BOUNDS');
    assert.equal(await of([length, 1000], 1, 4), 'INVALID', 'a reserved bit');
    assert.equal(await of([length, 1000, 0], 1, 0x80), 'read', 'with a checksum');
  }));

test('a read of a few bytes takes one frame', { skip: noZstd }, () =>
  inFolder(async ({ path, write, shell }) => {
    const disk = content(8 * MIB, random('blocks'));
    await write('disk', disk);
    await shell('split -b 131072 --filter "cat > part; zstd -q -c part" disk > disk.zst');
    const scope = openScope();
    const [only] = await openDisks(path('disk.zst'), { format: 'auto', scope });
    const before = scope.statistics.bytesRead;
    const bytes = await only?.content.read(5 * MIB, 1000);
    assert.ok(bytes !== undefined);
    assert.equal(Buffer.compare(bytes, disk.subarray(5 * MIB, 5 * MIB + 1000)), 0);
    assert.ok(scope.statistics.bytesRead - before < 256 * 1024);
    await scope.close();
  }),
);

test('bytes changed at random give errors with codes, or content', { skip: noZstd }, () =>
  inFolder(async ({ path, write, shell }) => {
    const next = random('zstd mutations');
    await write('disk', content(200_000, next));
    await shell('zstd -qk disk; pzstd -q -1 -kc disk > p.zst; zstd -qc < disk > streamed.zst');
    const outcomes = new Set<string>();
    for (const name of ['disk.zst', 'p.zst', 'streamed.zst']) {
      for (const bytes of mutations(await readFile(path(name)), 100, next)) {
        await write('changed', bytes);
        outcomes.add(await outcome(path('changed'), 'zstd'));
      }
    }
    assert.ok(outcomes.has('INVALID') && outcomes.has('TRUNCATED'), [...outcomes].join(', '));
  }),
);
