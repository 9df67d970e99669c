// Arrays, stores of snapshots and volumes upon volumes that no image here has: what their superblocks say, and towers of them.
// References: Linux drivers/md/dm-raid.c: super_init_validation, super_sync; drivers/md/md.c: super_1_sync; lvm2
// lib/activate/dev_manager.c: _seg_len; lib/metadata/raid_manip.c: lv_raid_remove_missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapped } from '../../src/bytes/mapped.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { FormatError, type VirtDfError } from '../../src/errors.js';
import { snapshotSource } from '../../src/volume/dm/snapshot.js';
import { raidOf } from '../../src/volume/lvm2/raid.js';
import { lvm2 } from '../../src/volume/lvm2.js';
import { md } from '../../src/volume/md.js';
import { cpuTime } from '../cpu-time.js';
import { memorySource } from '../memory-source.js';
import { folded, mdSuperblock } from '../stack/md-superblock.js';
import { groupText, linearText, logicalText, physicalText, volumePieces } from './support/lvm2.js';
import { bytesOf, problemOf } from './support/outcome.js';
import { sparseSource } from './support/sources.js';

const MIB = 1024 * 1024;
const EXTENT_BYTES = MIB;
const STRIPE_BYTES = 64 * 1024;
const ALL = 2n ** 64n - 1n;
const MAX_CPU_MS = 2000;

interface Written {
  readonly position: number;
  readonly events?: number;
  readonly failed?: bigint;
  readonly resynced?: bigint;
}

/** What dm-raid writes beside an image. */
function metadata({ position, events = 10, failed = 0n, resynced = ALL }: Written): ByteSource {
  const bytes = Buffer.alloc(4096);
  bytes.write('DmRd', 0, 'latin1');
  bytes.writeUInt32LE(position, 12);
  bytes.writeBigUInt64LE(BigInt(events), 16);
  bytes.writeBigUInt64LE(failed, 24);
  bytes.writeBigUInt64LE(ALL, 32);
  bytes.writeBigUInt64LE(resynced, 40);
  return memorySource(bytes);
}

/** An array of these images; null: its device is missing. */
function arrayOf(
  type: string,
  written: readonly (Written | null)[],
  { extents = 2, reshapeExtents = 0 } = {},
): Promise<ByteSource> {
  const missing = new FormatError('MISSING_DEVICE', 'gone');
  const volumes = new Map<string, ByteSource | VirtDfError>();
  const images = written.map((one, i) => {
    volumes.set(`d${i}`, one === null ? missing : memorySource(Buffer.alloc(4 * MIB, i + 1)));
    volumes.set(`m${i}`, one === null ? missing : metadata(one));
    return { data: `d${i}`, metadata: `m${i}` };
  });
  const stripeBytes = type === 'raid1' ? 0 : STRIPE_BYTES;
  return raidOf(
    { kind: 'raid', images, stripeBytes, reshapeExtents },
    {
      type,
      sizeBytes: extents * EXTENT_BYTES,
      extentBytes: EXTENT_BYTES,
      read: async (name) => volumes.get(name) ?? missing,
      what: 'lvm2: logical volume lv',
    },
  );
}

test('images of a mirror whose first one was taken away are believed, and those that failed are not', async () => {
  const moved = await arrayOf('raid1', [{ position: 1 }, { position: 2 }]);
  assert.equal((await moved.read(0, 1))[0], 1);
  assert.equal(moved.otherHalves?.length, 1);
  const failed = await arrayOf('raid1', [
    { position: 1, failed: 2n },
    { position: 2, failed: 2n },
  ]);
  assert.equal((await failed.read(0, 1))[0], 2);
  const striped = arrayOf('raid5_ls', [{ position: 1 }, { position: 2 }, { position: 3 }]);
  await assert.rejects(striped, { code: 'MISSING_DEVICE' });
});

test('room that is kept for reshaping is none of the array', async () => {
  const written = [0, 1, 2].map((position) => ({ position }));
  const { sizeBytes } = await arrayOf('raid5_ls', written, { extents: 4, reshapeExtents: 1 });
  assert.equal(sizeBytes, 2 * EXTENT_BYTES);
  const none = arrayOf('raid5_ls', written, { extents: 2, reshapeExtents: 1 });
  await assert.rejects(none, { code: 'INVALID' });
});

test('parity that was not written yet stands for no image', async () => {
  const resynced = 8n;
  const written = [0, 1, 2].map((position) => ({ position, resynced }));
  assert.ok(await arrayOf('raid5_ls', written));
  const degraded = arrayOf('raid5_ls', [null, ...written.slice(1)]);
  await assert.rejects(degraded, { code: 'MISSING_DEVICE', message: /before all parity/u });
  assert.ok(await arrayOf('raid5_ls', [null, { position: 1 }, { position: 2 }]));
});

/** The volumes of a group with these texts, of which `pv1` is missing. */
async function volumesOf(logical: string) {
  const physical = physicalText() + physicalText('pv1', 'b'.repeat(32));
  const source = sparseSource(64 * MIB, volumePieces(groupText({ physical, logical })));
  const { volumes } = await lvm2.join([{ device: '/dev/sda', source }]);
  return new Map(volumes.map((volume) => [volume.device, volume.source]));
}

