// Files whose content lies within records that are asked about: a short link in its inode, a small file in a leaf of btrfs or in its
// record of NTFS. Such a range has a line for the metadata and one for the file.
import type {
  FileExtent,
  FileNode,
  FileReader,
  IsWanted,
  RecordNode,
  VolumeRange,
} from '../../filesystem/files.js';

type Inline = Extract<FileExtent, { readonly kind: 'inline' }>;

/** A file with a piece of its content, and the places where that lies. */
export interface InlinePiece {
  readonly node: FileNode;
  readonly extent: Inline;
  readonly places: readonly VolumeRange[];
}

/** Files that were looked at, and what of their content lies in a record. */
interface InlinePage {
  readonly fileCount: number;
  readonly pieces: readonly InlinePiece[];
}

/** Only records that may have a wanted byte are read, where the format tells which these are; otherwise all are. */
export async function* inlinePages(
  reader: FileReader,
  isWanted: IsWanted,
): AsyncGenerator<InlinePage, void, undefined> {
  if (reader.recordTrees !== undefined) {
    for (const { top } of await reader.recordTrees()) yield* pagesOfTree(top, isWanted);
    return;
  }
  const pages = reader.filesIn === undefined ? reader.files() : reader.filesIn(isWanted);
  for await (const nodes of pages) yield pageOf(nodes, await piecesOf(nodes, []));
}

async function* pagesOfTree(
  top: RecordNode,
  isWanted: IsWanted,
): AsyncGenerator<InlinePage, void, undefined> {
  const open: RecordNode[] = [top];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.level > 0) {
      open.push(...(await next.below()).toReversed());
      continue;
    }
    const places = next.at();
    if (!places.some(isWanted)) continue;
    const nodes = await next.files();
    yield pageOf(nodes, await piecesOf(nodes, places));
  }
}

function pageOf(nodes: readonly FileNode[], pieces: readonly InlinePiece[]): InlinePage {
  return { fileCount: nodes.length, pieces };
}

/** @param copies all places of the record that the files have in common, the first one first. */
async function piecesOf(
  nodes: readonly FileNode[],
  copies: readonly VolumeRange[],
): Promise<readonly InlinePiece[]> {
  const found: InlinePiece[] = [];
  for (const node of nodes) {
    for await (const extents of node.extents()) {
      for (const extent of extents) {
        if (extent.kind !== 'inline') continue;
        found.push({ node, extent, places: [extent.at, ...copiesOf(extent.at, copies)] });
      }
    }
  }
  return found;
}

function copiesOf(at: VolumeRange, [first, ...others]: readonly VolumeRange[]): VolumeRange[] {
  if (first === undefined || first.volumeIndex !== at.volumeIndex) return [];
  const within = at.offsetBytes - first.offsetBytes;
  const isIn = within >= 0 && within + at.lengthBytes <= first.lengthBytes;
  const isWhole = others.every(({ lengthBytes }) => lengthBytes === first.lengthBytes);
  if (!isIn || !isWhole) return [];
  return others.map((one) => ({
    ...at,
    volumeIndex: one.volumeIndex,
    offsetBytes: one.offsetBytes + within,
  }));
}
