// Content within a record: `--file` tells where it lies, and an offset there names the file beside the metadata. The bytes on the disk are
// those that a kernel showed: the targets of links, and of a file of NTFS as many as its size.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import type { MapRow } from '../../src/queries/map/record.js';
import { asBytes, truthOf } from '../filesystem/files/truth.js';
import { latin1, mapOf } from './map-support.js';

/** The image, a link or a file whose content lies in a record, and what the record is part of. */
const CASES = [
  ['ext4-inline-data', '/short-link', 'metadata'],
  ['xfs-files', '/names/link-inline', 'metadata'],
  ['btrfs-files', '/long-link', 'metadata'],
  ['f2fs-files', '/short', 'metadata'],
] as const;

const image = (name: string) => resolve(`images/${name}.qcow2`);

interface Link {
  readonly target?: string;
}

for (const [name, path, kind] of CASES) {
  test(`${name}: ${path} lies in ${kind}, which an offset there says`, async () => {
    const [piece] = await inlineOf(name, path);
    const { deviceOffsetBytes, lengthBytes } = piece ?? {};
    assert.ok(typeof deviceOffsetBytes === 'number' && lengthBytes !== undefined);
    const target = truthOf<{ readonly files: Record<string, Link> }>(name)['/dev/sda']?.files[path];
    assert.equal(
      await bytesAt(name, deviceOffsetBytes, lengthBytes),
      asBytes(target?.target ?? ''),
    );
    // From its second byte on.
    const ranges = [{ offsetBytes: deviceOffsetBytes + 1, lengthBytes: 1 }];
    const { rows } = await mapOf([image(name)], { ranges });
    const own = rows.find((row) => row.kind === 'inline');
    assert.deepEqual(rows.map((row) => row.kind).sort(), ['inline', kind]);
    assert.deepEqual([own?.owner?.paths.map(latin1), own?.fileOffsetBytes], [[path], 1]);
    assert.equal(own?.isShared, false);
  });
}

test('a map of all has the metadata alone', async () => {
  const { rows } = await mapOf([image('ext4-inline-data')]);
  assert.ok(!rows.some(({ kind }: MapRow) => kind === 'inline'));
});

async function inlineOf(name: string, path: string) {
  const names = path.split('/').slice(1);
  const { filesystems } = await mapOf([image(name)], { from: 'file', path: names });
  const pieces = filesystems.flatMap(({ file }) => file?.pieces ?? []);
  return pieces.filter(({ kind }) => kind === 'inline');
}

async function bytesAt(name: string, offset: number, length: number): Promise<string> {
  const scope = openScope();
  try {
    const { content } = await openDisk(image(name), { format: 'auto', scope });
    return Buffer.from(await content.read(offset, length)).toString('latin1');
  } finally {
    await scope.close();
  }
}
