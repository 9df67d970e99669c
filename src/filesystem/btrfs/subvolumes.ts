// The subvolumes of a filesystem and where they lie in it. They have no numbers of their own: they share the filesystem's.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: BTRFS_ROOT_BACKREF_KEY; btrfs-progs
// cmds/subvolume-list.c, whose paths these are.
import {
  parseBtrfsReference,
  parseBtrfsRootReference,
} from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { big, printable } from '../../validation/guest.js';
import type { Subvolumes } from '../filesystem.js';
import type { Pool } from './devices.js';
import { ROOT_ITEM, type Root, readRoot } from './roots.js';
import { eachItem, FIRST_SUBVOLUME, type Item, TOP } from './tree.js';

const ROOT_BACKREF = 144;
const INODE_REF = 12;
const LAST_SUBVOLUME = 2n ** 64n - 257n;
const U64_MAX = 2n ** 64n - 1n;
/** Subvolumes that are listed: a host of containers has some hundreds. */
const MAX_SUBVOLUMES = 1000;
/** Directories and subvolumes that a path may go through; PATH_MAX has no room for more. */
const MAX_DEPTH = 2048;

interface Link {
  readonly parent: bigint;
  readonly directory: bigint;
  readonly name: string;
}

interface Paths {
  readonly pool: Pool;
  readonly links: ReadonlyMap<bigint, Link>;
  readonly roots: Map<bigint, Root>;
  readonly known: Map<string, string>;
}

/** In the order of their numbers. @throws FormatError LOOP, LIMIT and as reading a tree. */
export async function readSubvolumes(pool: Pool): Promise<Subvolumes> {
  const { links, isComplete } = await readLinks(pool);
  const paths: Paths = { pool, links, roots: new Map(), known: new Map() };
  const list: { number: bigint; path: string }[] = [];
  for (const number of links.keys()) {
    list.push({ number, path: printable(await pathOf(paths, number, 0)) });
  }
  return { list, isComplete };
}

/** Whether there is any beside the first one. */
export async function hasMoreSubvolumes({ reader, superblock }: Pool): Promise<boolean> {
  let isThere = false;
  const from = { object: FIRST_SUBVOLUME, type: 0, offset: 0n };
  const to = { object: LAST_SUBVOLUME, type: 255, offset: U64_MAX };
  await eachItem(reader, superblock.root, from, to, ({ type }) => {
    isThere = type === ROOT_ITEM;
    return !isThere;
  });
  return isThere;
}

async function readLinks({ reader, superblock }: Pool) {
  const links = new Map<bigint, Link>();
  const from = { object: FIRST_SUBVOLUME, type: 0, offset: 0n };
  const to = { object: LAST_SUBVOLUME, type: 255, offset: U64_MAX };
  let isComplete = true;
  await eachItem(reader, superblock.root, from, to, ({ object, type, offset, data }) => {
    if (type !== ROOT_BACKREF) return true;
    isComplete = links.size < MAX_SUBVOLUMES;
    if (isComplete) links.set(object, linkOf(offset, data));
    return isComplete;
  });
  return { links, isComplete };
}

function linkOf(parent: bigint, data: Uint8Array): Link {
  const { name } = parseBtrfsRootReference(data);
  return {
    parent,
    directory: directoryOf(data),
    name: Buffer.from(name).toString('utf8'),
  };
}

/** The directory that a subvolume lies in, from its reference. */
export function directoryOf(data: Uint8Array): bigint {
  const { directory } = parseBtrfsRootReference(data);
  return big(directory, 'btrfs: the directory of a subvolume', FIRST_SUBVOLUME, LAST_SUBVOLUME);
}

/** From the top of the filesystem, without a slash before it. */
async function pathOf(paths: Paths, number: bigint, depth: number): Promise<string> {
  if (number === TOP) return '';
  checkDepth(depth);
  const key = `${number}`;
  const known = paths.known.get(key);
  if (known !== undefined) return known;
  const link = paths.links.get(number);
  // One that was not listed, of too many.
  if (link === undefined) return `<${number}>`;
  const { parent, directory, name } = link;
  const above = await pathOf(paths, parent, depth + 1);
  const path = join(join(above, await directoryPath(paths, parent, directory, depth)), name);
  paths.known.set(key, path);
  return path;
}

/** The path of a directory within its subvolume. */
async function directoryPath(
  paths: Paths,
  subvolume: bigint,
  directory: bigint,
  depth: number,
): Promise<string> {
  if (directory === FIRST_SUBVOLUME) return '';
  checkDepth(depth);
  const key = `${subvolume}/${directory}`;
  const known = paths.known.get(key);
  if (known !== undefined) return known;
  const { reader, superblock } = paths.pool;
  const root = paths.roots.get(subvolume) ?? (await readRoot(reader, superblock.root, subvolume));
  paths.roots.set(subvolume, root);
  const reference = { item: null as Item | null };
  const from = { object: directory, type: INODE_REF, offset: 0n };
  await eachItem(reader, root, from, { ...from, offset: U64_MAX }, (item) => {
    reference.item = item;
    return false;
  });
  // Deleted, with the subvolume still in it for a moment.
  if (reference.item === null) return `<${directory}>`;
  const name = Buffer.from(parseBtrfsReference(reference.item.data).name).toString('utf8');
  const above = await directoryPath(paths, subvolume, reference.item.offset, depth + 1);
  const path = join(above, name);
  paths.known.set(key, path);
  return path;
}

function checkDepth(depth: number): void {
  if (depth <= MAX_DEPTH) return;
  throw new FormatError('LOOP', `btrfs: a subvolume lies more than ${MAX_DEPTH} directories deep`);
}

function join(above: string, name: string): string {
  return above === '' || name === '' ? above + name : `${above}/${name}`;
}
