// LVM2 metadata that is made to do harm, with right checksums: problems with a code, soon, and nothing else.
// References: the attacks of lvm2 test/unit/metadata_security_t.c, made anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { VirtDfError } from '../../src/errors.js';
import { lvm2 } from '../../src/volume/lvm2.js';
import type { AssembledVolume, Assembly } from '../../src/volume/volume.js';
import { random } from '../random.js';
import {
  type AreaFields,
  areaHeader,
  fastChecksum,
  type GroupFields,
  groupText,
  type LabelFields,
  label,
  linearText,
  logicalText,
  lvm2Checksum,
  physicalText,
  TRAILER,
  UUID,
  volumePieces,
} from './support/lvm2.js';
import { bytesOf, problemOf } from './support/outcome.js';
import { counted, type Pieces, sparseSource } from './support/sources.js';

const MIB = 1024 * 1024;
const MAX_U8 = 0xffff_ffff_ffff_ffffn;

const device = (pieces: Pieces) => counted(sparseSource(64 * MIB, pieces));

async function assemble(...sources: readonly ByteSource[]): Promise<Assembly> {
  const members = [];
  for (const [index, source] of sources.entries()) {
    assert.equal(await lvm2.probe(source), true);
    await lvm2.member(source);
    members.push({ device: `/dev/sd${'abcdef'[index]}`, source });
  }
  return lvm2.join(members);
}

const assembleText = (fields: GroupFields) => assemble(device(volumePieces(groupText(fields))));

/** The code of the one volume's problem, or of the one problem. */
function codeOf({ volumes, problems }: Assembly): string | null {
  const codes = [
    ...volumes.map(({ source }) => problemOf(source)),
    ...problems.map(({ error }) => error),
  ];
  assert.equal(codes.length, 1);
  return codes[0]?.code ?? null;
}

const only = ({ volumes }: Assembly): AssembledVolume => volumes[0] ?? assert.fail();

test('the checksum of these tests is lvm2’s', () => {
  for (const text of ['', 'a', 'virt-df', '\0'.repeat(100)]) {
    assert.equal(fastChecksum(Buffer.from(text)), lvm2Checksum(Buffer.from(text)));
  }
});

test('a sound volume is read', async () => {
  const assembly = await assembleText({});
  assert.deepEqual(assembly.problems, []);
  const { device: name, sizeBytes, source } = only(assembly);
  assert.deepEqual([name, sizeBytes, problemOf(source)], ['/dev/vg/lv', 8 * MIB, null]);
  assert.equal(bytesOf(source)?.sizeBytes, 8 * MIB);
});

test('labels that point out of their sector are refused', async () => {
  const refused: readonly (readonly [string, LabelFields])[] = [
    ['a header at 8192', { headerOffset: 8192 }],
    ['a header at 2^32-1', { headerOffset: 0xffffffff }],
    ['a header one byte too far', { headerOffset: 512 - 40 + 1 }],
    ['a header in the label', { headerOffset: 8 }],
    ['areas without end', { areas: Array.from({ length: 40 }, () => 4096n) }],
    ['data areas without end', { dataAreas: Array.from({ length: 40 }, () => 4096n) }],
    ['another sector', { sector: 2 }],
  ];
  for (const [what, fields] of refused) {
    const source = device([[512, label(fields)]]);
    assert.equal(await lvm2.probe(source), true, what);
    await assert.rejects(lvm2.member(source), VirtDfError, what);
  }
  const changed = label();
  changed[100] = 1;
  const member = lvm2.member(device([[512, changed]]));
  await assert.rejects(member, { code: 'BAD_CHECKSUM' });
});

test('a label at the end of its sector needs no extension', async () => {
  const areas = [4096n, ...Array.from({ length: 22 }, () => 4096n)];
  const fields: LabelFields = { headerOffset: 40, areas, extension: null };
  const member = await lvm2.member(device([[512, label(fields)]]));
  assert.equal(member.uuid, 'AAAAAA-bbbb-CCCC-dddd-EEEE-ffff-GGGGGG');
});

test('a metadata area that is named twice is read once, and there are at most four', async () => {
  const text = Buffer.from(`${groupText()}\0`);
  const twice = Array.from({ length: 20 }, () => 4096n);
  const pieces = volumePieces(text, { areas: twice }, { checksum: 1 });
  assert.equal((await assemble(device(pieces))).problems.length, 1);
  const many = Array.from({ length: 5 }, (_, i) => 4096n * BigInt(i + 1));
  const member = lvm2.member(device([[512, label({ areas: many })]]));
  await assert.rejects(member, { code: 'LIMIT' });
});

