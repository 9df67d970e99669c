// Members of arrays whose superblocks were written to, thin pools whose trees were, with right checksums, and stores of snapshots:
// volumes with bytes, or errors with codes, in bounded time.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writtenChanges } from '../../src/bytes/changes.js';
import { overlay } from '../../src/bytes/overlay.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisks } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { blockChecksum } from '../../src/volume/dm/block-crc.js';
import { gpt } from '../../src/volume/gpt.js';
import { lvm2 } from '../../src/volume/lvm2.js';
import { MD_PLACES, offsetOn } from '../../src/volume/md/places.js';
import { md } from '../../src/volume/md.js';
import type { MemberDevice } from '../../src/volume/volume.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { folded } from '../stack/md-superblock.js';

const CASES = 1500;
const MAX_CASE_CPU_MS = 1000;
const SUPERBLOCK_BYTES = 4096;
const READ_BYTES = 64 * 1024;
const MAGIC = 0xa92b4efc;
/** Where the checksum lies, by the first word of the version. */
const CHECKSUM_AT = [152, 216];

/** The members of each array, of whose disks all have a partition of its number. */
async function arrays(): Promise<readonly (readonly MemberDevice[])[]> {
  const { disks } = JSON.parse(readFileSync('images/md-levels.expected.json', 'utf8')) as {
    disks: string[];
  };
  const scope = openScope({});
  const byNumber = new Map<number, MemberDevice[]>();
  for (const [i, name] of disks.entries()) {
    const [disk] = await openDisks(join('images', name), { format: 'auto', scope });
    assert.ok(disk);
    const { partitions } = await gpt.open(disk.content);
    for (const { number, source } of partitions) {
      assert.ok(!(source instanceof VirtDfError));
      const members = byNumber.get(number) ?? [];
      members.push({ device: `/dev/sd${'abcdef'[i]}${number}`, source });
      byNumber.set(number, members);
    }
  }
  return [...byNumber.values()];
}

type Next = (limit: number) => number;

/** A member with some bytes of its superblock changed, and its checksum right. */
async function changed(source: ByteSource, next: Next): Promise<ByteSource> {
  for (const place of MD_PLACES) {
    const offsetBytes = offsetOn(source, place);
    if (offsetBytes < 0) continue;
    const bytes = Buffer.from(await source.read(offsetBytes, SUPERBLOCK_BYTES));
    if (bytes.readUInt32LE(0) !== MAGIC) continue;
    const isOlder = place.version === '0.90';
    for (let i = 0; i <= next(3); i++) {
      // Behind the magic and the version, mostly in the fields that are read.
      const at = 8 + next(isOlder && next(4) === 0 ? SUPERBLOCK_BYTES - 8 : 260);
      bytes[at] = [0, 0xff, next(256), (bytes[at] ?? 0) + 1, (bytes[at] ?? 0) ^ 0x80][next(5)] ?? 0;
    }
    const checksumAt = CHECKSUM_AT[isOlder ? 0 : 1] ?? 0;
    const roles = Math.min(1920, bytes.readUInt32LE(220));
    const summed = isOlder ? bytes : bytes.subarray(0, 256 + 2 * roles);
    summed.writeUInt32LE(0, checksumAt);
    bytes.writeUInt32LE(folded(summed), checksumAt);
    const changes = writtenChanges([{ offsetBytes, lengthBytes: bytes.length, content: bytes }]);
    return overlay(source, changes, { sizeBytes: source.sizeBytes });
  }
  return source;
}

/** Reads a volume in three places, or throws why it cannot be read. */
async function readSome(source: ByteSource | VirtDfError): Promise<void> {
  if (source instanceof VirtDfError) throw source;
  for (const at of [0, Math.floor(source.sizeBytes / 2), source.sizeBytes - READ_BYTES]) {
    await source.read(Math.max(0, at), Math.min(READ_BYTES, source.sizeBytes));
    await source.runs(Math.max(0, at), Math.min(READ_BYTES, source.sizeBytes));
  }
}

test(`${CASES} arrays with changed superblocks give bytes, or errors with codes`, async () => {
  const next = random('arrays');
  const all = await arrays();
  const counts = { read: 0, refused: 0 };
  for (let round = 0; round < CASES; round++) {
    const members = [...(all[next(all.length)] ?? [])];
    for (let i = 0; i <= next(3); i++) {
      const index = next(members.length);
      const member = members[index];
      if (member) members[index] = { ...member, source: await changed(member.source, next) };
    }
    if (next(4) === 0) members.splice(next(members.length), 1);
    const spent = cpuTime();
    try {
      const recognised = [];
      for (const member of members) {
        const { source } = member;
        if ((await md.probe(source)) || (await md.probeEnd?.(source))) recognised.push(member);
      }
      for (const { source } of (await md.join(recognised)).volumes) await readSome(source);
      counts.read++;
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      counts.refused++;
    }
    assert.ok(spent() < MAX_CASE_CPU_MS, `round ${round} takes ${spent()} ms`);
  }
  assert.ok(counts.read > CASES / 10 && counts.refused > CASES / 10, JSON.stringify(counts));
});

