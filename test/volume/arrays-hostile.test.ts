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

/** The device mapper's blocks of metadata, and the numbers that their checksums are combined with. */
const BLOCK_BYTES = 4096;
const THIN_MAGIC = Buffer.from('ba529c0100000000', 'hex');
const [OF_SUPERBLOCK, OF_NODE] = [160774, 121107];
const MAX_TREE_BLOCKS = 64;
const STORE_MAGIC = Buffer.from('SnAp\x01\0\0\0', 'latin1');
const STORE_BYTES = 3 * BLOCK_BYTES;

/** Where a pool's metadata or a store begins on a disk. */
async function placeOf(disk: ByteSource, magic: Buffer, magicOffset: number): Promise<number> {
  for (let at = 0; at < disk.sizeBytes; at += BLOCK_BYTES) {
    const bytes = await disk.read(at + magicOffset, magic.length);
    if (magic.equals(bytes)) return at;
  }
  assert.fail('there is none');
}

function edit(bytes: Buffer, from: number, next: Next): void {
  for (let i = 0; i <= next(4); i++) {
    const at = from + next(next(2) === 0 ? 64 : bytes.length - from);
    bytes[at] = [0, 0xff, next(256), (bytes[at] ?? 0) + 1, (bytes[at] ?? 0) ^ 0x80][next(5)] ?? 0;
  }
}

test(`${CASES} thin pools and stores of snapshots give bytes, or errors with codes`, async () => {
  const next = random('thin');
  const scope = openScope({});
  const disks: ByteSource[] = [];
  for (const number of [1, 2]) {
    const path = join('images', `lvm-thin.${number}.qcow2`);
    const [disk] = await openDisks(path, { format: 'auto', scope });
    assert.ok(disk);
    disks.push(disk.content);
  }
  const [thin, old] = disks;
  assert.ok(thin && old);
  const pool = await placeOf(thin, THIN_MAGIC, 32);
  const store = await placeOf(old, STORE_MAGIC, 0);
  const counts = { read: 0, refused: 0 };
  for (let round = 0; round < CASES; round++) {
    const changes: { offsetBytes: number; content: Buffer }[] = [];
    const isThin = next(3) > 0;
    for (let i = 0; i <= next(3); i++) {
      const block = next(MAX_TREE_BLOCKS);
      const offsetBytes = isThin ? pool + block * BLOCK_BYTES : store;
      const source = isThin ? thin : old;
      const content = Buffer.from(
        await source.read(offsetBytes, isThin ? BLOCK_BYTES : STORE_BYTES),
      );
      edit(content, isThin ? 4 : 0, next);
      if (isThin) {
        content.writeUInt32LE(blockChecksum(content, block === 0 ? OF_SUPERBLOCK : OF_NODE));
      }
      changes.push({ offsetBytes, content });
    }
    const below = isThin ? thin : old;
    const written = writtenChanges(
      changes.map((one) => ({ ...one, lengthBytes: one.content.length })),
    );
    const source = overlay(below, written, { sizeBytes: below.sizeBytes });
    const spent = cpuTime();
    for (const volume of (await lvm2.join([{ device: '/dev/sda', source }])).volumes) {
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