test('a label may be in any of the first four sectors, the first sound one counts', async () => {
  for (const sector of [0, 1, 2, 3]) {
    const source = device([[sector * 512, label({ sector })]]);
    assert.equal(await lvm2.probe(source), true);
    assert.ok(await lvm2.member(source));
  }
  const other = 'x'.repeat(32);
  const source = device([
    [0, label({ sector: 3, uuid: other })],
    [512, label()],
    [1024, label({ sector: 2, uuid: other })],
  ]);
  const member = await lvm2.member(source);
  assert.equal(member.uuid, 'AAAAAA-bbbb-CCCC-dddd-EEEE-ffff-GGGGGG');
  assert.equal(await lvm2.probe(device([[2048, label({ sector: 4 })]])), false);
  for (const size of [0, 1, 511, 512, 1024]) {
    assert.equal(await lvm2.probe(sparseSource(size, [[512, label()]])), size >= 1024, `${size}`);
  }
});

test('a UUID that is no text is shown as one', async () => {
  const uuid = `\x1b[2J\x00\xff${'A'.repeat(26)}`;
  const member = await lvm2.member(device([[512, label({ uuid })]]));
  assert.doesNotMatch(member.uuid ?? '', /[\p{C}]/u);
});

test('metadata areas that point anywhere are problems of their device', async () => {
  const bad: readonly (readonly [string, AreaFields, string])[] = [
    ['a size of 0', { size: 0n }, 'OUT_OF_BOUNDS'],
    ['a size of 1', { size: 1n }, 'OUT_OF_BOUNDS'],
    ['a size of 512', { size: 512n }, 'OUT_OF_BOUNDS'],
    ['a size of 2^60', { size: 2n ** 60n }, 'OUT_OF_BOUNDS'],
    ['a size of 2^64-1', { size: MAX_U8 }, 'OUT_OF_BOUNDS'],
    ['a text behind the area', { offset: 2n * 1048576n }, 'OUT_OF_BOUNDS'],
    ['a text in the header', { offset: 40n }, 'OUT_OF_BOUNDS'],
    ['a text of more than 4 GiB', { length: 0x1_ffff_fe00n, size: 2n ** 33n }, 'OUT_OF_BOUNDS'],
    ['a text of 2^64-1', { length: MAX_U8 }, 'OUT_OF_BOUNDS'],
    ['a text of 0', { length: 0n }, 'OUT_OF_BOUNDS'],
    ['a text of more than the ring', { length: 1048576n }, 'OUT_OF_BOUNDS'],
    ['a text of more than the limit', { size: 50n * 1048576n, length: 17n * 1048576n }, 'LIMIT'],
    ['a text of other bytes', { checksum: 1 }, 'BAD_CHECKSUM'],
    ['another version', { version: 2 }, 'INVALID'],
    ['another start', { start: 8192n }, 'INVALID'],
    ['slots without end', { slots: 100 }, 'TRUNCATED'],
  ];
  for (const [what, fields, code] of bad) {
    const header = areaHeader(Buffer.from(groupText()), fields);
    const source = device([
      [512, label()],
      [4096, header],
      [4608, Buffer.from(groupText())],
    ]);
    assert.equal(codeOf(await assemble(source)), code, what);
    assert.ok(source.statistics.bytes < 100_000, what);
  }
  for (const area of [8n, 64n * 1048576n - 511n, 2n ** 53n, 2n ** 63n, MAX_U8]) {
    const assembly = await assemble(device([[512, label({ areas: [area] })]]));
    assert.ok(codeOf(assembly), `an area at ${area}`);
  }
});

test('a text over the end of its ring goes on behind the header', async () => {
  const text = Buffer.from(groupText());
  const size = 512 + 4096;
  const offset = 4000;
  const first = size - offset;
  const fields: AreaFields = { size: BigInt(size), offset: BigInt(offset) };
  const source = device([
    [512, label()],
    [4096, areaHeader(text, fields)],
    [4096 + offset, text.subarray(0, first)],
    [4096 + 512, text.subarray(first)],
  ]);
  assert.equal(problemOf(only(await assemble(source)).source), null);
});

