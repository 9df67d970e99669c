// VHDX: what is told of a layer, which parents are opened, and images that say what no writer says.
import assert from 'node:assert/strict';
import { open, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { layersOf } from '../../src/container/container.js';
import type { ErrorCode } from '../../src/errors.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import { inDirectory, opened, outcome, outcomeOf } from './block-images.js';
import {
  AT,
  type Block,
  guidBytes,
  HEADER_BYTES,
  HEADERS,
  ITEM,
  MIB,
  REGION_TABLES,
  SOME_GUID,
  sealed,
  TABLE_BYTES,
  type VhdxFields,
  vhdxImage,
} from './vhdx-image.js';
import { mutationOutcomes, pattern, QEMU, withImage } from './vpc-tools.js';

const noQemu = missing(QEMU);
const BASE_GUID = 'aabbccdd-0011-2233-4455-66778899aabb';
const full = (seed: string): Block => ({ state: 6, data: pattern(MIB, seed) });

test('vhdx: what is told of a layer', async () => {
  const blocks = new Map<number, Block>([
    [0, full('a')],
    [1, full('b')],
    [2, { state: 2 }],
    [3, { state: 5 }],
  ]);
  await withImage(vhdxImage({ sizeBytes: 5 * MIB, blocks }), async ({ layer }) => {
    assert.deepEqual(
      [layer.format, layer.version, layer.uuid, layer.clusterBytes, layer.capacityBytes],
      ['vhdx', 'dynamic', SOME_GUID, MIB, 5 * MIB],
    );
    assert.deepEqual(layer.features, []);
    assert.deepEqual(
      (await layer.map?.(0, 5 * MIB))?.map(({ kind, lengthBytes }) => [kind, lengthBytes / MIB]),
      [
        ['data', 2],
        ['zero', 2],
        ['backing', 1],
      ],
    );
    assert.equal((await layer.inspect?.())?.watermarkBytes, AT.payload + 2 * MIB);
  });
  const large = vhdxImage({ sectorBytes: 4096, flags: 1 });
  await withImage(large, async ({ layer }) => {
    assert.deepEqual([layer.version, layer.features], ['fixed', ['4096-byte-sectors']]);
    assert.equal((await layer.inspect?.())?.watermarkBytes, AT.payload);
  });
});

test(
  'vhdx: a disk of several tables of sectors is read at once, at all places',
  { skip: noQemu },
  () =>
    inDirectory(async (folder) => {
      // A place for a bitmap's entry follows those of each 4 GiB.
      const path = join(folder, 'disk.vhdx');
      await run('qemu-img', ['create', '-q', '-f', 'vhdx', '-o', 'block_size=1M', path, '64T']);
      const places = [0, 4 * 2 ** 30 - 512, 4 * 2 ** 30 + 4096, 9 * 2 ** 40 + 512, 2 ** 46 - 1024];
      const commands = places.flatMap((at, i) => ['-c', `write -P ${i + 1} ${at} 1024`]);
      await run('qemu-io', ['-t', 'unsafe', '-f', 'vhdx', ...commands, path]);
      await opened(path, async ({ content }) => {
        assert.equal(content.sizeBytes, 2 ** 46);
        for (const [i, at] of places.entries()) {
          const bytes = await content.read(at - (at > 0 ? 512 : 0), at > 0 ? 1536 : 1024);
          assert.ok(bytes.subarray(-1024).every((byte) => byte === i + 1));
        }
        const before = process.memoryUsage.rss();
        const across = await content.read(4 * 2 ** 30 - MIB, 3 * MIB);
        assert.equal(across.filter((byte) => byte !== 0).length, 2048);
        assert.ok(process.memoryUsage.rss() - before < 64 * MIB);
      });
    }),
);

test('vhdx: the end of the last block is the watermark', { skip: noQemu }, () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'disk.vhdx');
    await run('qemu-img', ['create', '-q', '-f', 'vhdx', '-o', 'block_size=2M', path, '64M']);
    await run('qemu-io', ['-f', 'vhdx', '-c', 'write -P 1 5M 512', '-c', 'write 60M 512', path]);
    // QEMU puts a new block at the end of the file.
    const { size } = await stat(path);
    await opened(path, async ({ layer }) => {
      assert.equal((await layer.inspect?.())?.watermarkBytes, size);
    });
  }),
);

