// The addresses of a file's blocks: those in its inode, then those of its nodes, a node at a time.
// References: Linux 6.1 fs/f2fs/node.c: get_node_path, f2fs_get_dnode_of_data; fs/f2fs/data.c: f2fs_map_blocks.
import { readTogether } from '../blocks-together.js';
import { LEVELS } from './free.js';
import {
  addressesOfInode,
  addressesOfNode,
  hasAddresses,
  type Inode,
  POINTERS_PER_NODE,
} from './inode.js';
import { readNodePointers } from './node.js';
import { checkedNode, invalid } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import { isWritten } from './volume.js';
import { blocksAt, type F2fsFile, type F2fsVolume } from './volume-files.js';

/** Nodes that are read at once. */
const BATCH = 64;

/** What one node has. */
export interface AddressPage {
  /** The block of the node; null for the inode, and for a node that the mount made and that has no place yet. */
  readonly mapBlock: number | null;
  /** The block of the file that the first address is of; a node of nodes has no addresses. */
  readonly first: number;
  readonly addresses: Uint32Array;
}

/** A node that is to be read. */
interface Branch {
  readonly number: number;
  /** How many kinds of nodes are below it. */
  readonly level: number;
  /** The first block of the file below it. */
  readonly first: number;
}

/** A node that was read. */
interface Loaded extends Branch {
  readonly block: number | null;
  readonly pointers: Uint32Array;
}

const NO_ADDRESSES = new Uint32Array(0);

/** In the order of the file. @throws FormatError OUT_OF_BOUNDS, INVALID, LIMIT. */
export async function* addressPages(
  volume: F2fsVolume,
  file: F2fsFile,
): AsyncGenerator<AddressPage, void, undefined> {
  const { inode } = file;
  if (!hasAddresses(inode) || inode.hasInlineData || inode.hasInlineEntries) return;
  const { extraAddresses, addresses } = inode;
  const perInode = addressesOfInode(inode);
  const own = addresses.subarray(extraAddresses, extraAddresses + perInode);
  yield { mapBlock: null, first: 0, addresses: own };
  const perNode = addressesOfNode(inode);
  const seen = new Set([inode.number]);
  /** The next one is the last. */
  const left = topBranches(inode, perInode, perNode).reverse();
  while (left.length > 0) {
    const batch = nextBatch(left);
    for (const { number } of batch) {
      if (seen.has(number)) throw invalid(`node ${number} is twice in inode ${inode.number}`);
      seen.add(number);
    }
    for (const { block, pointers, level, first } of await load(volume, file, batch)) {
      if (level === 0) {
        yield { mapBlock: block, first, addresses: pointers.subarray(0, perNode) };
        continue;
      }
      yield { mapBlock: block, first, addresses: NO_ADDRESSES };
      const step = perNode * POINTERS_PER_NODE ** (level - 1);
      for (let i = pointers.length - 1; i >= 0; i--) {
        const number = pointers[i] ?? 0;
        if (number !== 0) left.push({ number, level: level - 1, first: first + i * step });
      }
    }
  }
}

function topBranches(inode: Readonly<Inode>, perInode: number, perNode: number): Branch[] {
  let first = perInode;
  return LEVELS.flatMap((level, i) => {
    const branch = { number: inode.nodes[i] ?? 0, level, first };
    first += perNode * POINTERS_PER_NODE ** level;
    return branch.number === 0 ? [] : [branch];
  });
}

/** Nodes of addresses together; one of nodes alone, since what is below it comes next. */
function nextBatch(left: Branch[]): readonly Branch[] {
  const batch: Branch[] = [];
  for (let next = left.at(-1); next !== undefined && batch.length < BATCH; next = left.at(-1)) {
    if (next.level > 0 && batch.length > 0) break;
    left.pop();
    batch.push(next);
    if (next.level > 0) break;
  }
  return batch;
}

/** Those that are not there are holes. */
async function load(
  volume: F2fsVolume,
  { inode, state }: F2fsFile,
  batch: readonly Branch[],
): Promise<readonly Loaded[]> {
  volume.spend(batch.length);
  const places = new Map<number, number>();
  for (const { number } of batch) {
    const block = await state.nodeTable.blockOf(number);
    if (!isWritten(block)) continue;
    blocksAt(volume, block, 1);
    places.set(number, block);
  }
  const unread = [...places].flatMap(([node, block]) => (state.nodes.has(node) ? [] : [block]));
  const blocks = await readTogether(volume.volume.source, BLOCK_BYTES, unread);
  return batch.flatMap((branch): readonly Loaded[] => {
    const { number } = branch;
    const block = places.get(number) ?? null;
    const known = state.nodes.get(number);
    if (known !== undefined) return [{ ...branch, block, pointers: known.pointers }];
    const bytes = block === null ? undefined : blocks.get(block);
    if (block === null || bytes === undefined) return [];
    const { footer } = checkedNode(bytes, number, block);
    if (footer.isInode || footer.inode !== inode.number) {
      throw invalid(`node ${number} of inode ${inode.number} is one of inode ${footer.inode}`);
    }
    return [{ ...branch, block, pointers: readNodePointers(bytes) }];
  });
}