test('a copy that is damaged does not matter if another is sound', async () => {
  const text = Buffer.from(groupText());
  const second = 32n * 1048576n;
  const source = device([
    [512, label({ areas: [4096n, second] })],
    [4096, areaHeader(text, { checksum: 1 })],
    [Number(second), areaHeader(text, { start: second })],
    [Number(second) + 512, text],
  ]);
  const { volumes, problems } = await assemble(source);
  assert.equal(problemOf(volumes[0]?.source), null);
  assert.deepEqual(
    problems.map(({ device: name, error }) => [name, error.code]),
    [['/dev/sda', 'BAD_CHECKSUM']],
  );
});

test('texts that describe no group are problems of their device', async () => {
  const texts: readonly (readonly [string, string])[] = [
    ['', 'INVALID'],
    ['vg', 'INVALID'],
    ['vg {', 'INVALID'],
    ['vg { }', 'INVALID'],
    [TRAILER, 'INVALID'],
    [`vg { }${TRAILER}`, 'INVALID'],
    [groupText().replace('version = 1', 'version = 2'), 'INVALID'],
    [groupText().replace('Text Format', 'Test Format'), 'INVALID'],
    [groupText({ seqno: 'x' }), 'INVALID'],
    [groupText({ seqno: -1 }), 'OUT_OF_BOUNDS'],
    [groupText({ extentSectors: 0 }), 'OUT_OF_BOUNDS'],
    [groupText({ extentSectors: '18446744073709551616' }), 'INVALID'],
    [groupText({ physical: 'pv0 = 1\npv1 { }\n' }), 'INVALID'],
    [groupText({ physical: physicalText() + physicalText() }), 'INVALID'],
    [groupText({ physical: physicalText('pv0', UUID, 'pe_start = 2048') }), 'INVALID'],
    ['a {'.repeat(100_000), 'LIMIT'],
  ];
  for (const [text, code] of texts) {
    const assembly = await assemble(device(volumePieces(text)));
    assert.equal(codeOf(assembly), code, text.slice(0, 40));
  }
});

test('a volume that is wrong is a problem, and the others can be read', async () => {
  const linear = (stripes: string, count = 1, more = '') =>
    `type = "striped"\nstripe_count = ${count}\n${more}stripes = [${stripes}]\n`;
  const bad: readonly (readonly [string, string, string])[] = [
    ['an extent behind the device', linearText('bad', '"pv0", 14', 2), 'OUT_OF_BOUNDS'],
    ['extent 2^32-1', linearText('bad', '"pv0", 4294967295', 1), 'OUT_OF_BOUNDS'],
    ['extent 2^32', linearText('bad', '"pv0", 4294967296', 1), 'OUT_OF_BOUNDS'],
    ['extent -1', linearText('bad', '"pv0", -1', 1), 'OUT_OF_BOUNDS'],
    ['10^18 extents', linearText('bad', '"pv0", 0', '1000000000000000000'), 'OUT_OF_BOUNDS'],
    ['1e400 extents', linearText('bad', '"pv0", 0', '1e400'), 'INVALID'],
    ['0 extents', linearText('bad', '"pv0", 0', 0), 'OUT_OF_BOUNDS'],
    ['2^32-1 extents', linearText('bad', '"pv0", 0', 4294967295), 'OUT_OF_BOUNDS'],
    ['another device', linearText('bad', '"pv1", 0'), 'INVALID'],
    ['a device of JavaScript', linearText('bad', '"__proto__", 0'), 'INVALID'],
    ['itself', linearText('bad', '"bad", 0'), 'LOOP'],
    ['no stripes', logicalText('bad', linear('', 0)), 'OUT_OF_BOUNDS'],
    ['too many stripes', logicalText('bad', linear('', 4294967295)), 'OUT_OF_BOUNDS'],
    ['stripes missing', logicalText('bad', linear('"pv0", 0', 2)), 'INVALID'],
    ['stripes the wrong way', logicalText('bad', linear('0, "pv0"')), 'INVALID'],
    [
      'a stripe of 0 sectors',
      logicalText('bad', linear('"pv0", 0, "pv0", 5', 2, 'stripe_size = 0\n')),
      'OUT_OF_BOUNDS',
    ],
    [
      'a stripe of 2^32-1 sectors',
      logicalText('bad', linear('"pv0", 0, "pv0", 5', 2, 'stripe_size = 4294967295\n')),
      'INVALID',
    ],
    [
      'an odd number of extents',
      logicalText('bad', linear('"pv0", 0, "pv0", 5', 2, 'stripe_size = 8\n'), 3),
      'INVALID',
    ],
    [
      'segments missing',
      linearText('bad').replace('segment_count = 1', 'segment_count = 2'),
      'INVALID',
    ],
    ['a gap', linearText('bad').replace('start_extent = 0', 'start_extent = 1'), 'INVALID'],
    ['a hostile type', logicalText('bad', 'type = "\x1b[2Jraid0"\n'), 'UNSUPPORTED_FEATURE'],
  ];
  for (const [what, text, code] of bad) {
    const { volumes, problems } = await assembleText({
      logical: text + linearText('good', '"pv0", 9'),
    });
    assert.deepEqual(problems, [], what);
    assert.deepEqual(
      volumes.map(({ device: name, source }) => [name, problemOf(source)?.code ?? null]),
      [
        ['/dev/vg/bad', code],
        ['/dev/vg/good', null],
      ],
      what,
    );
    assert.doesNotMatch(problemOf(volumes[0]?.source)?.message ?? '', /\p{Cc}/u);
  }
});

