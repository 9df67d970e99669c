// The files of UDF beside what a kernel shows of them: names, stat, the blocks of each file, targets of links; and what only an
// attacker writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { linkTarget } from '../../../src/filesystem/udf/link.js';
import { udf } from '../../../src/filesystem/udf.js';
import { imageNames, withFilesystems } from './images.js';
import { dataPieces, joined, shownStat } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { asBytes, type ExtTruth, type KernelFile, truthOf } from './truth.js';

async function described(node: FileNode, { pieces }: KernelFile) {
  return {
    ...shownStat(node),
    inode: node.id.number,
    ...(pieces ? { pieces: await dataPieces(node) } : {}),
  };
}

/** Of the components, which are all within the entry or in one piece. */
async function targetOf(reader: FileReader, node: FileNode): Promise<string> {
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind !== 'inline' && extent.kind !== 'compressed') continue;
      const bytes = await reader.volumes[0]?.read(extent.at.offsetBytes, extent.at.lengthBytes);
      return linkTarget(Buffer.from(bytes ?? [])).toString('latin1');
    }
  }
  return '';
}

for (const name of imageNames('udf')) {
  test(`${name}: the kernel shows the same files in the same blocks`, async () => {
    const truths = truthOf<ExtTruth>(name);
    await withFilesystems(name, udf, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const { target, ...shown } = file;
        const pieces = file.pieces ? { pieces: joined(file.pieces) } : {};
        assert.deepEqual(await described(one.node, file), { ...shown, ...pieces }, path);
        if (target !== undefined) assert.equal(await targetOf(reader, one.node), asBytes(target));
      }
      assert.deepEqual(
        told.list.map(({ error }) => error.code).filter((code) => code !== 'IN_USE'),
        [],
      );
    });
  });
}