/** Of the device mapper's metadata. */
const BLOCK_BYTES = 4096;
/** Numbers that checksums of its blocks are combined with: of superblocks, nodes, and blocks of arrays. */
const COMBINED = [160774, 9031977, 121107, 595846735];

/** What is changed: so many blocks of a disk from a magic on. */
interface Target {
  readonly image: string;
  readonly disk: number;
  readonly magic: Buffer;
  readonly magicOffset: number;
  readonly blockCount: number;
}

const TARGETS: readonly Target[] = [
  target('lvm-thin', 0, Buffer.from('ba529c0100000000', 'hex'), 32, 64),
  target('lvm-thin', 1, Buffer.from('SnAp\x01\0\0\0', 'latin1'), 0, 3),
  target('lvm-cache', 1, Buffer.from('03c4180000000000', 'hex'), 32, 32),
  target('lvm-cache', 1, Buffer.from('2193482301000000', 'hex'), 0, 4),
];

function target(
  image: string,
  disk: number,
  magic: Buffer,
  magicOffset: number,
  blockCount: number,
): Target {
  return { image, disk, magic, magicOffset, blockCount };
}

async function placeOf(disk: ByteSource, { magic, magicOffset }: Target): Promise<number> {
  for (let at = 0; at < disk.sizeBytes; at += BLOCK_BYTES) {
    const bytes = await disk.read(at + magicOffset, magic.length);
    if (magic.equals(bytes)) return at;
  }
  assert.fail('there is none');
}

/** A block with some bytes changed, and its checksum right, if it had one. */
function edited(before: Uint8Array, next: Next): Buffer {
  const bytes = Buffer.from(before);
  const stored = bytes.readUInt32LE(0);
  const combined = COMBINED.find((number) => blockChecksum(bytes, number) === stored);
  const from = combined === undefined ? 0 : 4;
  for (let i = 0; i <= next(4); i++) {
    const at = from + next(next(2) === 0 ? 64 : bytes.length - from);
    bytes[at] = [0, 0xff, next(256), (bytes[at] ?? 0) + 1, (bytes[at] ?? 0) ^ 0x80][next(5)] ?? 0;
  }
  if (combined !== undefined) bytes.writeUInt32LE(blockChecksum(bytes, combined));
  return bytes;
}

test(`${CASES} pools, stores of snapshots and caches give bytes, or errors with codes`, async () => {
  const next = random('thin');
  const scope = openScope({});
  const targets: { readonly disks: readonly ByteSource[]; place: number; of: Target }[] = [];
  for (const of of TARGETS) {
    const disks: ByteSource[] = [];
    for (const number of [1, 2]) {
      const path = join('images', `${of.image}.${number}.qcow2`);
      const [disk] = await openDisks(path, { format: 'auto', scope });
      assert.ok(disk);
      disks.push(disk.content);
    }
    targets.push({ disks, place: await placeOf(disks[of.disk] ?? assert.fail(), of), of });
  }
  const counts = { read: 0, refused: 0 };
  for (let round = 0; round < CASES; round++) {
    const { disks, place, of } = targets[round % targets.length] ?? assert.fail();
    const below = disks[of.disk] ?? assert.fail();
    const changes: { offsetBytes: number; lengthBytes: number; content: Buffer }[] = [];
    for (let i = 0; i <= next(3); i++) {
      const offsetBytes = place + next(of.blockCount) * BLOCK_BYTES;
      const content = edited(await below.read(offsetBytes, BLOCK_BYTES), next);
      changes.push({ offsetBytes, lengthBytes: BLOCK_BYTES, content });
    }
    const source = overlay(below, writtenChanges(changes), { sizeBytes: below.sizeBytes });
    const members = disks.map((disk, i) => {
      return { device: `/dev/sd${'ab'[i]}`, source: i === of.disk ? source : disk };
    });
    const spent = cpuTime();
    for (const volume of (await lvm2.join(members)).volumes) {
      try {
        await readSome(volume.source);
        counts.read++;
      } catch (error) {
        if (!(error instanceof VirtDfError)) throw error;
        counts.refused++;
      }
    }
    assert.ok(spent() < MAX_CASE_CPU_MS, `round ${round} takes ${spent()} ms`);
  }
  assert.ok(counts.read > CASES && counts.refused > CASES / 10, JSON.stringify(counts));
});