test('thousands of volumes on the same extents are one problem', async () => {
  const text = Array.from({ length: 2000 }, (_, index) => linearText(`lv${index}`, '"pv0", 0'));
  const { volumes, problems } = await assembleText({ logical: text.join('') });
  assert.equal(volumes.length, 2000);
  assert.deepEqual(
    problems.map(({ error }) => error.code),
    ['OVERLAP'],
  );
  assert.match(
    problems[0]?.error.message ?? '',
    /lv0 and lv1 of vg share 2 extents of pv0 from extent 0 on, and 1998 more share others; 4000 extents are taken of the 15/u,
  );
});

test('volumes on volumes end', async () => {
  const ring = linearText('a', '"b", 0') + linearText('b', '"c", 0') + linearText('c', '"a", 0');
  for (const { source } of (await assembleText({ logical: ring })).volumes) {
    assert.equal(problemOf(source)?.code, 'LOOP');
  }
  const length = 3000;
  const chain = Array.from({ length }, (_, index) =>
    linearText(`lv${index}`, index + 1 < length ? `"lv${index + 1}", 0` : '"pv0", 0'),
  );
  const codes = (await assembleText({ logical: chain.join('') })).volumes.map(
    ({ source }) => problemOf(source)?.code ?? null,
  );
  assert.deepEqual([...new Set(codes)].sort(), ['LIMIT', null]);
  const stacked = linearText('top', '"below", 0', 1) + linearText('below', '"pv0", 3', 2);
  const { volumes } = await assembleText({ logical: stacked });
  assert.ok(
    await bytesOf(volumes.find(({ device: name }) => name === '/dev/vg/top')?.source)?.read(0, 1),
  );
});

test('a physical volume that is shorter than its extents is a problem with the numbers', async () => {
  const physical = physicalText('pv0', UUID, 'pe_start = 2048\npe_count = 4000');
  const logical = linearText('lv', '"pv0", 0', 4000);
  const problem = problemOf(only(await assembleText({ physical, logical })).source);
  assert.equal(
    problem?.message,
    'lvm2: logical volume lv needs /dev/sda up to byte 16778264576, which has only 67108864',
  );
});

test('a disk that the group marked as missing is not believed', async () => {
  const physical = physicalText().replace('flags = []', 'flags = ["MISSING"]');
  const problem = problemOf(only(await assembleText({ physical })).source);
  assert.equal(problem?.code, 'MISSING_DEVICE');
  assert.match(problem?.message ?? '', /on \/dev\/sda, which its group has marked as missing/u);
});

test('a volume of a type that is not read is named with it', async () => {
  const logical = logicalText('lv', 'type = "vdo"\nvdo_pool = "pool"\nvdo_offset = 0\n');
  const problem = problemOf(only(await assembleText({ logical })).source);
  assert.equal(problem?.code, 'UNSUPPORTED_FEATURE');
  assert.equal(problem?.message, 'lvm2: lv is of type vdo, which virt-df does not read');
});

test('a volume that is rolled back is what its snapshot stores, and not read where that is damaged', async () => {
  const logical =
    linearText('origin') +
    linearText('cow', '"pv0", 3') +
    logicalText(
      'snapshot0',
      'type = "snapshot"\nchunk_size = 8\norigin = "origin"\nmerging_store = "cow"\n',
    );
  const assembly = await assembleText({ logical });
  assert.equal(only(assembly).device, '/dev/vg/origin');
  assert.equal(codeOf(assembly), 'BAD_MAGIC');
});

