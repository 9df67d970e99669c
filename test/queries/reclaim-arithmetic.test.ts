// The arithmetic of `virt-df reclaim` on volumes and maps that no image here has: borders within clusters, stripes, free lists of a
// million ranges, ranges over ranges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '../../src/bytes/concat.js';
import { slice } from '../../src/bytes/slice.js';
import type { ByteSource, SourceRun } from '../../src/bytes/source.js';
import { layerOf } from '../../src/container/container.js';
import type { DiskExtent } from '../../src/container/tables/disk-extent.js';
import type { TrimBorders, VolumeRange } from '../../src/filesystem/files.js';
import { GIB, KIB, MIB } from '../../src/limits.js';
import { discardsOf, spaceOf } from '../../src/queries/reclaim/discards.js';
import { storedOf } from '../../src/queries/reclaim/stored.js';

const CLUSTER = 64 * KIB;

type Map = (offsetBytes: number, lengthBytes: number) => readonly DiskExtent[];

function sourceOf(sizeBytes: number, runs: ByteSource['runs']): ByteSource {
  const read = () => Promise.reject(new Error('nothing is read'));
  return { sizeBytes, read, runs };
}

/** A disk of its own, and what its image stores. */
function diskOf(sizeBytes: number, map: Map) {
  const source: ByteSource = sourceOf(sizeBytes, async (offsetBytes, lengthBytes) => [
    { kind: 'memory', offsetBytes, lengthBytes },
  ]);
  const file = { ...source, path: '/disk', allocationBytes: null, physicalBytes: 0 };
  let calls = 0;
  const layer = layerOf(file, 'qcow2', {
    map: async (offset, length) => {
      calls++;
      return map(offset, length);
    },
  });
  const stored = storedOf({ layer, source });
  const disk = { stored, sizeBytes, unitBytes: CLUSTER, frees: true, sharedBytes: null };
  return { source, disk, calls: () => calls };
}

const full: Map = (offsetBytes, lengthBytes) => [
  { kind: 'data', offsetBytes, lengthBytes, hostOffsetBytes: offsetBytes },
];

function readerOf(pages: Iterable<readonly [number, number][]>, trimBorders?: TrimBorders) {
  async function* free(): AsyncGenerator<readonly VolumeRange[]> {
    for (const page of pages) {
      yield page.map(([offsetBytes, lengthBytes]) => ({
        volumeIndex: 0,
        offsetBytes,
        lengthBytes,
      }));
    }
  }
  return trimBorders === undefined ? { free } : { free, trimBorders };
}

const check = () => {};

test('a cluster that two discards share stays; a copy leaves it out', async () => {
  const { source, disk } = diskOf(16 * MIB, full);
  const borders = { firstBytes: MIB + 4 * KIB, everyBytes: MIB };
  const reader = readerOf([[[4 * KIB, 3 * MIB]]], borders);
  const found = await discardsOf(reader, {
    devices: [source],
    disks: new Map([[source, disk]]),
    check,
  });
  const tally = found.tallies.get(disk);
  // From the second cluster to the end of the 48th, without those that hold the borders at 1 and 2 MiB and 4 KiB.
  assert.equal(tally?.storedBytes, 3 * MIB);
  assert.equal(tally?.reclaimableBytes, 45 * CLUSTER);
  assert.equal(spaceOf(found, disk).copyBytes, 47 * CLUSTER);
});

test('the last cluster of a disk may be cut', async () => {
  const { source, disk } = diskOf(MIB + 4 * KIB, full);
  const reader = readerOf([[[MIB, 4 * KIB]]]);
  const found = await discardsOf(reader, {
    devices: [source],
    disks: new Map([[source, disk]]),
    check,
  });
  assert.equal(found.tallies.get(disk)?.reclaimableBytes, 4 * KIB);
});