async function overBase(folder: string, parent: Readonly<Record<string, string>>): Promise<string> {
  const base = vhdxImage({ dataWriteGuid: BASE_GUID, blocks: new Map([[0, full('base')]]) });
  await writeFile(join(folder, 'base.vhdx'), base);
  const image = join(folder, 'over.vhdx');
  await writeFile(image, vhdxImage({ parent }));
  return image;
}

test('vhdx: the parent is found by its path from the image, else beside it, and is the one that is meant', () =>
  inDirectory(async (folder) => {
    const linked = { parent_linkage: `{${BASE_GUID.toUpperCase()}}` };
    const found: readonly Readonly<Record<string, string>>[] = [
      { ...linked, relative_path: '.\\base.vhdx', absolute_win32_path: 'C:\\x\\y.vhdx' },
      { ...linked, relative_path: '..\\y\\z.vhdx', absolute_win32_path: 'C:\\x\\base.vhdx' },
      {
        ...linked,
        volume_path: '\\\\?\\Volume{26A21BDA-A627-11D7-9931-806E6F6E6963}\\x\\base.vhdx',
      },
      {
        parent_linkage: `{${SOME_GUID}}`,
        parent_linkage2: linked.parent_linkage,
        relative_path: 'base.vhdx',
      },
      { relative_path: 'base.vhdx' },
    ];
    for (const parent of found) {
      await opened(await overBase(folder, parent), ({ layer }) => {
        assert.deepEqual(
          layersOf(layer).map(({ path, version }) => [path, version]),
          [
            [join(folder, 'over.vhdx'), 'differencing'],
            [join(folder, 'base.vhdx'), 'dynamic'],
          ],
        );
      });
    }
    const refused: readonly (readonly [Readonly<Record<string, string>>, ErrorCode])[] = [
      [{ parent_linkage: `{${SOME_GUID}}`, relative_path: '.\\base.vhdx' }, 'INVALID'],
      [linked, 'INVALID'],
      [{ ...linked, relative_path: '.\\over.vhdx' }, 'LOOP'],
      [{ ...linked, relative_path: '..\\..\\etc\\passwd' }, 'NOT_ALLOWED'],
      [{ ...linked, absolute_win32_path: 'C:\\Windows\\x.vhdx' }, 'NOT_FOUND'],
      [{ ...linked, absolute_win32_path: '\\\\host\\share\\x.vhdx' }, 'NOT_FOUND'],
      [{ ...linked, relative_path: 'gone.vhdx' }, 'NOT_FOUND'],
    ];
    for (const [parent, code] of refused) {
      assert.equal(
        await outcomeOf(await overBase(folder, parent), {}),
        code,
        JSON.stringify(parent),
      );
    }
  }));

type Change = (image: Buffer) => void;
const table =
  (block: number, state: number, mib: number): Change =>
  (image) => {
    image.writeBigUInt64LE(BigInt(state) | (BigInt(mib) << 20n), AT.table + block * 8);
  };
const headers =
  (change: (header: Buffer) => void): Change =>
  (image) => {
    for (const at of HEADERS) change(image.subarray(at, at + HEADER_BYTES));
  };
const regions =
  (change: (table: Buffer) => void): Change =>
  (image) => {
    for (const at of REGION_TABLES) change(image.subarray(at, at + TABLE_BYTES));
  };
const entryAt = (index: number, offset: number): number => AT.metadata + 32 + index * 32 + offset;
const u32 =
  (offset: number, value: number): Change =>
  (image) => {
    image.writeUInt32LE(value, offset);
  };
const u64 =
  (offset: number, value: bigint): Change =>
  (image) => {
    image.writeBigUInt64LE(value, offset);
  };
/** Where the items are: one behind the other. */
const VALUE = { parameters: AT.metadata + TABLE_BYTES, size: AT.metadata + TABLE_BYTES + 8 };
const SECTOR_SIZE = VALUE.size + 8 + 16;