test('two groups of one name are ambiguous', async () => {
  const uuid = 'b'.repeat(32);
  const second = groupText({
    id: 'other1-aaaa-bbbb-cccc-dddd-eeee-ffffff',
    physical: physicalText('pv0', uuid),
  });
  const { volumes } = await assemble(
    device(volumePieces(groupText())),
    device(volumePieces(second, { uuid })),
  );
  assert.deepEqual(
    volumes.map(({ device: name, source }) => [name, bytesOf(source), problemOf(source)?.code]),
    [
      ['/dev/vg/lv', null, 'AMBIGUOUS'],
      ['/dev/vg/lv', null, 'AMBIGUOUS'],
    ],
  );
});

/** For every character that lvm2 does not let a name have. */
const X = '\ufffd';

test('names never reach a terminal as they are', async () => {
  const name = '"\x1b]0;x\x07\u00e9"';
  const assembly = await assembleText({ name, logical: linearText('"a\x9b\x7f\r\nb"') });
  assert.equal(problemOf(only(assembly).source), null);
  assert.equal(only(assembly).device, `/dev/${X}${X}0${X}x${X}${X}/a${X.repeat(4)}b`);
});

test('names make neither columns nor paths', async () => {
  const logical = linearText('"lv 1 2% /"');
  const { device: name } = only(await assembleText({ name: '"../v g"', logical }));
  assert.equal(name, `/dev/..${X}v${X}g/lv${X}1${X}2${X}${X}${X}`);
});

test('a volume that has the same bytes many times gives no more of them at once than a file', async () => {
  const segment = (i: number) =>
    `segment${i} {\nstart_extent = ${i * 10}\nextent_count = 10\nstripe_count = 1\nstripes = ["pv0", 0]\n}\n`;
  const segments = Array.from({ length: 20 }, (_, i) => segment(i)).join('');
  const logical = `lv {\nstatus = ["VISIBLE"]\nsegment_count = 20\n${segments}}\n`;
  const source = bytesOf(only(await assembleText({ logical })).source);
  assert.equal(source?.sizeBytes, 800 * MIB);
  await assert.rejects(source.read(0, 65 * MIB), { code: 'LIMIT' });
});

test('metadata by the megabyte ends at a limit', async () => {
  const many = Array.from({ length: 12_000 }, (_, index) => linearText(`lv${index}`)).join('');
  const big = `# ${'x'.repeat(15 * MIB)}\n${groupText()}`;
  const nodes = `vg { ${Array.from({ length: 500_000 }, (_, n) => `k${n}=1`).join(' ')} }${TRAILER}`;
  for (const [text, code] of [
    [groupText({ logical: many }), 'LIMIT'],
    [nodes, 'LIMIT'],
    [big, null],
  ] as const) {
    const start = process.cpuUsage();
    const fields: AreaFields = { size: BigInt(60 * MIB) };
    assert.equal(codeOf(await assemble(device(volumePieces(text, {}, fields)))), code);
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 2_000_000, `${user + system} µs of CPU time`);
  }
});

/** Changes a few bytes of the text or the label and makes the checksums right again. */
function mutated(seed: string): Pieces {
  const next = random(seed);
  const text = Buffer.from(
    `${groupText({ logical: linearText() + linearText('b', '"lv", 0') })}\0`,
  );
  const changes = ['0', '9', '-', '"', '{', '}', '[', ']', '=', ',', '\n', '#', '\xff', '\0'];
  for (let count = next(4) + 1; count > 0; count--) {
    text.write(changes[next(changes.length)] ?? '', next(text.length), 'latin1');
  }
  const sector = label();
  if (next(3) === 0) sector[20 + next(150)] = next(256);
  sector.writeUInt32LE(fastChecksum(sector.subarray(20)), 16);
  const header = areaHeader(text);
  if (next(3) === 0) header[20 + next(60)] = next(256);
  header.writeUInt32LE(fastChecksum(header.subarray(4)), 0);
  return [
    [512, sector],
    [4096, header],
    [4608, text],
  ];
}

test('a thousand mutations with right checksums give volumes or problems', async () => {
  for (let index = 0; index < 1000; index++) {
    const source = device(mutated(`lvm2 ${index}`));
    try {
      const { volumes } = await lvm2.join([{ device: '/dev/sda', source }]);
      for (const volume of volumes) await bytesOf(volume.source)?.read(0, 512);
    } catch (error) {
      assert.ok(error instanceof VirtDfError, `mutation ${index}: ${error}`);
    }
  }
});
