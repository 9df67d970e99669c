// What the tests of files ask of a file beside a kernel's word for it: its pieces as FIEMAP shows them, what stat(2) shows, the
// target of a link.
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';

/** The fourth is 1 if it is unwritten, and 2 more if it is shared. */
export type Piece = [offsetBytes: number, at: number, lengthBytes: number, marks: number];

/** Neighbours in the file and on the disk as one: the kernel joins some, whichever way they are stored. */
export function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  for (const [offset, at, length, marks] of pieces) {
    const last = all.at(-1);
    const goesOn =
      last !== undefined &&
      last[0] + last[2] === offset &&
      last[1] + last[2] === at &&
      last[3] === marks;
    if (goesOn) last[2] += length;
    else all.push([offset, at, length, marks]);
  }
  return all;
}

/** Those with content that is neither compressed nor in the inode, where nothing is unwritten or shared. */
export async function dataPieces(node: FileNode): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind !== 'data') continue;
      pieces.push([extent.offsetBytes ?? 0, extent.at.offsetBytes, extent.at.lengthBytes, 0]);
    }
  }
  return joined(pieces);
}

/** As files.py records a kernel's stat of a format with owners; without them it has neither mode nor ids. */
export function shownStat(node: FileNode) {
  const { mode, userId, groupId, modifiedNs, changedNs } = node.stat();
  return {
    kind: node.kind,
    ...(mode === null ? {} : { mode, ids: [userId, groupId] }),
    links: node.linkCount,
    size: node.sizeBytes,
    allocated: node.allocatedBytes,
    modified: String(modifiedNs),
    changed: String(changedNs),
  };
}

/** The bytes of a link's target. */
export async function targetOf(reader: FileReader, node: FileNode): Promise<string> {
  let target = '';
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind !== 'inline' && extent.kind !== 'data') continue;
      const { volumeIndex, offsetBytes, lengthBytes } = extent.at;
      const bytes = await reader.volumes[volumeIndex]?.read(offsetBytes, lengthBytes);
      target += Buffer.from(bytes ?? []).toString('latin1');
    }
  }
  return target.slice(0, node.sizeBytes);
}

/** The same as the node tells it itself. */
export async function toldTarget({ target }: FileNode): Promise<string> {
  return Buffer.from((await target?.()) ?? []).toString('latin1');
}
