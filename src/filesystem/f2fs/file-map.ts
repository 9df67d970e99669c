// Which node of a file has the address of a block: the inode itself, one of two direct nodes, or one below indirect ones.
// Example: an inode without attributes in it has the addresses of blocks 0 to 922, the first direct node that of block 923.
// References: Linux 6.1 fs/f2fs/node.c: get_node_path, f2fs_get_dnode_of_data; fs/f2fs/data.c: f2fs_start_bidx_of_node.
import { addressesOfInode, addressesOfNode, type Inode, POINTERS_PER_NODE } from './inode.js';
import { getNode, invalid, makeNode, type PointerNode, type Recovery } from './recovery-state.js';

/** Places of the nodes that an inode names. */
const INDIRECT_OFFSETS = [3, 4 + POINTERS_PER_NODE] as const;
const DOUBLE_OFFSET = 5 + 2 * POINTERS_PER_NODE;
const DIRECT = 2;
const DOUBLE = 4;

/** Where the address of a file's block stands: `addresses[before + index]` of a node. */
export interface AddressSlot {
  readonly node: number;
  /** Of that node, in its file. */
  readonly offset: number;
  readonly addresses: Uint32Array;
  /** The address, as the node counts them: without the extra ones of an inode. */
  readonly index: number;
  /** Extra ones before them. */
  readonly before: number;
}

interface Step {
  /** In the inode's nodes, or the node's. */
  readonly index: number;
  readonly offset: number;
}

interface Path {
  readonly steps: readonly Step[];
  readonly index: number;
}

/**
 * Where the address of a file's block stands; nodes that are missing are made if `isMaking`.
 * @returns null if a node is missing.
 */
export async function findAddressSlot(
  recovery: Recovery,
  inode: Inode,
  fileBlock: number,
  isMaking: boolean,
): Promise<AddressSlot | null> {
  const path = pathOf(inode, fileBlock);
  let node: PointerNode | null = null;
  for (const { index, offset } of path.steps) {
    const pointers: Uint32Array = node?.pointers ?? inode.nodes;
    const number: number = pointers[index] ?? 0;
    if (number === inode.number) throw invalid(`inode ${number} is a node of its own file`);
    if (number === 0 && !isMaking) return null;
    const next = number === 0 ? makeNode(recovery, inode, offset) : await getNode(recovery, number);
    if (next === null) {
      if (isMaking) throw invalid(`node ${number} of inode ${inode.number} is missing`);
      return null;
    }
    pointers[index] = next.number;
    node = next;
  }
  return addressSlotIn(inode, node, path.index);
}

export function addressSlotIn(inode: Inode, node: PointerNode | null, index: number): AddressSlot {
  if (node === null) {
    const { number, addresses, extraAddresses: before } = inode;
    return { node: number, offset: 0, addresses, index, before };
  }
  return { node: node.number, offset: node.offset, addresses: node.pointers, index, before: 0 };
}

function pathOf(inode: Inode, fileBlock: number): Path {
  const perNode = addressesOfNode(inode);
  const perIndirect = perNode * POINTERS_PER_NODE;
  let rest = fileBlock - addressesOfInode(inode);
  if (rest < 0) return { steps: [], index: fileBlock };
  const last = (offset: number) => ({ index: rest % perNode, offset });
  for (let i = 0; i < DIRECT; i++, rest -= perNode) {
    if (rest < perNode) return { steps: [{ index: i, offset: i + 1 }], index: last(0).index };
  }
  for (const [i, offset] of INDIRECT_OFFSETS.entries()) {
    if (rest < perIndirect) {
      const child = Math.floor(rest / perNode);
      const steps = [
        { index: DIRECT + i, offset },
        { index: child, offset: offset + 1 + child },
      ];
      return { steps, index: rest % perNode };
    }
    rest -= perIndirect;
  }
  if (rest >= perIndirect * POINTERS_PER_NODE) {
    throw invalid(`block ${fileBlock} of inode ${inode.number} is beyond what a file may have`);
  }
  const child = Math.floor(rest / perIndirect);
  const childOffset = DOUBLE_OFFSET + 1 + child * (POINTERS_PER_NODE + 1);
  const grandchild = Math.floor(rest / perNode) % POINTERS_PER_NODE;
  return {
    steps: [
      { index: DOUBLE, offset: DOUBLE_OFFSET },
      { index: child, offset: childOffset },
      { index: grandchild, offset: childOffset + 1 + grandchild },
    ],
    index: rest % perNode,
  };
}

/** The first block of the file whose address is in the node at a place. */
export function firstBlockOfNode(inode: Inode, offset: number): number {
  if (offset === 0) return 0;
  const perIndirect = POINTERS_PER_NODE + 1;
  const endOfIndirect = 2 * POINTERS_PER_NODE + 4;
  let index = offset - 1;
  if (offset > endOfIndirect) {
    index = offset - 5 - Math.trunc((offset - endOfIndirect - 3) / perIndirect);
  } else if (offset > DIRECT) {
    index = offset - 2 - Math.trunc((offset - 4) / perIndirect);
  }
  return index * addressesOfNode(inode) + addressesOfInode(inode);
}
