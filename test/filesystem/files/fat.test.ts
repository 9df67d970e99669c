// The files of FAT beside what mtools says of them: names, kinds, and the clusters of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fat } from '../../../src/filesystem/fat.js';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { pathsOf } from './paths.js';
import { asBytes, type FatTruth, truthOf } from './truth.js';

/** Runs of clusters as mtools prints them, by where the first cluster begins. */
async function clustersOf(node: FileNode, firstByte: number, clusterBytes: number) {
  const runs: [number, number][] = [];
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind !== 'data') continue;
      const first = (extent.at.offsetBytes - firstByte) / clusterBytes + 2;
      runs.push([first, first + extent.at.lengthBytes / clusterBytes - 1]);
    }
  }
  return runs;
}

/** Where the clusters begin: behind all that is metadata in front of them. */
async function firstClusterByte(reader: FileReader): Promise<number> {
  let end = 0;
  for await (const page of reader.metadata()) {
    for (const { at, name } of page) {
      if (/^(FAT|root)/u.test(name)) end = Math.max(end, at.offsetBytes + at.lengthBytes);
    }
  }
  return end;
}

const known = imageNames('fat').filter((name) =>
  Object.values(truthOf<FatTruth>(name)).every(({ files }) => files !== null),
);

test('mtools reads most of the images', () => {
  assert.ok(known.length >= 25, `only ${known.length}`);
});

for (const name of known) {
  const truths = truthOf<FatTruth>(name);
  test(`${name}: mtools finds the same files in the same clusters`, async () => {
    assert.ok(Object.keys(truths).length > 0, 'there is a truth');
    await withFilesystems(name, fat, async ({ filesystem, statvfs, device }) => {
      const truth = truths[device];
      assert.ok(truth?.files, device);
      const reader = await filesystem.files?.(doubts());
      assert.ok(reader);
      const firstByte = await firstClusterByte(reader);
      const found = await pathsOf(reader);
      const mine: Record<string, unknown> = {};
      for (const [path, { node }] of found) {
        if (path === '') continue;
        const clusters = await clustersOf(node, firstByte, statvfs.f_frsize);
        mine[path] = { type: node.kind, clusters };
      }
      const theirs = Object.fromEntries(
        Object.entries(truth.files).map(([path, file]) => [asBytes(path), file]),
      );
      assert.deepEqual(mine, theirs);
    });
  });
}

test('a root directory without room for any entry has no content', async () => {
  await withFilesystems('fat12-floppy', fat, async ({ source }) => {
    const bytes = Uint8Array.from(await source.read(0, source.sizeBytes));
    // BPB_RootEntCnt
    bytes.fill(0, 17, 19);
    const filesystem = await fat.open(memorySource(bytes));
    const reader = await filesystem.files?.(doubts());
    assert.ok(reader);
    assert.ok((await readAll(reader)) > 0);
    const root = await reader.file({ tree: 0, number: 1 });
    assert.equal(root?.sizeBytes, 0);
  });
});
