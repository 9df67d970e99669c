// The invariant of every reader of files, over all recorded images of its format: free space, metadata and extents of
// files are the volume, each byte once; and what of it is used is df's used, which a kernel said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fat } from '../../../src/filesystem/fat.js';
import type { FilesystemFormat } from '../../../src/filesystem/filesystem.js';
import { accountOf, doubts } from './account.js';
import { imageNames, type Opened, withFilesystems } from './images.js';
import { truthOf } from './truth.js';

const FORMATS: readonly {
  readonly format: FilesystemFormat;
  readonly families: readonly string[];
}[] = [{ format: fat, families: ['fat'] }];

async function checkAccount(
  { filesystem, statvfs, device }: Opened,
  lostBytes: number,
): Promise<void> {
  const { list, onDoubt } = doubts();
  const reader = await filesystem.files?.({ onDoubt });
  assert.ok(reader, `${device}: its files can be read`);
  const { lost, overlaps, usedBytes, freeBytes, nodes } = await accountOf(reader);
  assert.deepEqual(
    list.map(({ id, error }) => `${id?.number}: ${error.message}`),
    [],
    device,
  );
  assert.deepEqual(overlaps, [], device);
  const notReached = lost.reduce((bytes, { start, end }) => bytes + end - start, 0);
  assert.equal(notReached, lostBytes, `${device}: in use, and of no file`);
  const { f_frsize, f_blocks, f_bfree } = statvfs;
  assert.equal(freeBytes, f_bfree * f_frsize, `${device}: free`);
  assert.equal(usedBytes + lostBytes, (f_blocks - f_bfree) * f_frsize, `${device}: used`);
  const ids = new Set(nodes.map(({ id }) => `${id.tree} ${id.number}`));
  assert.equal(ids.size, nodes.length, `${device}: a file comes twice`);
}

for (const { format, families } of FORMATS) {
  for (const name of imageNames(...families)) {
    const truths = truthOf<{ readonly lost_bytes?: number }>(name);
    test(`${name}: each byte has one owner, and df's used are theirs`, () =>
      withFilesystems(name, format, (opened) =>
        checkAccount(opened, truths[opened.device]?.lost_bytes ?? 0),
      ));
  }
}
