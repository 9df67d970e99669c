// A filesystem whose superblock is damaged is a row with a reason, and with the type, label and UUID that can still be read.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { dfOfSources } from '../queries/sources.js';

async function contentOf(image: string): Promise<Buffer> {
  const scope = openScope();
  try {
    const path = resolve('images', `${image}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    return Buffer.from(await content.read(0, content.sizeBytes));
  } finally {
    await scope.close();
  }
}

async function rowOf(bytes: Buffer) {
  const { filesystems } = await dfOfSources([memorySource(bytes)]);
  const [row, ...others] = filesystems;
  assert.ok(row !== undefined && others.length === 0, 'there is one row');
  return row;
}

/** Where the bytes lie that become 255, and whether more than the type is left. F2FS has its superblock twice. */
const DAMAGES = [
  ['exfat-1k', 'exfat', [0x78], true],
  ['exfat-1k', 'exfat', [1], false],
  ['f2fs-default', 'f2fs', [1024 + 0x48, 4096 + 1024 + 0x48], true],
  ['squashfs-zstd', 'squashfs', [12], false],
] as const;

for (const [image, type, places, isNamed] of DAMAGES) {
  test(`${image} with other bytes at ${places.join(', ')}`, async () => {
    const bytes = await contentOf(image);
    const { fsUuid } = await rowOf(bytes);
    for (const at of places) bytes[at] = 0xff;
    const row = await rowOf(bytes);
    assert.notEqual(row.problem, null);
    assert.equal(row.type, type);
    assert.equal(row.fsUuid, isNamed ? fsUuid : null);
  });
}