const raidText = (name: string, images: readonly string[], status?: string) =>
  logicalText(
    name,
    `type = "raid5_ls"\ndevice_count = ${images.length}\nstripe_size = 128\nraids = [${images
      .map((image) => `"${image}", "${image}"`)
      .join(', ')}]\n`,
    images.length - 1,
    status,
  );

test('arrays upon arrays are refused, soon, with a device that is missing and without', async () => {
  const many = (name: string) => Array.from({ length: 20 }, () => name);
  for (const physical of ['pv0', 'pv1']) {
    const tower = [linearText('a0', `"${physical}", 0`)];
    for (let i = 1; i <= 12; i++) tower.push(raidText(`a${i}`, many(`a${i - 1}`)));
    for (const texts of [tower, tower.toReversed()]) {
      const spent = cpuTime();
      const volumes = await volumesOf(texts.join(''));
      assert.ok(spent() < MAX_CPU_MS, `${spent()} ms`);
      const code = physical === 'pv0' ? 'UNSUPPORTED_FEATURE' : 'MISSING_DEVICE';
      assert.equal(problemOf(volumes.get('/dev/vg/a12'))?.code, code);
    }
  }
});

test('volumes upon volumes end, in whichever order they are listed', async () => {
  const length = 200;
  const chain = Array.from({ length }, (_, i) =>
    linearText(`lv${i}`, i === 0 ? '"pv0", 0' : `"lv${i - 1}", 0`),
  );
  const codes = [...(await volumesOf(chain.join(''))).values()].map(
    (source) => problemOf(source)?.code ?? null,
  );
  assert.equal(codes.filter((code) => code === null).length, 16);
  assert.deepEqual([...new Set(codes)].sort(), ['LIMIT', null]);
});

test('an image that the group gave up is a missing one', async () => {
  const texts = [
    linearText('one', '"pv0", 0', 2),
    linearText('two', '"pv0", 2', 2),
    logicalText('gone', 'type = "error"\n'),
    raidText('array', ['one', 'two', 'gone']),
  ];
  const volumes = await volumesOf(texts.join(''));
  assert.equal(problemOf(volumes.get('/dev/vg/gone'))?.code, 'MISSING_DEVICE');
  // These images have no metadata of dm-raid, so that each that is there is whole.
  assert.ok(bytesOf(volumes.get('/dev/vg/array')));
});

/** A store with chunks of a sector, and its exceptions. */
function storeOf(exceptions: readonly (readonly [bigint, bigint])[], chunks: number): ByteSource {
  const header = Buffer.alloc(16);
  header.write('SnAp', 0, 'latin1');
  for (const at of [4, 8, 12]) header.writeUInt32LE(1, at);
  const table = Buffer.alloc(16 * exceptions.length);
  for (const [i, words] of exceptions.entries()) {
    for (const [j, word] of words.entries()) table.writeBigUInt64LE(word, i * 16 + j * 8);
  }
  return sparseSource(chunks * 512, [
    [0, header],
    [512, table],
  ]);
}

test('a snapshot of petabytes tells soon where its bytes lie', async () => {
  const sizeBytes = 2 ** 52;
  const origin = mapped(sizeBytes, [], async (_, lengthBytes) => ({ lengthBytes, from: null }));
  const store = storeOf(
    [
      [5n, 2n],
      [3n, 3n],
    ],
    8,
  );
  const snapshot = await snapshotSource(origin, store, { left: 2 });
  assert.deepEqual(
    (await snapshot.runs(0, sizeBytes)).map(({ offsetBytes, lengthBytes }) => [
      offsetBytes / 512,
      lengthBytes / 512,
    ]),
    [
      [0, 3],
      [3, 1],
      [4, 1],
      [5, 1],
      [6, sizeBytes / 512 - 6],
    ],
  );
  const poor = await snapshotSource(origin, store, { left: 1 });
  await assert.rejects(poor.read(0, 1), { code: 'LIMIT' });
});

/** A member of a mirror of two, with features and how far it is rebuilt. */
function member(role: number, features: number): ByteSource {
  const sizeBytes = 4 * MIB;
  const bytes = mdSuperblock({ version: '1.2', sizeBytes, role });
  bytes.writeUInt32LE(features, 8);
  bytes.writeUInt32LE(0, 216);
  bytes.writeUInt32LE(folded(bytes), 216);
  return sparseSource(sizeBytes, [[4096, bytes]]);
}

async function arrayWith(features: number) {
  const members = [0, 1].map((role) => ({
    device: `/dev/sd${'ab'[role]}`,
    source: member(role, features),
  }));
  const { volumes, problems } = await md.join(members);
  return { source: bytesOf(volumes[0]?.source), problems };
}

test('an array with a journal is told of, though it says that it is clean', async () => {
  const { problems } = await arrayWith(512);
  assert.deepEqual(
    problems.map(({ error }) => error.code),
    ['ESTIMATE'],
  );
  assert.match(problems[0]?.error.message ?? '', /has a journal/u);
});

test('a part that no member has yet is told so', async () => {
  const { source } = await arrayWith(2);
  await assert.rejects(source?.read(0, 1) ?? Promise.resolve(), {
    code: 'MISSING_DEVICE',
    message: /can be had of no member: .*not rebuilt so far/u,
  });
});
