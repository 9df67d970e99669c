// The trees that have files: subvolumes, and two of the filesystem's own. Which subvolume lies in which directory.
// References: Linux 6.18 fs/btrfs/inode.c: fixup_tree_root_location; root-tree.c: btrfs_find_orphan_roots.
import { parseBtrfsRootReference } from '../../../generated/filesystem/btrfs.js';
import { orNull } from '../../bytes/sound.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { MAX_FILE_TREES } from '../../limits.js';
import type { Recovered } from './recovered.js';
import { MOVED_DATA, ROOT_ITEM, ROOT_TREE, type Root } from './roots.js';
import { directoryOf } from './subvolumes.js';
import { FIRST_SUBVOLUME, type Item, TOP, U64_MAX } from './tree.js';
import { treeLeaves } from './walk.js';

const ROOT_BACKREF = 144;
const ROOT_REF = 156;
/** BTRFS_LAST_FREE_OBJECTID */
const LAST_SUBVOLUME = 2n ** 64n - 256n;

export interface FileTree {
  readonly number: bigint;
  readonly root: Root;
}

export interface FileTrees {
  /** In the order in which their files are given. */
  readonly numbers: readonly bigint[];
  /** Subvolumes that no directory leads to. */
  readonly unnamed: readonly bigint[];
  /** Whether the tree is the filesystem's own, so that no path leads to its files. */
  isOwn(number: bigint): boolean;
  /** null if there is no such tree. @throws FormatError for a damaged one. */
  tree(number: bigint): Promise<FileTree | null>;
  /** Whether the directory is the one that the subvolume lies in: in a snapshot of that, its name leads to nothing. */
  isIn(child: bigint, parent: bigint, directory: bigint): boolean;
  /** In which directory of which subvolume it lies; null: in none. */
  above(child: bigint): SubvolumePlace | null;
}

interface SubvolumePlace {
  readonly tree: bigint;
  readonly directory: bigint;
  /** Of its name among those of the directory. */
  readonly index: GuestInteger;
}

interface Scan {
  readonly subvolumes: bigint[];
  readonly named: Set<bigint>;
  /** Those of which it is damaged where they lie: no path leads to them, and their files are told all the same. */
  readonly lost: Set<bigint>;
  /** By parent and child, the directory. */
  readonly directories: Map<string, bigint>;
  readonly above: Map<bigint, SubvolumePlace>;
}

export async function readFileTrees(
  recovered: Recovered,
  onDamage: (error: FormatError) => void,
): Promise<FileTrees> {
  const { pool, rootOf } = recovered;
  const { reader, superblock } = pool;
  const scan: Scan = {
    subvolumes: [],
    named: new Set([TOP]),
    lost: new Set(),
    directories: new Map(),
    above: new Map(),
  };
  const from = { object: TOP, type: 0, offset: 0n };
  const to = { object: LAST_SUBVOLUME, type: 255, offset: U64_MAX };
  for await (const { node } of treeLeaves(reader, superblock.root, { from, to, onDamage })) {
    for (const item of node.items) note(scan, item, onDamage);
  }
  const { subvolumes, named, lost, directories } = scan;
  const isThere = (error: unknown) => error instanceof FormatError && error.code === 'INVALID';
  const moved = await orNull(() => rootOf(MOVED_DATA), isThere);
  const known = new Map<bigint, FileTree>();
  const numbers = [ROOT_TREE, ...subvolumes, ...(moved === null ? [] : [MOVED_DATA])];
  const isTree = new Set(numbers);
  return {
    numbers,
    unnamed: subvolumes.filter((number) => !named.has(number) || lost.has(number)),
    isOwn: (number) => number === ROOT_TREE || number === MOVED_DATA,
    async tree(number) {
      if (!isTree.has(number)) return null;
      const tree = known.get(number) ?? { number, root: await readTree(recovered, number) };
      known.set(number, tree);
      return tree;
    },
    isIn: (child, parent, directory) => directories.get(`${parent} ${child}`) === directory,
    above: (child) => scan.above.get(child) ?? null,
  };
}

async function readTree({ pool, rootOf }: Recovered, number: bigint): Promise<Root> {
  if (number !== ROOT_TREE) return rootOf(number);
  const { root } = pool.superblock;
  const isWhole = { isDeleted: false, deletedTo: null, usedBytes: 0, lastSnapshot: 0n, offset: 0n };
  return { ...root, ...isWhole, isSnapshot: false };
}

function note(
  { subvolumes, named, lost, directories, above }: Scan,
  item: Item,
  onDamage: (error: FormatError) => void,
): void {
  const { object, type, offset, data } = item;
  if (object !== TOP && (object < FIRST_SUBVOLUME || object > LAST_SUBVOLUME)) return;
  if (type === ROOT_ITEM && object !== subvolumes.at(-1)) subvolumes.push(object);
  else if (type === ROOT_BACKREF) named.add(object);
  else if (type === ROOT_REF) {
    const directory = orTold(onDamage, () => directoryOf(data));
    if (directory === null) lost.add(offset);
    else {
      directories.set(`${object} ${offset}`, directory);
      const { sequence } = parseBtrfsRootReference(data);
      above.set(offset, { tree: object, directory, index: sequence });
    }
  }
  if (Math.max(subvolumes.length, named.size, lost.size, directories.size) <= MAX_FILE_TREES)
    return;
  throw new FormatError('LIMIT', `btrfs: it has more than ${MAX_FILE_TREES} subvolumes`);
}

/** null: it is damaged, and told. */
function orTold<T>(onDamage: (error: FormatError) => void, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    onDamage(error);
    return null;
  }
}
