// The nodes that a mount in memory would write, as their bytes, so that whoever reads files reads them like any others.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: struct btrfs_header, btrfs_leaf, btrfs_node.
import {
  BtrfsExtentFields,
  BtrfsExtentReferenceFields,
  BtrfsItemFields,
  BtrfsNodeFields,
  BtrfsPointerFields,
} from '../../../../generated/filesystem/btrfs.js';
import { setField } from '../../../kaitai/index.js';
import { CHECKSUM_BYTES } from '../checksum.js';
import type { Pool } from '../devices.js';
import { EXTENT_TREE, ROOT_TREE } from '../roots.js';
import type { Superblock, TreeRoot } from '../superblock.js';
import { HEAD_BYTES, ITEM_BYTES, type Key, POINTER_BYTES } from '../tree.js';
import type { Recovery } from './mount.js';
import { type EditNode, type EditTree, firstKeyOf } from './node.js';

/** BTRFS_HEADER_FLAG_WRITTEN, and references as they are since Linux 2.6.31. */
const FLAGS = 1n + 2n ** 56n;
const EXTENT_ITEM = 168;
const METADATA_ITEM = 169;
const EXTENT_BYTES = 24;
const FIRST_KEY_BYTES = 18;
const TREE_REFERENCE = 176;
const DATA_FLAG = 1n;
const NODE_FLAG = 2n;

export interface WrittenTrees {
  /** Nodes by their addresses. */
  readonly nodes: ReadonlyMap<number, Uint8Array>;
  /** Where the trees begin that have such nodes, by their numbers. */
  readonly roots: ReadonlyMap<bigint, Pick<TreeRoot, 'address' | 'level' | 'generation'>>;
  /** Nodes of which two trees have a parent now, which the extent tree does not say. */
  readonly sharedNodes: ReadonlySet<number>;
}

interface Writing {
  readonly superblock: Superblock;
  readonly generation: bigint;
  /** The numbers of the trees of all nodes that are written. */
  readonly owners: ReadonlyMap<number, bigint>;
}

export function writtenTrees({ superblock }: Pool, recovery: Recovery): WrittenTrees {
  const trees = new Map([[ROOT_TREE, recovery.root], ...recovery.trees]);
  const generation = superblock.generation + 1n;
  const owners = new Map<number, bigint>();
  const sharedNodes = new Set<number>();
  const moved: { readonly node: EditNode; readonly number: bigint }[] = [];
  const roots = new Map<bigint, Pick<TreeRoot, 'address' | 'level' | 'generation'>>();
  for (const [number, tree] of trees) {
    const { address, level } = tree.root;
    if (address !== tree.origin) roots.set(number, { address, level, generation });
    for (const node of movedNodes(tree)) {
      owners.set(node.address, number);
      moved.push({ node, number });
      for (const child of node.children) {
        if (child.isShared && !isMoved(child)) sharedNodes.add(child.pointer?.address ?? 0);
      }
    }
  }
  const writing = { superblock, generation, owners };
  const nodes = new Map(
    moved.map(({ node, number }) => [node.address, bytesOf(writing, node, number)]),
  );
  return { nodes, roots, sharedNodes };
}

function isMoved({ node, pointer }: EditNode['children'][number]): boolean {
  return node !== null && node.address !== pointer?.address;
}

/** A node that is written has a new place, and so has each one that leads to it. */
function* movedNodes({ root, origin }: EditTree): Generator<EditNode, void, undefined> {
  const left = root.address === origin ? [] : [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    yield node;
    for (const child of node.children) {
      if (child.node !== null && isMoved(child)) left.push(child.node);
    }
  }
}

function bytesOf(writing: Writing, node: EditNode, owner: bigint): Uint8Array {
  const { superblock, generation } = writing;
  const { nodeBytes, metadataUuid, checksum } = superblock;
  const bytes = new Uint8Array(nodeBytes);
  bytes.set(Buffer.from((metadataUuid ?? '').replaceAll('-', ''), 'hex'), CHECKSUM_BYTES);
  setField(bytes, BtrfsNodeFields.address, node.address);
  setField(bytes, BtrfsNodeFields.flags, FLAGS);
  setField(bytes, BtrfsNodeFields.generation, generation);
  setField(bytes, BtrfsNodeFields.owner, owner);
  setField(bytes, BtrfsNodeFields.numItems, Math.max(node.items.length, node.children.length));
  setField(bytes, BtrfsNodeFields.level, node.level);
  if (node.level === 0) setItems(writing, node, owner, bytes);
  else setPointers(writing, node, bytes);
  bytes.set(checksum(bytes.subarray(CHECKSUM_BYTES)));
  return bytes;
}

function setItems(writing: Writing, { items }: EditNode, owner: bigint, bytes: Uint8Array): void {
  let end = bytes.length;
  for (const [i, item] of items.entries()) {
    const at = HEAD_BYTES + i * ITEM_BYTES;
    end -= item.data.length;
    setKey(bytes, item, at);
    setField(bytes, BtrfsItemFields.ofsData, end - HEAD_BYTES, at);
    setField(bytes, BtrfsItemFields.lenData, item.data.length, at);
    bytes.set(item.data, end);
    if (owner === EXTENT_TREE)
      fillExtent(writing, item, bytes.subarray(end, end + item.data.length));
  }
}

function setKey(bytes: Uint8Array, { object, type, offset }: Key, at: number): void {
  setField(bytes, BtrfsItemFields.object, object, at);
  setField(bytes, BtrfsItemFields.type, type, at);
  setField(bytes, BtrfsItemFields.offset, offset, at);
}

/** Of what the replay notes in the extent tree only the size counts for df: here it says what it is, and whose. */
function fillExtent({ owners }: Writing, { object, type }: Key, data: Uint8Array): void {
  if (type !== EXTENT_ITEM && type !== METADATA_ITEM) return;
  if (data.some((byte) => byte !== 0)) return;
  const owner = owners.get(Number(object));
  setField(data, BtrfsExtentFields.numReferences, 1);
  setField(data, BtrfsExtentFields.flags, owner === undefined ? DATA_FLAG : NODE_FLAG);
  if (owner === undefined) return;
  const at = EXTENT_BYTES + (type === EXTENT_ITEM ? FIRST_KEY_BYTES : 0);
  setField(data, BtrfsExtentReferenceFields.type, TREE_REFERENCE, at);
  setField(data, BtrfsExtentReferenceFields.offset, owner, at);
}

function setPointers({ generation }: Writing, { children }: EditNode, bytes: Uint8Array): void {
  for (const [i, child] of children.entries()) {
    const { node, pointer, key } = child;
    const at = HEAD_BYTES + i * POINTER_BYTES;
    const isNew = node !== null && isMoved(child);
    setKey(bytes, isNew ? firstKeyOf(node) : key, at);
    const place = isNew ? { address: node.address, generation } : pointer;
    setField(bytes, BtrfsPointerFields.address, place?.address ?? 0, at);
    setField(bytes, BtrfsPointerFields.generation, place?.generation ?? 0n, at);
  }
}
