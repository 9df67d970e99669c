// What a format itself says of who has a block, and of the directories that have a file's names, beside the walks over all files and all
// directories.
import assert from 'node:assert/strict';
import type { FileId, FileNode, FileReader } from '../../../src/filesystem/files.js';

/** Of so many files of an image. */
const MAX_ASKED = 16;

export async function checkOwners(
  reader: FileReader,
  nodes: readonly FileNode[],
  device: string,
): Promise<void> {
  const step = Math.ceil(nodes.length / MAX_ASKED);
  for (const node of nodes.filter((_, i) => i % step === 0)) {
    if (reader.ownersOf !== undefined) await checkPiece(reader.ownersOf, node, device);
    await checkNames(reader, node, device);
  }
}

/** The last byte of a file's last piece: with a snapshot, it may be one of many owners. */
async function checkPiece(
  ownersOf: NonNullable<FileReader['ownersOf']>,
  { id, extents }: FileNode,
  device: string,
): Promise<void> {
  for await (const page of extents()) {
    const last = page.findLast(({ kind }) => kind !== 'hole' && kind !== 'inline');
    if (last === undefined || last.kind === 'hole') continue;
    const { at } = last;
    const byte = { ...at, offsetBytes: at.offsetBytes + at.lengthBytes - 1, lengthBytes: 1 };
    const owners = await ownersOf([byte]);
    const name = `${device}: ${last.kind} of ${keyOf(id)} at ${byte.offsetBytes}`;
    assert.ok(owners === null || owners.map(keyOf).includes(keyOf(id)), name);
    return;
  }
}

async function checkNames(
  reader: FileReader,
  { id, entries }: FileNode,
  device: string,
): Promise<void> {
  for await (const page of entries()) {
    for (const entry of page.slice(0, MAX_ASKED)) {
      const parents = await (await reader.file(entry.id))?.parents?.();
      const name = `${device}: ${entry.name.text} in ${keyOf(id)}`;
      assert.ok(parents === undefined || parents.map(keyOf).includes(keyOf(id)), name);
    }
  }
}

function keyOf({ tree, number }: FileId): string {
  return `${tree}/${number}`;
}
