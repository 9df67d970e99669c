// xz: what is refused and how, how little is read, and hostile files (hostile-image classes S10, S11).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { openDisks } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { random } from '../random.js';
import { missing } from '../tools.js';
import { content, inFolder, mutations, outcome, withDisks } from './wrapper-files.js';

const noXz = missing({ xz: 'xz-utils' });
const MIB = 1024 * 1024;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Seven bits each; a bigint, for what no number is. */
function vli(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) + 128, ...vli(value >> 7n)];
}

/** A stream around blocks as given, with an index that says what it is told to. */
function stream(
  blocks: Uint8Array,
  records: readonly bigint[],
  count = BigInt(records.length / 2),
) {
  const flags = Buffer.from([0, 0]);
  const index = Buffer.from([0, ...vli(count), ...records.flatMap(vli)]);
  const padded = Buffer.concat([index, Buffer.alloc((4 - (index.length % 4)) % 4)]);
  const backward = Buffer.concat([u32(padded.length / 4), flags]);
  return Buffer.concat([
    Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    flags,
    u32(crc32(flags)),
    blocks,
    padded,
    u32(crc32(padded)),
    u32(crc32(backward)),
    backward,
    Buffer.from('YZ'),
  ]);
}

/** A block of LZMA2 that stores its bytes as they are. */
function block(data: Uint8Array, filters: readonly number[] = [0x21, 1, 0x16]): Buffer {
  const fields = [0, 0, ...filters];
  const header = Buffer.alloc(Math.ceil(fields.length / 4) * 4);
  Buffer.from(fields).copy(header);
  header[0] = header.length / 4;
  const chunk = Buffer.from([1, (data.length - 1) >> 8, (data.length - 1) & 255, ...data, 0]);
  return Buffer.concat([header, u32(crc32(header)), chunk]);
}

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

test('one large block is refused with the commands to run', { skip: noXz }, () =>
  inFolder(async ({ path, shell }) => {
    await shell('head -c 70000000 /dev/zero | xz -0c > disk.xz');
    const work = withDisks(path('disk.xz'), () => null);
    await assert.rejects(work, { code: 'UNSUPPORTED_FORMAT', message: /xz -dk .*--block-size/u });
  }),
);

test('filters of programs and large dictionaries are refused by their names', { skip: noXz }, () =>
  inFolder(async ({ path, write, shell }) => {
    await write('disk', content(100_000, random('filters')));
    await shell('xz -k -c --x86 --lzma2 disk > a.xz; xz -k -c --delta --lzma2 disk > b.xz');
    await shell('xz -k -c --lzma2=preset=1,dict=128MiB disk > c.xz');
    const read = (name: string) => withDisks(path(name), ([disk]) => disk?.content.read(0, 1));
    await assert.rejects(read('a.xz'), { code: 'UNSUPPORTED_FEATURE', message: /x86/u });
    await assert.rejects(read('b.xz'), { code: 'UNSUPPORTED_FEATURE', message: /delta/u });
    await assert.rejects(read('c.xz'), { code: 'LIMIT', message: /64 MiB/u });
  }),
);

test('an index that lies: huge sizes, huge counts, other sizes than the blocks have', () =>
  inFolder(async ({ path, write }) => {
    const of = async (...args: Parameters<typeof stream>): Promise<string> => {
      await write('a.xz', stream(...args));
      return outcome(path('a.xz'));
    };
    const one = block(Buffer.alloc(1000, 'x'));
    const bytes = padded(one);
    const unpadded = BigInt(one.length);
    assert.equal(await of(bytes, [unpadded, 1000n]), 'read');
    assert.equal(await of(bytes, [unpadded, 999n]), 'INVALID');
    assert.equal(await of(bytes, [unpadded, 1001n]), 'INVALID');
    assert.equal(await of(bytes, [unpadded, 1n << 62n]), 'OUT_OF_BOUNDS');
    assert.equal(await of(bytes, [1n << 62n, 1000n]), 'OUT_OF_BOUNDS');
    assert.equal(await of(bytes, [unpadded, 1n << 40n]), 'UNSUPPORTED_FORMAT');
    assert.equal(await of(bytes, [unpadded + 4000n, 1000n]), 'INVALID');
    assert.equal(await of(bytes, [unpadded, 1000n], 1n << 62n), 'OUT_OF_BOUNDS');
    assert.equal(await of(bytes, [unpadded, 1000n], 3n), 'INVALID');
    assert.equal(await of(bytes, [unpadded, 1n << 63n], 1n), 'INVALID');
    assert.equal(await of(Buffer.alloc(0), []), 'read');
    const next = block(Buffer.alloc(9), [0x0b, 0]);
    assert.equal(await of(padded(next), [BigInt(next.length), 9n]), 'UNSUPPORTED_FEATURE');
  }));

test(
  'a block larger than the cache is decompressed once for reads one behind the other',
  { skip: noXz },
  () =>
    inFolder(async ({ path, shell }) => {
      await shell('head -c 40000000 /dev/zero | xz -0c > disk.xz');
      const scope = openScope({ maxReadBytes: 100 * MIB });
      const [disk] = await openDisks(path('disk.xz'), { format: 'auto', scope });
      // A second decompression of the 40 MB, and a third, would be more than the budget.
      for (let i = 0; i < 50; i++) await disk?.content.read(i * 500_000, 4096);
      await scope.close();
    }),
);

test('a read of a few bytes takes one block', { skip: noXz }, () =>
  inFolder(async ({ path, write, shell }) => {
    const disk = content(8 * MIB, random('blocks'));
    await write('disk', disk);
    await shell('xz -0 -k --block-size=128KiB disk');
    const scope = openScope();
    const [only] = await openDisks(path('disk.xz'), { format: 'auto', scope });
    const before = scope.statistics.bytesRead;
    const bytes = await only?.content.read(5 * MIB, 1000);
    assert.ok(bytes !== undefined);
    assert.equal(Buffer.compare(bytes, disk.subarray(5 * MIB, 5 * MIB + 1000)), 0);
    assert.ok(scope.statistics.bytesRead - before < 256 * 1024);
    await scope.close();
  }),
);

test('bytes changed at random give errors with codes, or content', { skip: noXz }, () =>
  inFolder(async ({ path, write, shell }) => {
    const next = random('xz mutations');
    await write('disk', content(200_000, next));
    await shell('xz -0 -k --block-size=50000 disk; xz -0 -kc --check=none disk > none.xz');
    const outcomes = new Set<string>();
    for (const name of ['disk.xz', 'none.xz']) {
      for (const bytes of mutations(await readFile(path(name)), 150, next)) {
        await write('changed', bytes);
        outcomes.add(await outcome(path('changed'), 'xz'));
      }
    }
    for (const code of ['INVALID', 'BAD_CHECKSUM', 'BAD_MAGIC']) {
      assert.ok(outcomes.has(code), `${code} is not among ${[...outcomes].join(', ')}`);
    }
  }),
);
