// A guest of whose disks one could not be read: what is missed is said to be there, and nobody is told to give all disks.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { imageGuest } from '../../src/guests/images.js';
import { dfOf } from './sources.js';

const FIRST = resolve('images', 'btrfs-raid1.1.qcow2');

async function saidOf(paths: readonly string[]): Promise<string> {
  const { filesystems } = await dfOf(imageGuest([...paths], 'auto'));
  const row = filesystems.find(({ problem }) => problem?.code === 'MISSING_DEVICE');
  assert.ok(row !== undefined, 'a device is missing');
  return row.problem?.message ?? '';
}

test('a disk that was not given is asked for', async () => {
  assert.match(await saidOf([FIRST]), /; give all disks of the guest$/u);
});

test('a disk that does not exist is named', async () => {
  const said = await saidOf([FIRST, resolve('images', 'nothing.qcow2')]);
  assert.match(said, /; it may be on \/dev\/sdb, which could not be read$/u);
});
