// Every block of some images beside the kernel's GETFSMAP, as scripts/images/fsmap.py wrote it down: free, metadata, the log, and
// with XFS's reverse map the inode and the offset in the file.
// References: Linux include/uapi/linux/fsmap.h; fs/xfs/libxfs/xfs_fs.h and fs/ext4/fsmap.h for the owners.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { within } from '../../src/queries/map/ranges.js';
import type { MapKind, MapRow } from '../../src/queries/map/record.js';
import { mapOf } from './map-support.js';

type KernelRange = readonly [
  offsetBytes: number,
  lengthBytes: number,
  owner: string,
  fileOffsetBytes: number | null,
];

interface Truth {
  readonly images: Readonly<Record<string, readonly KernelRange[]>>;
}

const { images }: Truth = JSON.parse(
  gunzipSync(readFileSync(resolve('test/queries/truth/fsmap.json.gz'))).toString('utf8'),
);

const FREE = 'special_0:1';
/** In use, without a word for what. */
const IN_USE = 'special_0:2';
const LOG = 'special_88:2';
const METADATA = ['metadata', 'reserved', 'unused'];

/** Of a file's blocks, as GETFSMAP tells them apart. */
const OF_FILE: Readonly<Record<string, readonly MapKind[]>> = {
  data: ['data', 'unwritten'],
  attr: ['attributes'],
  data_bmbt: ['map'],
  attr_bmbt: ['map'],
};

/** As the kernel would name a row. */
function isOwner(row: MapRow, owner: string): boolean {
  const [, inode, part = ''] = /^inode_(\d+)_(\w+)$/u.exec(owner) ?? [];
  if (inode !== undefined) {
    return row.owner?.id.number === Number(inode) && OF_FILE[part]?.includes(row.kind) === true;
  }
  if (owner === FREE) return row.kind === 'free';
  if (owner === LOG) return row.kind === 'log';
  if (owner === IN_USE) return row.kind !== 'free' && row.kind !== 'unknown';
  return METADATA.includes(row.kind);
}

test('every block has the owner that the kernel says', async () => {
  for (const [name, ranges] of Object.entries(images)) {
    const { rows, problems } = await mapOf([resolve(`images/${name}.qcow2`)]);
    assert.deepEqual(problems, [], name);
    for (const [offsetBytes, lengthBytes, owner, fileOffsetBytes] of ranges) {
      let covered = 0;
      for (const part of within(rows, { offsetBytes, lengthBytes })) {
        const row = part.of;
        if (!isOwner(row, owner)) continue;
        covered += part.lengthBytes;
        if (fileOffsetBytes === null || row.fileOffsetBytes === null) continue;
        const ours = row.fileOffsetBytes + (part.offsetBytes - row.offsetBytes);
        assert.equal(ours, fileOffsetBytes + (part.offsetBytes - offsetBytes), `${name} ${owner}`);
      }
      assert.equal(covered, lengthBytes, `${name}: ${owner} at ${offsetBytes}`);
    }
  }
});
