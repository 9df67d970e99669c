// The files of NTFS beside what ntfs-3g shows of them, and where ntfsinfo says that their attributes lie.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode } from '../../../src/filesystem/files.js';
import { ntfs } from '../../../src/filesystem/ntfs.js';
import { doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { joined, type Piece } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { pathsOf } from './paths.js';
import { type KernelFile, truthOf } from './truth.js';

interface NtfsFile extends KernelFile {
  readonly created: string;
  readonly generation: number;
  /** Of all attributes but the content, in clusters. */
  readonly other: number;
  readonly pieces: readonly Piece[];
}

interface NtfsTruth {
  readonly oracle: string;
  readonly files: Readonly<Record<string, NtfsFile>>;
}

/** Where the content lies, as runs of clusters: a compressed unit covers more of the file than it takes. */
async function storedOf(node: FileNode) {
  const pieces: Piece[] = [];
  let other = 0;
  let end = 0;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'map' || extent.kind === 'attributes') {
        other += extent.at.lengthBytes;
        continue;
      }
      const { offsetBytes, lengthBytes } = extent;
      assert.equal(offsetBytes, end, 'without a gap');
      end += lengthBytes;
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      pieces.push([offsetBytes ?? 0, extent.at.offsetBytes, extent.at.lengthBytes, 0]);
    }
  }
  assert.ok(end >= node.sizeBytes, `content for ${node.sizeBytes} bytes`);
  return { pieces: joined(pieces), other };
}

async function described(node: FileNode) {
  const stat = node.stat();
  return {
    kind: node.kind,
    inode: node.id.number,
    links: node.linkCount,
    size: node.sizeBytes,
    allocated: node.allocatedBytes,
    modified: String(stat.modifiedNs),
    changed: String(stat.changedNs),
    created: String(stat.createdNs),
    generation: stat.generation,
    ...(await storedOf(node)),
  };
}

/**
 * What a reader says otherwise (docs/files.md): the target of a junction as it is written, where ntfs-3g counts the path that
 * it makes of it; a file with a short name beside its long one has one link.
 */
const OTHERWISE: Readonly<Record<string, Partial<NtfsFile>>> = {
  '/junction': { size: 'C:\\d0'.length },
  '/a long name with a short one.txt': { links: 1 },
};

for (const name of imageNames('ntfs')) {
  test(`${name}: ntfs-3g shows the same files, and ntfsinfo the same clusters`, async () => {
    const truths = truthOf<NtfsTruth>(name);
    await withFilesystems(name, ntfs, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const {
        path,
        one,
        file: { target, ...file },
      } of await matched(reader, truth.files)) {
        const shown = { ...file, ...OTHERWISE[path], pieces: joined(file.pieces) };
        assert.deepEqual(await described(one.node), shown, path);
        if (path !== '' && one.kind !== null) assert.equal(one.kind, file.kind, path);
      }
      const codes = told.list.map(({ error }) => error.code);
      assert.deepEqual(codes, /marked|hibernated/u.test(name) ? ['IN_USE'] : []);
    });
  });
}

test('the mode that WSL keeps is the mode', async () => {
  await withFilesystems('ntfs-streams', ntfs, async ({ filesystem }) => {
    const reader = await filesystem.files?.(doubts());
    assert.ok(reader);
    const found = await pathsOf(reader);
    assert.equal(found.get('/of linux')?.node.stat().mode, 0o100640);
    assert.equal(found.get('/streams/file')?.node.stat().mode, null);
  });
});