const CHANGES: readonly (readonly [string, ErrorCode | 'read', Change])[] = [
  ['nothing', 'read', () => undefined],
  ['block size 0', 'OUT_OF_BOUNDS', u32(VALUE.parameters, 0)],
  ['block size no power of two', 'INVALID', u32(VALUE.parameters, 3 * MIB)],
  ['block size 512 KiB', 'OUT_OF_BOUNDS', u32(VALUE.parameters, MIB / 2)],
  ['block size 512 MiB', 'OUT_OF_BOUNDS', u32(VALUE.parameters, 512 * MIB)],
  ['block size 2^31', 'OUT_OF_BOUNDS', u32(VALUE.parameters, 2 ** 31)],
  ['parent without a name', 'INVALID', u32(VALUE.parameters + 4, 2)],
  ['disk that the table does not cover', 'INVALID', u64(VALUE.size, 2n ** 46n)],
  ['disk of 64 TiB and a sector', 'OUT_OF_BOUNDS', u64(VALUE.size, 2n ** 46n + 512n)],
  ['disk of 2^64 - 512', 'OUT_OF_BOUNDS', u64(VALUE.size, 2n ** 64n - 512n)],
  ['disk of part of a sector', 'INVALID', u64(VALUE.size, 1000n)],
  ['disk of 0', 'read', u64(VALUE.size, 0n)],
  ['sectors of 0', 'OUT_OF_BOUNDS', u32(SECTOR_SIZE, 0)],
  ['sectors of 1024', 'INVALID', u32(SECTOR_SIZE, 1024)],
  ['sectors of 8192', 'OUT_OF_BOUNDS', u32(SECTOR_SIZE, 8192)],
  ['2047 items', 'read', (image) => image.writeUInt16LE(2047, AT.metadata + 10)],
  ['2048 items', 'OUT_OF_BOUNDS', (image) => image.writeUInt16LE(2048, AT.metadata + 10)],
  ['1 item', 'INVALID', (image) => image.writeUInt16LE(1, AT.metadata + 10)],
  ['item twice', 'INVALID', (image) => image.set(guidBytes(ITEM.parameters), entryAt(1, 0))],
  ['unknown item that is needed', 'UNSUPPORTED_FEATURE', u32(entryAt(1, 0), 7)],
  ['item of the user', 'INVALID', u32(entryAt(1, 24), 1)],
  ['item behind the region', 'OUT_OF_BOUNDS', u32(entryAt(1, 16), MIB)],
  ['item of 2^32 - 1', 'OUT_OF_BOUNDS', u32(entryAt(1, 20), 0xffffffff)],
  ['item within the table', 'INVALID', u32(entryAt(1, 16), 64)],
  ['item cut short', 'TRUNCATED', u32(entryAt(1, 20), 7)],
  ['no metadata', 'BAD_MAGIC', u32(AT.metadata, 0)],
  ['block behind the end', 'TRUNCATED', table(0, 6, 1_000_000)],
  ['block of 2^44 - 1', 'OUT_OF_BOUNDS', table(0, 6, 2 ** 44 - 1)],
  ['block over the headers', 'OUT_OF_BOUNDS', table(0, 6, 0)],
  ['block over the log', 'INVALID', table(0, 6, 1)],
  ['block over the table', 'INVALID', table(0, 6, 2)],
  ['block over the metadata', 'INVALID', table(0, 6, 3)],
  ['two blocks at one place', 'INVALID', table(1, 6, 4)],
  ['state 4', 'INVALID', table(0, 4, 4)],
  ['part of a block without a parent', 'INVALID', table(0, 7, 4)],
  ['version 2', 'UNSUPPORTED_FORMAT', headers((one) => one.writeUInt16LE(2, 66))],
  [
    'headers of one number',
    'INVALID',
    (image) => {
      for (const at of HEADERS) image.writeBigUInt64LE(5n, at + 8);
      image.writeUInt8(9, (HEADERS[1] ?? 0) + 20);
    },
  ],
  ['log behind the end', 'OUT_OF_BOUNDS', headers((one) => one.writeBigUInt64LE(2n ** 40n, 72))],
  ['log within a MiB', 'INVALID', headers((one) => one.writeBigUInt64LE(BigInt(MIB + 4096), 72))],
  ['log of part of a MiB', 'INVALID', headers((one) => one.writeUInt32LE(MIB + 4096, 68))],
  ['log over the table', 'INVALID', headers((one) => one.writeUInt32LE(2 * MIB, 68))],
  ['no log', 'read', headers((one) => one.writeUInt32LE(0, 68))],
  ['no region', 'INVALID', regions((one) => one.writeUInt32LE(0, 8))],
  ['2048 regions', 'OUT_OF_BOUNDS', regions((one) => one.writeUInt32LE(2048, 8))],
  ['region twice', 'INVALID', regions((one) => one.copyWithin(48, 16, 32))],
  ['unknown region that is needed', 'UNSUPPORTED_FEATURE', regions((one) => one.fill(7, 48, 64))],
  [
    'unknown region',
    'INVALID',
    regions((one) => one.fill(0, 60, 64).fill(7, 48, 64).fill(0, 76, 80)),
  ],
  ['region behind the end', 'OUT_OF_BOUNDS', regions((one) => one.writeBigUInt64LE(2n ** 50n, 32))],
  [
    'region of 2^64 - 1',
    'OUT_OF_BOUNDS',
    regions((one) => one.writeBigUInt64LE(2n ** 64n - 1n, 32)),
  ],
  ['region within a MiB', 'INVALID', regions((one) => one.writeBigUInt64LE(2_500_000n, 32))],
  ['regions at one place', 'INVALID', regions((one) => one.writeBigUInt64LE(BigInt(AT.table), 64))],
];

