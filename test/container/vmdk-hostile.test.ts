// VMware's disks whose descriptors, headers, tables and streams say what no writer says: each is an error with a code,
// soon. The cases are those of the hostile-image classes S2, S4, S6, S8 to S10 and of QEMU's tests/qemu-iotests/059.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { ByteSource } from '../../src/bytes/source.js';
import { parseDescriptor } from '../../src/container/vmdk/descriptor.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { inWorkshop, withDisk } from './images.js';
import {
  cowdExtent,
  descriptor,
  hostedExtent,
  hostedHeader,
  type StreamOptions,
  seSparseExtent,
  streamExtent,
} from './vmdk-writer.js';

const KIB = 1024;
const MAX_MILLISECONDS = 1000;
const MAX_MEMORY_BYTES = 512 * 1024 * KIB;
const SECTORS = 2048;

type Files = Readonly<Record<string, Uint8Array | string>>;

/** Writes the files, opens `disk.vmdk` among them and reads both its ends; the code, or `read`. */
async function outcome(files: Files, format = 'vmdk'): Promise<ErrorCode | 'read'> {
  let result: ErrorCode | 'read' = 'read';
  await inWorkshop(async ({ path }) => {
    for (const [name, bytes] of Object.entries(files)) await writeFile(path(name), bytes);
    result = await outcomeOf(() => withDisk(path('disk.vmdk'), readEnds, format));
  });
  return result;
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

async function readEnds(disk: ByteSource): Promise<void> {
  const length = Math.min(256 * KIB, disk.sizeBytes);
  for (const offset of [0, disk.sizeBytes - length]) await disk.read(offset, length);
}

const content = Buffer.alloc(SECTORS * 512, 'content of a guest');

function text(extents: readonly string[], type = 'custom'): string {
  return descriptor({ type, extents });
}

const LINES: readonly (readonly [line: string, expected: ErrorCode | 'read'])[] = [
  ['RW 2048 FLAT "flat" 0', 'read'],
  ['RW 1 FLAT "/etc/passwd" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "../x" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "a/../../../etc/passwd" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "/dev/zero" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "/dev/sda" 0 partitionUUID x', 'NOT_ALLOWED'],
  ['RW 1 FLAT "/proc/self/mem" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "json:{}" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "nbd:localhost:10809" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "http://localhost/x" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "" 0', 'NOT_ALLOWED'],
  ['RW 1 FLAT "." 0', 'NOT_ALLOWED'],
  [`RW 1 FLAT "${'x'.repeat(1024)}" 0`, 'NOT_ALLOWED'],
  ['RW 1 FLAT "absent" 0', 'NOT_FOUND'],
  ['RW 1 FLAT "\\\\.\\PhysicalDrive0" 63', 'NOT_FOUND'],
  ['RW 1 SPARSE "../x"', 'NOT_ALLOWED'],
  ['RW 1 VMFSRDM "/dev/sda"', 'NOT_ALLOWED'],
  ['RW 4096 VMFSRDM "flat"', 'UNSUPPORTED_FEATURE'],
  ['RW 2048 VMFSRDM "flat"', 'read'],
  ['RW 2048 VSANSPARSE "vsan://x"', 'UNSUPPORTED_FEATURE'],
  ['NOACCESS 2048 FLAT "flat" 0', 'UNSUPPORTED_FEATURE'],
  ['RW 2048 FLAT "disk.vmdk" 0', 'LOOP'],
  ['RW 2048 SPARSE "flat"', 'BAD_MAGIC'],
  ['RW 2048 SPARSE "nested"', 'INVALID'],
  ['RW 2048 FLAT "flat" 1', 'TRUNCATED'],
  ['RW 2049 FLAT "flat" 0', 'TRUNCATED'],
  ['RW 1 FLAT "flat" 17592186044415', 'TRUNCATED'],
  ['RW 1 FLAT "flat" 17592186044416', 'OUT_OF_BOUNDS'],
  ['RW 9223372036854775808 FLAT "flat" 0', 'INVALID'],
  ['RW 9007199254740993 FLAT "flat" 0', 'OUT_OF_BOUNDS'],
  ['RW 17592186044416 ZERO', 'OUT_OF_BOUNDS'],
  ['RW 17592186044415 ZERO\nRW 17592186044415 ZERO', 'LIMIT'],
  ['RW -1 FLAT "flat" 0', 'INVALID'],
  ['RW 1 FLAT "flat" -1', 'INVALID'],
  ['RW 0 FLAT "flat" 0', 'INVALID'],
  ['RW 0x10 FLAT "flat" 0', 'INVALID'],
  ['RW 1e3 FLAT "flat" 0', 'INVALID'],
  ['RW 1.5 FLAT "flat" 0', 'INVALID'],
  ['RW FLAT "flat" 0', 'INVALID'],
  ['RW 2048 FLAT "flat"', 'INVALID'],
  ['RW 2048 FLAT flat 0', 'INVALID'],
  ['RW 2048 FLAT "flat 0', 'INVALID'],
  ['RW 2048 SPARSE "flat" 8', 'INVALID'],
  ['RW 2048', 'UNSUPPORTED_FEATURE'],
  ['', 'INVALID'],
  ['parentCID=0', 'INVALID'],
  ['CID=12345679', 'INVALID'],
  ['CID=123456789', 'INVALID'],
  ['CID="', 'INVALID'],
  ['encryptionKeys="vmware:key/list"', 'ENCRYPTED'],
];

test('what a line of a descriptor may say', async () => {
  const nested = hostedHeader({ capacity: 0 });
  for (const [line, expected] of LINES) {
    const files = { 'disk.vmdk': text(line.split('\n')), flat: content, nested };
    assert.equal(await outcome(files), expected, line.slice(0, 60));
  }
});

test('descriptors that are no such, too long or contradictory', async () => {
  const line = 'RW 1 ZERO\n';
  const cases: [string, string, ErrorCode | 'read'][] = [
    ['90,000 extents', text([line.repeat(90_000)]), 'LIMIT'],
    ['10^6 extents', text([line.repeat(1_000_000)]), 'LIMIT'],
    ['no createType', 'version=1\nRW 1 ZERO\n', 'INVALID'],
    ['a strange createType', text(['RW 1 ZERO'], 'vmfsStrange'), 'UNSUPPORTED_FEATURE'],
    ['createType in capitals', text(['RW 1 ZERO'], 'CUSTOM'), 'read'],
    ['nothing', '', 'INVALID'],
    ['a name that is not UTF-8', text(['RW 1 FLAT "\ufffd" 0']), 'NOT_ALLOWED'],
    ['NUL within', text(['RW 1 ZERO']).replace('CID', '\0CID'), 'INVALID'],
  ];
  for (const [name, bytes, expected] of cases) {
    assert.equal(await outcome({ 'disk.vmdk': bytes }), expected, name);
  }
});

test('time is linear in the length of a descriptor', () => {
  const start = 'createType="custom"\nRW 1 ZERO\n';
  const units = [
    '"',
    ' ',
    '\t',
    '=',
    'a',
    'RW ',
    'RW 1 FLAT " ',
    'RW 1 FLAT "" 0 ',
    '#',
    '\n',
    '\r',
    '"a" ',
  ];
  for (const unit of units) {
    for (const prefix of ['', 'RW ', 'CID=', 'CID="', 'RW 1 FLAT ']) {
      const bytes = Buffer.from(start + prefix + unit.repeat(1_000_000 / unit.length));
      const spentMs = cpuTime();
      try {
        parseDescriptor(bytes);
      } catch (error) {
        assert.ok(error instanceof VirtDfError);
      }
      assert.ok(spentMs() < 300, `${prefix}${unit}`);
    }
  }
});

test('parents', async () => {
  const disk = (parent: string | undefined, parentCid = '12345678', cid = '11111111') =>
    descriptor({
      ...{ type: 'custom', extents: ['RW 2048 ZERO'], parentCid, cid },
      ...(parent === undefined ? {} : { parent }),
    });
  const base = disk(undefined, 'ffffffff', '12345678');
  const cases: [string, Files, ErrorCode | 'read'][] = [
    ['sound', { 'disk.vmdk': disk('base'), base }, 'read'],
    ['not named', { 'disk.vmdk': disk(undefined) }, 'INVALID'],
    ['elsewhere', { 'disk.vmdk': disk('/etc/passwd') }, 'NOT_ALLOWED'],
    ['above', { 'disk.vmdk': disk('../base') }, 'NOT_ALLOWED'],
    ['absent', { 'disk.vmdk': disk('base') }, 'NOT_FOUND'],
    ['itself', { 'disk.vmdk': disk('disk.vmdk') }, 'LOOP'],
    ['a ring', { 'disk.vmdk': disk('other'), other: disk('disk.vmdk') }, 'LOOP'],
    ['changed', { 'disk.vmdk': disk('base', '12345679'), base }, 'INVALID'],
    ['raw', { 'disk.vmdk': disk('base'), base: content }, 'LIMIT'],
    ['a small raw one', { 'disk.vmdk': disk('base'), base: Buffer.alloc(512) }, 'INVALID'],
    ['no CID', { 'disk.vmdk': disk('base'), base: base.replace('CID=', 'DIC=') }, 'INVALID'],
    ['an old name', { 'disk.vmdk': disk('/etc/passwd', 'ffffffff') }, 'read'],
  ];
  for (const [name, files, expected] of cases) assert.equal(await outcome(files), expected, name);
});

test('a chain of 300 disks ends', async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 300; i++) {
    const options = { type: 'custom', extents: ['RW 1 ZERO'], cid: '1', parentCid: '1' };
    files[i === 0 ? 'disk.vmdk' : `disk-${i}`] = descriptor({
      ...options,
      parent: `disk-${i + 1}`,
    });
  }
  assert.equal(await outcome(files), 'LIMIT');
});

