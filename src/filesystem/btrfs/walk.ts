// The nodes of a tree of btrfs, from left to right. Whoever compares two trees leaves out the nodes that both have: a node is
// never changed where it lies, so that the same address and generation are the same content.
// References: Linux 6.18 fs/btrfs/ctree.c: btrfs_search_forward, btrfs_compare_trees in send.c.
import { FormatError } from '../../errors.js';
import { treeBlocks } from '../btree.js';
import type { TreeRoot } from './superblock.js';
import {
  compareKeys,
  type ExpectedNode,
  firstChild,
  type Key,
  type Leaf,
  type Node,
  type Pointer,
  readNode,
  type TreeReader,
  U64_MAX,
} from './tree.js';

const FIRST: Key = { object: 0n, type: 0, offset: 0n };
const LAST: Key = { object: U64_MAX, type: 255, offset: U64_MAX };
export interface WalkedNode<Kind extends Node = Node>
  extends Pick<Pointer, 'address' | 'generation'> {
  readonly node: Kind;
  /** The addresses of the nodes that lead to it, the root first, and its own. */
  readonly path: readonly number[];
}

interface Range {
  /** Nodes with keys of this range, inclusive; default: all. */
  readonly from?: Key;
  readonly to?: Key;
  /** Whether a node is read, and those below it; default: all. */
  enter?(pointer: Pointer): boolean;
  /** Told of a node that cannot be read, which is left out with all below it; default: it ends the walk. */
  onDamage?(error: FormatError): void;
}

const NOTHING: Node = { level: 0, items: [], bytes: new Uint8Array(0) };

/** @throws FormatError when no copy of a node is sound; LIMIT. */
async function* treeNodes(
  reader: TreeReader,
  root: TreeRoot,
  { from = FIRST, to = LAST, enter = () => true, onDamage }: Range = {},
): AsyncGenerator<WalkedNode, void, undefined> {
  /** What is expected of the nodes that are read next, and how they are come to. */
  const wanted = new Map<
    number,
    { readonly node: ExpectedNode; readonly path: readonly number[] }
  >();
  const read = async (address: number): Promise<WalkedNode & { readonly wanted: ExpectedNode }> => {
    const own = wanted.get(address);
    if (own === undefined) throw new Error(`node ${address} was not come to`);
    wanted.delete(address);
    const { generation } = own.node;
    const node = await readNode(reader, own.node).catch(orNothing(onDamage));
    return { address, generation, node, path: [...own.path, address], wanted: own.node };
  };
  function* children({ node, path, wanted: own }: Awaited<ReturnType<typeof read>>) {
    if ('items' in node) return;
    const { pointers } = node;
    for (let i = firstChild(pointers, from); i < pointers.length; i++) {
      const pointer = pointers[i];
      if (pointer === undefined || compareKeys(pointer, to) > 0) return;
      if (!enter(pointer)) continue;
      const { address, generation } = pointer;
      const endKey = pointers[i + 1] ?? own.endKey;
      const place = { level: node.level - 1, owner: own.owner, firstKey: pointer, endKey };
      wanted.set(address, { node: { ...place, address, generation }, path });
      yield address;
    }
  }
  wanted.set(root.address, { node: { ...root, firstKey: null, endKey: null }, path: [] });
  const tree = { name: root.name, format: 'btrfs', topLevel: root.level, read, children };
  // The reader itself bounds how many nodes are read.
  const walk = treeBlocks({ ...tree, top: [root.address] }, { spend() {} });
  for await (const { block } of walk) yield block;
}

function orNothing(onDamage: Range['onDamage']): (error: unknown) => Node {
  return (error) => {
    if (!(error instanceof FormatError) || error.code === 'LIMIT' || !onDamage) throw error;
    onDamage(error);
    return NOTHING;
  };
}

/** The leaves alone. */
export async function* treeLeaves(
  reader: TreeReader,
  root: TreeRoot,
  range: Range = {},
): AsyncGenerator<WalkedNode<Leaf>, void, undefined> {
  for await (const { node, ...place } of treeNodes(reader, root, range)) {
    if ('items' in node) yield { ...place, node };
  }
}