/** The structures get the checksums that they should have. */
function repair(bytes: Buffer): void {
  for (const at of HEADERS) sealed(bytes.subarray(at, at + HEADER_BYTES));
  for (const at of REGION_TABLES) sealed(bytes.subarray(at, at + TABLE_BYTES));
}

const sound: VhdxFields = { blocks: new Map([[0, full('a')]]) };

test('vhdx: every change of the tables gives its code within a second', async () => {
  const image = vhdxImage(sound);
  for (const [name, code, change] of CHANGES) {
    const bytes = Buffer.from(image);
    change(bytes);
    repair(bytes);
    assert.equal(await outcome(bytes, 'vhdx'), code, name);
  }
});

test('vhdx: of two headers and two tables of regions one must match its checksum', async () => {
  const image = vhdxImage(sound);
  for (const places of [HEADERS, REGION_TABLES]) {
    for (const [count, code] of [
      [1, 'read'],
      [2, 'BAD_CHECKSUM'],
    ] as const) {
      for (const order of [places, places.toReversed()]) {
        const bytes = Buffer.from(image);
        for (const at of order.slice(0, count)) bytes.writeUInt8(0xff, at + 4000);
        assert.equal(await outcome(bytes, 'vhdx'), code);
      }
    }
  }
  for (const length of [0, 7, 8, 519, 520, 65_536, AT.table]) {
    assert.notEqual(await outcome(image.subarray(0, length), 'vhdx'), 'read');
  }
});

test('vhdx: part of a block without the bitmap of its sectors is an error', async () => {
  const parent = { relative_path: 'disk' };
  const image = vhdxImage({
    parent,
    blocks: new Map([[0, { state: 7, data: pattern(MIB, 'a') }]]),
  });
  await inDirectory(async (folder) => {
    await writeFile(join(folder, 'disk'), vhdxImage());
    await writeFile(join(folder, 'over'), image);
    assert.equal(await outcomeOf(join(folder, 'over'), {}), 'INVALID');
  });
});

test('vhdx: the table of 64 TiB of smallest blocks, half a GiB, is read in parts', () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'disk.vhdx');
    const image = vhdxImage(sound);
    const tableAt = AT.payload + MIB;
    const tableBytes = 513 * MIB;
    regions((one) => {
      one.writeBigUInt64LE(BigInt(tableAt), 32);
      one.writeUInt32LE(tableBytes, 40);
    })(image);
    u64(VALUE.size, 2n ** 46n)(image);
    repair(image);
    await writeFile(path, image);
    await truncate(path, tableAt + tableBytes);
    const handle = await open(path, 'r+');
    // The entry of the last block, at the end of the last stretch.
    const last = Buffer.from(BigUint64Array.of(6n | (4n << 20n)).buffer);
    await handle.write(last, 0, 8, tableAt + (2 ** 26 - 1 + 2 ** 14 - 1) * 8);
    await handle.close();
    await opened(path, async ({ content }) => {
      const before = process.memoryUsage.rss();
      const bytes = await content.read(2 ** 46 - MIB, MIB);
      assert.equal(Buffer.compare(bytes, pattern(MIB, 'a')), 0);
      assert.ok(process.memoryUsage.rss() - before < 64 * MIB);
    });
  }));

test('vhdx: bytes changed at random in all tables give errors with codes, or content', async () => {
  const image = vhdxImage(sound);
  const places = [0, ...HEADERS, ...REGION_TABLES, AT.table, AT.metadata, VALUE.parameters];
  const outcomes = await mutationOutcomes(image, 'vhdx', places, 400, repair);
  for (const code of ['read', 'INVALID', 'OUT_OF_BOUNDS', 'BAD_MAGIC']) {
    assert.ok(outcomes.has(code), `${code} is not among ${[...outcomes].join(', ')}`);
  }
});
