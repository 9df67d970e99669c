// Compares what virt-df assembles with what lvs says, byte by byte. The extents of every disk hold words that say where
// they are, so a byte of a volume tells which disk and offset it came from.
import assert from 'node:assert/strict';
import { type ByteSource, memoryRuns } from '../../../src/bytes/source.js';
import { MAX_READ_BYTES } from '../../../src/limits.js';
import { lvm2 } from '../../../src/volume/lvm2.js';
import type { Assembly, Member, MemberDevice } from '../../../src/volume/volume.js';
import type { LvmReport, SegmentRow } from './lvm.js';
import { bytesOf } from './outcome.js';

const WORD_BYTES = 4;
const SECTOR_BYTES = 512;
/** More than the words of one disk. */
const WORDS_PER_DISK = 0x1000_0000;

export interface LvmDisk {
  /** The name in the report. */
  readonly device: string;
  /** Has the metadata. */
  readonly source: ByteSource;
}

/** Words from `offset` of a disk on. */
function pattern(diskIndex: number, offset: number, length: number): Buffer {
  const first = Math.floor(offset / WORD_BYTES);
  const last = Math.ceil((offset + length) / WORD_BYTES);
  const words = Uint32Array.from(
    { length: last - first },
    (_, index) => diskIndex * WORDS_PER_DISK + first + index,
  );
  const start = offset - first * WORD_BYTES;
  return Buffer.from(words.buffer).subarray(start, start + length);
}

/** The metadata of a disk with the pattern in its extents. */
function patterned(source: ByteSource, diskIndex: number, start: number, end: number): ByteSource {
  return {
    sizeBytes: source.sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      const bytes = Uint8Array.from(await source.read(offset, length));
      const from = Math.max(offset, start);
      const to = Math.min(offset + length, end);
      if (from < to) bytes.set(pattern(diskIndex, from, to - from), from - offset);
      return bytes;
    },
  };
}

export type FoundMember = Member & MemberDevice;

/** The members as a stack finds them, named /dev/sda, /dev/sdb, ... */
export async function lvmMembers(
  disks: readonly LvmDisk[],
  { physical }: LvmReport,
): Promise<readonly FoundMember[]> {
  const members: FoundMember[] = [];
  for (const [index, { device, source }] of disks.entries()) {
    const row = physical.find(({ pv_name }) => pv_name === device);
    assert.ok(row, device);
    const start = Number(row.pe_start);
    const end = start + Number(row.pv_pe_count) * Number(row.vg_extent_size);
    const content = patterned(source, index, start, end);
    assert.equal(await lvm2.probe(content), true);
    const member = await lvm2.member(content);
    assert.equal(member.uuid, row.pv_uuid);
    members.push({ ...member, device: `/dev/sd${'abcdef'[index]}`, source: content });
  }
  return members;
}

/** The rows of each public volume, by its device. */
function publicVolumes({ segments }: LvmReport): ReadonlyMap<string, readonly SegmentRow[]> {
  const volumes = new Map<string, readonly SegmentRow[]>();
  for (const row of segments) {
    if (!row.lv_role.split(',').includes('public')) continue;
    const device = `/dev/${row.vg_name}/${row.lv_name}`;
    volumes.set(device, [...(volumes.get(device) ?? []), row]);
  }
  return volumes;
}

/** What a volume must hold, from the extents that lvs lists and the rule of dm-stripe, sector by sector. */
function expectedContent(
  rows: readonly SegmentRow[],
  disks: readonly LvmDisk[],
  { physical }: LvmReport,
): Buffer {
  const content = Buffer.alloc(Number(rows[0]?.lv_size));
  for (const row of rows) {
    const areas = row.seg_pe_ranges.split(' ').map((range) => {
      const [, device, extent] = /^(.*):(\d+)-\d+$/u.exec(range) ?? [];
      const pv = physical.find(({ pv_name }) => pv_name === device);
      assert.ok(pv, range);
      const offset = Number(pv.pe_start) + Number(extent) * Number(pv.vg_extent_size);
      return { disk: disks.findIndex((disk) => disk.device === device), offset };
    });
    assert.equal(areas.length, Number(row.stripes));
    const stripeBytes = Number(row.stripe_size) || Number(row.seg_size);
    for (let at = 0; at < Number(row.seg_size); at += SECTOR_BYTES) {
      const stripe = Math.floor(at / stripeBytes);
      const { disk, offset } = areas[stripe % areas.length] ?? { disk: 0, offset: 0 };
      const source = offset + Math.floor(stripe / areas.length) * stripeBytes + (at % stripeBytes);
      content.set(pattern(disk, source, SECTOR_BYTES), Number(row.seg_start) + at);
    }
  }
  return content;
}

const PLAIN_TYPES: ReadonlySet<string> = new Set(['linear', 'striped']);

/** Checks every public volume: listed, sized and, if it is linear or striped, read as lvs says it lies. */
export async function compareWithLvs(
  assembly: Assembly,
  disks: readonly LvmDisk[],
  report: LvmReport,
): Promise<void> {
  const expected = publicVolumes(report);
  assert.deepEqual(
    assembly.volumes.map(({ device }) => device),
    [...expected.keys()].sort(),
  );
  for (const { device, sizeBytes, uuid, source: outcome } of assembly.volumes) {
    const rows = expected.get(device) ?? [];
    assert.equal(sizeBytes, Number(rows[0]?.lv_size), device);
    assert.equal(uuid, rows[0]?.lv_uuid, device);
    const source = bytesOf(outcome);
    if (source === null) continue;
    assert.equal(source.sizeBytes, sizeBytes);
    // Arrays and mirrors lie on hidden volumes: what they hold is told by other tests.
    if (!rows.every(({ segtype }) => PLAIN_TYPES.has(segtype))) continue;
    const content = expectedContent(rows, disks, report);
    for (let at = 0; at < sizeBytes; at += MAX_READ_BYTES) {
      const bytes = await source.read(at, Math.min(MAX_READ_BYTES, sizeBytes - at));
      assert.ok(content.subarray(at, at + bytes.length).equals(bytes), `${device} from ${at}`);
    }
    await compareParts(source, content, device);
  }
}

/** Reads at places that begin and end anywhere. */
async function compareParts(source: ByteSource, content: Buffer, device: string): Promise<void> {
  const size = content.length;
  for (let step = 1; step <= 200; step++) {
    const offset = (step * 7_919_317) % size;
    const length = Math.min((step * 104_729) % 300_000, size - offset);
    const part = await source.read(offset, length);
    const isSame = content.subarray(offset, offset + length).equals(part);
    assert.ok(isSame, `${device}: ${length} bytes at ${offset}`);
  }
  await assert.rejects(source.read(size - 1, 2), { code: 'OUT_OF_BOUNDS' });
  assert.equal((await source.read(size, 0)).length, 0);
}