test('stripes of one disk are one discard', async () => {
  const [one, two] = [diskOf(4 * MIB, full), diskOf(4 * MIB, full)];
  const stripe = 16 * KIB;
  const striped = sourceOf(8 * MIB, async (offset, length) => {
    const runs: SourceRun[] = [];
    for (let at = offset; at < offset + length && runs.length < 100; ) {
      const index = Math.floor(at / stripe);
      const end = Math.min(offset + length, (index + 1) * stripe);
      const parent = index % 2 === 0 ? one.source : two.source;
      const parentOffsetBytes = Math.floor(index / 2) * stripe + (at % stripe);
      runs.push({
        kind: 'data',
        offsetBytes: at,
        lengthBytes: end - at,
        parent,
        parentOffsetBytes,
      });
      at = end;
    }
    return runs;
  });
  const disks = new Map([
    [one.source, one.disk],
    [two.source, two.disk],
  ]);
  const reader = readerOf([[[0, 4 * MIB + stripe]]]);
  const found = await discardsOf(reader, { devices: [striped], disks, check });
  assert.equal(found.tallies.get(one.disk)?.reclaimableBytes, 2 * MIB);
  assert.equal(found.tallies.get(one.disk)?.partialBytes, stripe);
  assert.equal(found.tallies.get(two.disk)?.reclaimableBytes, 2 * MIB);
});

test('all halves of a mirror get a discard, and what lies beside it gets one', async () => {
  const halves = [diskOf(4 * MIB, full), diskOf(4 * MIB, full), diskOf(4 * MIB, full)] as const;
  const [first, second, plain] = halves;
  const mirror = {
    ...slice(first.source, 0, 2 * MIB),
    otherHalves: [slice(second.source, MIB, 2 * MIB)],
  };
  const volume = concat([mirror, slice(plain.source, 0, 4 * MIB)]);
  const disks = new Map(halves.map(({ source, disk }) => [source, disk]));
  const reader = readerOf([[[MIB, 2 * MIB]]]);
  const found = await discardsOf(reader, { devices: [volume], disks, halfCount: 3, check });
  assert.equal(found.freeBytes, 2 * MIB);
  const given = halves.map(({ disk }) => found.tallies.get(disk)?.reclaimableBytes);
  assert.deepEqual(given, [MIB, MIB, MIB]);
});

test('a million free ranges of 16 TiB, a page of the map at a time', async () => {
  const every = 16 * MIB;
  const count = 2 ** 20;
  // Of each 16 MiB the first 128 KiB are stored.
  const map: Map = (offset) => {
    const extents: DiskExtent[] = [];
    for (let at = offset; extents.length < 8192 && at < count * every; ) {
      const start = Math.floor(at / every) * every;
      const isData = at < start + 2 * CLUSTER;
      const end = isData ? start + 2 * CLUSTER : start + every;
      const range = { offsetBytes: at, lengthBytes: end - at };
      extents.push(
        isData ? { kind: 'data', ...range, hostOffsetBytes: at } : { kind: 'backing', ...range },
      );
      at = end;
    }
    return extents;
  };
  const { source, disk, calls } = diskOf(count * every, map);
  function* pages(): Generator<[number, number][]> {
    for (let first = 0; first < count; first += 256) {
      yield Array.from({ length: 256 }, (_, i) => [(first + i) * every + 4 * KIB, MIB]);
    }
  }
  const found = await discardsOf(readerOf(pages()), {
    devices: [source],
    disks: new Map([[source, disk]]),
    check,
  });
  assert.equal(found.freeBytes, count * MIB);
  assert.equal(found.tallies.get(disk)?.reclaimableBytes, count * CLUSTER);
  assert.ok(calls() <= (2 * count) / 8192 + 2, `${calls()}`);
});

test('ranges that lie in others, or come twice, count once and are told', async () => {
  const { source, disk } = diskOf(GIB, full);
  const pages: [number, number][][] = [
    [
      [0, MIB],
      [MIB / 2, MIB],
    ],
    [
      [0, MIB],
      [2 * MIB, MIB],
      [2 * MIB, MIB],
    ],
  ];
  const found = await discardsOf(readerOf(pages), {
    devices: [source],
    disks: new Map([[source, disk]]),
    check,
  });
  assert.equal(found.freeBytes, 2.5 * MIB);
  assert.equal(found.overlapCount, 3);
  assert.equal(found.tallies.get(disk)?.storedBytes, 2.5 * MIB);
});

test('a map with a gap is an error and no circle', async () => {
  const { source, disk } = diskOf(GIB, () => []);
  const disks = new Map([[source, disk]]);
  await assert.rejects(discardsOf(readerOf([[[0, MIB]]]), { devices: [source], disks, check }), {
    code: 'INVALID',
  });
});
