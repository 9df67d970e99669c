// The subvolumes as trees of records, for whoever compares two states of a btrfs.
// References: Linux 6.18 fs/btrfs/send.c: btrfs_compare_trees.
import { FormatError } from '../../errors.js';
import type { FileNode, RecordNode, RecordTree, VolumeRange } from '../files.js';
import { orTold, tell } from '../told.js';
import { DIR_INDEX } from './file-entries.js';
import type { FileTree } from './file-trees.js';
import { filesOfLeaf } from './leaf-files.js';
import { placed } from './placed.js';
import { type ExpectedNode, FIRST_SUBVOLUME, firstChild, firstKey, readNode } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';
import { treeLeaves } from './walk.js';

const FIRST = firstKey(0n, 0);

export async function recordTrees(volume: BtrfsVolume): Promise<readonly RecordTree[]> {
  const found: RecordTree[] = [];
  /** Of leaves by their addresses: snapshots have most of them together. */
  const known = new Map<number, number>();
  for (const number of volume.trees.numbers) {
    if (volume.trees.isOwn(number)) continue;
    const tree = await orTold(volume, null, () => volume.trees.tree(number));
    if (tree === null) continue;
    const above = volume.trees.above(number);
    const expected = { ...tree.root, firstKey: null, endKey: null };
    found.push({
      root: fileId(number, Number(FIRST_SUBVOLUME)),
      top: new BtrfsNode(volume, tree, expected, []),
      isSnapshot: tree.root.isSnapshot,
      above: above === null ? null : fileId(above.tree, 0).tree,
      nameCount: () => nameCount(volume, tree, known),
    });
  }
  return found;
}

/** A class, since there is one for each pointer of a node. */
class BtrfsNode implements RecordNode {
  readonly #volume: BtrfsVolume;
  readonly #tree: FileTree;
  readonly #expected: ExpectedNode;
  /** The addresses of the nodes that lead to it. */
  readonly #above: readonly number[];

  constructor(
    volume: BtrfsVolume,
    tree: FileTree,
    expected: ExpectedNode,
    above: readonly number[],
  ) {
    this.#volume = volume;
    this.#tree = tree;
    this.#expected = expected;
    this.#above = above;
  }

  get level(): number {
    return this.#expected.level;
  }

  get name(): string {
    const { address, generation, firstKey: key } = this.#expected;
    const { deletedTo } = this.#tree.root;
    const keys = [key, deletedTo].map((one) =>
      one === null ? '' : `${one.object} ${one.type} ${one.offset}`,
    );
    return [this.#tree.number, address, generation, ...keys].join(',');
  }

  get transaction(): bigint {
    return this.#expected.generation;
  }

  at(): readonly VolumeRange[] {
    const { pool } = this.#volume.recovered;
    try {
      const pieces = [...placed(pool, this.#expected.address, pool.superblock.nodeBytes)];
      return pieces.flatMap(({ at, copies }) => [at, ...copies]);
    } catch (error) {
      // Whoever reads it tells of that.
      if (error instanceof FormatError) return [];
      throw error;
    }
  }

  async below(): Promise<readonly RecordNode[]> {
    const node = await this.#read();
    if (node === null || 'items' in node) return [];
    const { address, level, owner, endKey } = this.#expected;
    const above = [...this.#above, address];
    const first = firstChild(node.pointers, this.#tree.root.deletedTo ?? FIRST);
    return node.pointers.slice(first).map((pointer, index) => {
      const { address, generation } = pointer;
      const end = node.pointers[first + index + 1] ?? endKey;
      const place = { level: level - 1, owner, firstKey: pointer, endKey: end };
      return new BtrfsNode(this.#volume, this.#tree, { ...place, address, generation }, above);
    });
  }

  async files(): Promise<readonly FileNode[]> {
    const node = await this.#read();
    if (node === null || !('items' in node)) return [];
    const { address, generation } = this.#expected;
    const leaf = { address, generation, node, path: [...this.#above, address] };
    return filesOfLeaf(this.#volume, this.#tree, leaf);
  }

  #read() {
    const { reader } = this.#volume.recovered.pool;
    return orTold(this.#volume, null, () => readNode(reader, this.#expected));
  }
}

async function nameCount(
  volume: BtrfsVolume,
  { root }: FileTree,
  known: Map<number, number>,
): Promise<number> {
  let count = 0;
  const onDamage = (error: FormatError) => tell(volume, null, error);
  const enter = ({ address }: { readonly address: number }) => {
    const own = known.get(address);
    count += own ?? 0;
    return own === undefined;
  };
  const range = { from: root.deletedTo ?? FIRST, enter, onDamage };
  for await (const { node, address } of treeLeaves(volume.recovered.pool.reader, root, range)) {
    const own = node.items.filter(({ type }) => type === DIR_INDEX).length;
    known.set(address, own);
    count += own;
  }
  return count;
}
