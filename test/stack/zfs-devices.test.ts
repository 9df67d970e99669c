// Devices of a ZFS pool by their label: one of the pool names it, a hot spare and a cache device know no pool. blkid says the same.
// References: OpenZFS module/zfs/vdev_label.c (vdev_label_init), include/sys/fs/zfs.h (pool_state_t).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import { detect } from '../../src/stack/detect.js';
import { memorySource } from '../memory-source.js';
import { missing } from '../tools.js';
import { blkid } from './blkid.js';

const KIB = 1024;
const [LABEL, UBERBLOCKS, LABEL_END] = [16 * KIB, 128 * KIB, 256 * KIB];
const [ACTIVE, SPARE, CACHE] = [0n, 3n, 4n];

const u4 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const u8 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const padded = (text: string) => {
  const bytes = Buffer.alloc(4 * Math.ceil(text.length / 4));
  bytes.write(text);
  return Buffer.concat([u4(text.length), bytes]);
};

/** A name and its value in XDR. */
function pair([name, value]: readonly [string, bigint | string]): Buffer {
  const body = Buffer.concat([
    padded(name),
    u4(typeof value === 'string' ? 9 : 8),
    u4(1),
    typeof value === 'string' ? padded(value) : u8(value),
  ]);
  return Buffer.concat([u4(body.length + 8), u4(body.length), body]);
}

function device(pairs: readonly (readonly [string, bigint | string])[]): Buffer {
  const bytes = Buffer.alloc(64 * KIB * KIB);
  Buffer.concat([Buffer.from([1, 1, 0, 0]), u4(0), u4(1), ...pairs.map(pair), u8(0n)]).copy(
    bytes,
    LABEL,
  );
  const [[, version = 0n] = []] = pairs;
  for (let at = UBERBLOCKS; at < LABEL_END; at += KIB) {
    bytes.writeBigUInt64LE(0x00bab10cn, at);
    // blkid's version is the uberblock's, which a pool has the same as its label.
    bytes.writeBigUInt64LE(BigInt(version), at + 8);
  }
  return bytes;
}

const DEVICES = {
  'one of a pool': [
    ['version', 5000n],
    ['name', 'tank'],
    ['state', ACTIVE],
    ['txg', 42n],
    ['pool_guid', 1234567890123456789n],
  ],
  'a hot spare': [
    ['version', 3n],
    ['state', SPARE],
    ['guid', 16823953747593073890n],
  ],
  'a cache device': [
    ['version', 5000n],
    ['state', CACHE],
    ['guid', 77n],
  ],
} as const;

for (const [what, pairs] of Object.entries(DEVICES)) {
  test(what, { skip: missing({ blkid: 'util-linux' }) }, async (t) => {
    const bytes = device(pairs);
    const folder = mkdtempSync(join(tmpdir(), 'virt-df-zfs-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'image');
    writeFileSync(path, bytes);
    const found = await detect(memorySource(bytes), false, filesystems);
    assert.ok(found.kind === 'filesystem');
    const { type, label, uuid, version } = found.filesystem;
    const { TYPE, LABEL: name = null, UUID = null, VERSION } = Object(blkid(path));
    assert.deepEqual(
      { type, label, uuid, version },
      { type: TYPE, label: name, uuid: UUID, version: VERSION },
    );
    assert.equal(type, 'zfs_member');
  });
}
