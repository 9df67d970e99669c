// What of files and of directories no other file has, beside `btrfs filesystem du` on a mounted copy, which
// scripts/images/files.py asked; on XFS beside the pieces that FIEMAP calls shared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../../src/queries/files/guest-path.js';
import { asBytes, type KernelFile, truthOf } from '../filesystem/files/truth.js';
import { duOf, entriesOf } from './du-support.js';

interface Truth {
  readonly files: Readonly<Record<string, KernelFile & { readonly shared?: number }>>;
}

const SHARED = 2;

async function sharedOf(image: string): Promise<ReadonlyMap<string, number | null>> {
  const { filesystems } = await duOf([`images/${image}.qcow2`]);
  const [filesystem] = filesystems;
  assert.ok(filesystem);
  return new Map(
    entriesOf(filesystem).map((entry) => {
      const { path, totalBytes, exclusiveBytes, isRepeated } = entry;
      const name = Buffer.from(bytesOf(path)).toString('latin1');
      const shared = exclusiveBytes === null ? null : totalBytes - exclusiveBytes;
      return [name === '/' ? '' : name, isRepeated ? null : shared];
    }),
  );
}

for (const [image, fileCount] of [
  ['btrfs-files', 200],
  // Of some extents several leaves have parts.
  ['btrfs-spread', 7],
] as const) {
  test(`of ${image} it is what btrfs filesystem du says`, async () => {
    const found = await sharedOf(image);
    const files = truthOf<Truth>(image)['/dev/sda']?.files ?? {};
    let count = 0;
    for (const [path, { shared, links, kind }] of Object.entries(files)) {
      if (shared === undefined || (links > 1 && kind !== 'directory')) continue;
      assert.equal(found.get(asBytes(path)), shared, path);
      count += 1;
    }
    assert.ok(count > fileCount && (found.get('') ?? 0) > 0, `${count} files`);
  });
}

test('on XFS it is all but the pieces that are shared', async () => {
  const found = await sharedOf('xfs-files');
  const files = truthOf<Truth>('xfs-files')['/dev/sda']?.files ?? {};
  let sum = 0;
  for (const [path, { pieces, links, kind }] of Object.entries(files)) {
    if (kind !== 'file' || links > 1) continue;
    const told = (pieces ?? []).filter(([, , , marks]) => marks >= SHARED);
    const shared = told.reduce((bytes, [, , length]) => bytes + length, 0);
    assert.equal(found.get(asBytes(path)), shared, path);
    sum += shared;
  }
  assert.ok(sum > 0);
  assert.equal(found.get(''), sum);
});

test('where nothing is shared there is no such number', async () => {
  const shared = new Set((await sharedOf('ext4-default')).values());
  assert.deepEqual([...shared], [null]);
});