type Poke = readonly [offset: number, width: 1 | 2 | 4 | 8, value: bigint];

function poked(image: Uint8Array, pokes: readonly Poke[]): Buffer {
  const bytes = Buffer.from(image);
  for (const [offset, width, value] of pokes) {
    for (let i = 0; i < width; i++) bytes[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
  return bytes;
}

const sparseText = text([`RW ${SECTORS} SPARSE "disk.vmdk"`], 'monolithicSparse');
const hosted = hostedExtent(content, { descriptor: sparseText });
const DIRECTORY = 21 * 512;
const TABLE = 22 * 512;
const HUGE = 0xffffffffffffffffn;

const HEADERS: readonly (readonly [string, ErrorCode | 'read', readonly Poke[]])[] = [
  ['sound', 'read', []],
  ['version 0', 'read', [[4, 4, 0n]]],
  ['version 4', 'UNSUPPORTED_FEATURE', [[4, 4, 4n]]],
  ['unknown feature that may be ignored', 'read', [[8, 4, 0x8001n]]],
  ['unknown feature', 'UNSUPPORTED_FEATURE', [[8, 4, 0x40001n]]],
  ['compressed by the flag only', 'INVALID', [[8, 4, 0x10001n]]],
  ['compressed by the algorithm only', 'INVALID', [[77, 2, 1n]]],
  ['compression 2', 'UNSUPPORTED_FEATURE', [[77, 2, 2n]]],
  ['text transfer', 'INVALID', [[73, 1, 13n]]],
  ['capacity 2^53', 'OUT_OF_BOUNDS', [[12, 8, 2n ** 53n]]],
  ['capacity 2^63', 'OUT_OF_BOUNDS', [[12, 8, 2n ** 63n]]],
  ['capacity 2^64 - 1', 'OUT_OF_BOUNDS', [[12, 8, HUGE]]],
  ['capacity 2^43', 'LIMIT', [[12, 8, 2n ** 43n]]],
  ['capacity 2^30', 'TRUNCATED', [[12, 8, 2n ** 30n]]],
  ['capacity 0', 'LOOP', [[12, 8, 0n]]],
  ['grain 0', 'OUT_OF_BOUNDS', [[20, 8, 0n]]],
  ['grain 3', 'INVALID', [[20, 8, 3n]]],
  ['grain 2^22', 'OUT_OF_BOUNDS', [[20, 8, 2n ** 22n]]],
  ['grain 2^32', 'OUT_OF_BOUNDS', [[20, 8, 2n ** 32n]]],
  ['grain 2^64 - 1', 'OUT_OF_BOUNDS', [[20, 8, HUGE]]],
  ['grain 2^63', 'OUT_OF_BOUNDS', [[20, 8, 2n ** 63n]]],
  ['no descriptor', 'INVALID', [[28, 8, 0n]]],
  ['descriptor outside', 'OUT_OF_BOUNDS', [[28, 8, 2n ** 40n]]],
  ['descriptor at 2^55', 'OUT_OF_BOUNDS', [[28, 8, 2n ** 55n]]],
  ['descriptor of 2^32 sectors', 'OUT_OF_BOUNDS', [[36, 8, 2n ** 32n]]],
  ['descriptor of 0 sectors', 'INVALID', [[36, 8, 0n]]],
  ['tables of 0', 'OUT_OF_BOUNDS', [[44, 4, 0n]]],
  ['tables of 513', 'OUT_OF_BOUNDS', [[44, 4, 513n]]],
  ['tables of 2^32 - 1', 'OUT_OF_BOUNDS', [[44, 4, 0xffffffffn]]],
  ['directory at 0', 'OUT_OF_BOUNDS', [[56, 8, 0n]]],
  ['directory outside', 'OUT_OF_BOUNDS', [[56, 8, 2n ** 40n]]],
  ['directory at 2^55', 'OUT_OF_BOUNDS', [[56, 8, 2n ** 55n]]],
  ['directory in a footer that is not there', 'TRUNCATED', [[56, 8, HUGE]]],
  [
    'second directory outside, not used',
    'read',
    [
      [8, 4, 3n],
      [48, 8, 2n ** 40n],
    ],
  ],
  [
    'second directory, the first is not there',
    'read',
    [
      [8, 4, 3n],
      [48, 8, 21n],
      [56, 8, 0n],
    ],
  ],
  ['metadata beyond the end', 'OUT_OF_BOUNDS', [[64, 8, 2n ** 32n]]],
  ['table outside', 'TRUNCATED', [[DIRECTORY, 4, 0xffffffffn]]],
  ['table at the end', 'TRUNCATED', [[DIRECTORY, 4, BigInt(hosted.length / 512 - 1)]]],
  ['grain outside', 'TRUNCATED', [[TABLE, 4, 0xffffffffn]]],
  ['zero grain without the feature', 'read', [[TABLE, 4, 1n]]],
  [
    'grains that overlap',
    'read',
    [
      [TABLE, 4, 128n],
      [TABLE + 4, 4, 128n],
    ],
  ],
];

test('headers and tables of hosted extents', async () => {
  for (const [name, expected, pokes] of HEADERS) {
    assert.equal(await outcome({ 'disk.vmdk': poked(hosted, pokes) }), expected, name);
  }
  for (const length of [0, 4, 78, 79, 511, 512, 11 * 512, DIRECTORY + 2, TABLE + 8]) {
    const cut = await outcome({ 'disk.vmdk': hosted.subarray(0, length) });
    assert.notEqual(cut, 'read', `cut at ${length}`);
  }
  const two = text(
    ['RW 1024 SPARSE "disk.vmdk"', 'RW 1024 FLAT "/etc/passwd" 0'],
    'monolithicSparse',
  );
  assert.equal(
    await outcome({ 'disk.vmdk': hostedExtent(content, { descriptor: two }) }),
    'INVALID',
  );
});

test('a descriptor in a file of no capacity is followed as far as the policy allows', async () => {
  for (const [name, expected] of [
    ['flat', 'read'],
    ['/etc/passwd', 'NOT_ALLOWED'],
    ['disk.vmdk', 'LOOP'],
  ] as const) {
    const file = Buffer.concat([hostedHeader({ capacity: 0 }), Buffer.alloc(20 * 512)]);
    file.write(text([`RW 2 FLAT "${name}" 0`], 'monolithicFlat'), 512);
    assert.equal(await outcome({ 'disk.vmdk': file, flat: content }), expected, name);
  }
});

function stream(options: StreamOptions = {}): Buffer {
  const line = [`RDONLY ${SECTORS} SPARSE "disk.vmdk"`];
  return streamExtent(content, { descriptor: text(line, 'streamOptimized'), ...options });
}

test('footers, markers and streams', async () => {
  const good = stream();
  const first = 128 * 512;
  const bomb = deflateSync(Buffer.alloc(64 * 1024 * KIB));
  const cases: [string, Uint8Array, ErrorCode | 'read'][] = [
    ['sound', good, 'read'],
    ['a sector behind the end', Buffer.concat([good, Buffer.alloc(512)]), 'TRUNCATED'],
    ['a footer that refers to a footer', stream({ footer: { directory: HUGE } }), 'INVALID'],
    ['a footer of another size', stream({ footer: { capacity: 4096 } }), 'INVALID'],
    ['a footer of no size', stream({ footer: { capacity: 0 } }), 'INVALID'],
    ['a footer of other grains', stream({ footer: { grain: 64 } }), 'INVALID'],
    ['a footer of plain grains', stream({ footer: { compression: 0 } }), 'INVALID'],
    ['a footer of other flags', stream({ footer: { flags: 1 } }), 'INVALID'],
    ['a footer with another descriptor', stream({ footer: { descriptorSectors: 21 } }), 'INVALID'],
    ['a footer to nowhere', stream({ footer: { directory: 2n ** 40n } }), 'OUT_OF_BOUNDS'],
    ['a grain of another place', stream({ lba: (lba) => lba + 128 }), 'INVALID'],
    ['a stream of 2^32 - 1 bytes', poked(good, [[first + 8, 4, 0xffffffffn]]), 'OUT_OF_BOUNDS'],
    ['a stream of 0 bytes', poked(good, [[first + 8, 4, 0n]]), 'OUT_OF_BOUNDS'],
    ['a damaged stream', poked(good, [[first + 12, 4, 0n]]), 'INVALID'],
    ['a bomb', stream({ compress: () => bomb }), 'INVALID'],
    [
      'half a grain',
      stream({ compress: (bytes) => deflateSync(bytes.subarray(0, 32 * KIB)) }),
      'INVALID',
    ],
    ['grains of 32 MiB', poked(good, [[20, 8, 65536n]]), 'OUT_OF_BOUNDS'],
  ];
  for (const [name, bytes, expected] of cases) {
    assert.equal(await outcome({ 'disk.vmdk': bytes }), expected, name);
  }
});

test('extents of ESX and ESXi', async () => {
  const cowd = cowdExtent(content, { grain: 8 });
  const cowdCases: [string, readonly Poke[], ErrorCode | 'read'][] = [
    ['sound', [], 'read'],
    ['version 2', [[4, 4, 2n]], 'UNSUPPORTED_FEATURE'],
    ['capacity 0', [[12, 4, 0n]], 'OUT_OF_BOUNDS'],
    ['another capacity', [[12, 4, 4096n]], 'INVALID'],
    ['grain 0', [[16, 4, 0n]], 'OUT_OF_BOUNDS'],
    ['grain 2^31', [[16, 4, 2n ** 31n]], 'OUT_OF_BOUNDS'],
    ['directory outside', [[20, 4, 0xffffffffn]], 'OUT_OF_BOUNDS'],
    ['directory of 0 entries', [[24, 4, 0n]], 'OUT_OF_BOUNDS'],
    ['directory of 2^32 - 1 entries', [[24, 4, 0xffffffffn]], 'read'],
    ['table outside', [[4 * 512, 4, 0x7fffffffn]], 'TRUNCATED'],
    ['grain outside', [[5 * 512, 4, 0x7fffffffn]], 'TRUNCATED'],
  ];
  for (const [name, pokes, expected] of cowdCases) {
    const files = { 'disk.vmdk': text([`RW ${SECTORS} VMFSSPARSE "e"`]), e: poked(cowd, pokes) };
    assert.equal(await outcome(files), expected, `COWD: ${name}`);
  }
  const seSparse = seSparseExtent(content);
  const [directory, table] = [8 * 512, 9 * 512];
  const seSparseCases: [string, readonly Poke[], ErrorCode | 'read'][] = [
    ['sound', [], 'read'],
    ['version', [[8, 8, 0x300000001n]], 'UNSUPPORTED_FEATURE'],
    ['capacity 2^63', [[16, 8, 2n ** 63n]], 'OUT_OF_BOUNDS'],
    ['grain 16', [[24, 8, 16n]], 'UNSUPPORTED_FEATURE'],
    ['table 32', [[32, 8, 32n]], 'UNSUPPORTED_FEATURE'],
    ['flags', [[40, 8, 1n]], 'UNSUPPORTED_FEATURE'],
    ['reserved', [[48, 8, 1n]], 'UNSUPPORTED_FEATURE'],
    ['second header outside', [[80, 8, HUGE]], 'OUT_OF_BOUNDS'],
    ['second header without its magic', [[4 * 512, 8, 0n]], 'BAD_MAGIC'],
    ['journal to be replayed', [[4 * 512 + 24, 8, 1n]], 'UNSUPPORTED_FEATURE'],
    ['directory outside', [[128, 8, HUGE]], 'OUT_OF_BOUNDS'],
    ['directory of 0 sectors', [[136, 8, 0n]], 'OUT_OF_BOUNDS'],
    ['tables outside', [[144, 8, 2n ** 55n]], 'OUT_OF_BOUNDS'],
    ['grains outside', [[192, 8, 2n ** 55n]], 'OUT_OF_BOUNDS'],
    ['table of a strange state', [[directory, 8, 0x2000000000000000n]], 'INVALID'],
    ['table 2^32 - 1', [[directory, 8, 0x10000000ffffffffn]], 'TRUNCATED'],
    ['no table', [[directory, 8, 0n]], 'read'],
    ['grain of a strange kind', [[table, 8, 0x4000000000000000n]], 'INVALID'],
    ['grain of no kind', [[table, 8, 1n << 48n]], 'INVALID'],
    ['grain 2^60 - 1', [[table, 8, 0x3fffffffffffffffn]], 'OUT_OF_BOUNDS'],
    ['grain 4095', [[table, 8, 0x3fff000000000000n]], 'TRUNCATED'],
  ];
  for (const [name, pokes, expected] of seSparseCases) {
    const files = { 'disk.vmdk': text([`RW ${SECTORS} SESPARSE "e"`]), e: poked(seSparse, pokes) };
    assert.equal(await outcome(files), expected, `seSparse: ${name}`);
  }
});

test('600 mutated images give errors with codes, or are read', async () => {
  const single = (bytes: Uint8Array): Files => ({ 'disk.vmdk': bytes });
  const named = (type: string) => (e: Uint8Array) => ({
    'disk.vmdk': text([`RW ${SECTORS} ${type} "e"`]),
    e,
  });
  const kinds: [string, Uint8Array, readonly [number, number][], (bytes: Uint8Array) => Files][] = [
    [
      'hosted',
      hosted,
      [
        [0, 80],
        [512, 900],
        [DIRECTORY, DIRECTORY + 8],
        [TABLE, TABLE + 80],
      ],
      single,
    ],
    [
      'stream',
      stream(),
      [
        [0, 80],
        [512, 900],
        [128 * 512, 128 * 512 + 4096],
      ],
      single,
    ],
    ['footer', stream(), [[stream().length - 1536, stream().length]], single],
    [
      'COWD',
      cowdExtent(content),
      [
        [0, 32],
        [2048, 2056],
        [2560, 2700],
      ],
      named('VMFSSPARSE'),
    ],
    [
      'seSparse',
      seSparseExtent(content),
      [
        [0, 208],
        [2048, 2080],
        [4096, 4104],
        [4608, 4700],
      ],
      named('SESPARSE'),
    ],
    [
      'text',
      Buffer.from(text(['RW 2048 FLAT "e" 0'])),
      [[0, 140]],
      (bytes) => ({ 'disk.vmdk': bytes, e: content }),
    ],
  ];
  const seen = new Set<string>();
  for (const [name, image, ranges, files] of kinds) {
    const next = random(name);
    for (let i = 0; i < 100; i++) {
      const bytes = Buffer.from(image);
      for (let changes = next(4); changes >= 0; changes--) {
        const [from, to] = ranges[next(ranges.length)] ?? [0, 1];
        const values = [0, 1, 0x7f, 0x80, 0xff, next(256)];
        bytes[from + next(to - from)] = values[next(values.length)] ?? 0;
      }
      seen.add(await outcome(files(bytes)));
    }
  }
  assert.ok(seen.has('read') && seen.has('INVALID') && seen.has('OUT_OF_BOUNDS'));
});
