// Where the bitmaps and the inode table of each group lie, checked as the kernel checks it before a mount: within the group, or
// within the filesystem where groups are laid out together (flex_bg), and none on top of another.
// References: Linux 6.18 fs/ext4/super.c: ext4_check_descriptors; fs/ext4/block_validity.c: ext4_setup_system_zone,
// add_system_zone,
// ext4_protect_reserved_inode; fs/ext4/balloc.c: ext4_num_base_meta_blocks.
import { FormatError } from '../../errors.js';
import type { BlockRun } from './block-map.js';
import type { Context } from './context.js';
import { type DescriptorChunk, type GroupLocation, locations } from './descriptors.js';
import type { Geometry } from './geometry.js';
import { descriptorBlocksOf } from './overhead.js';

/** A check of the groups of a filesystem, chunk by chunk in their order: the kernel mounts nothing with what it refuses. */
interface PlaceCheck {
  /** @throws FormatError OUT_OF_BOUNDS, INVALID with the group. */
  check(chunk: DescriptorChunk): void;
  /**
   * After the last chunk.
   * @param journal its blocks, as far as they are known: they are no other metadata's either.
   * @throws FormatError INVALID where a block is there twice.
   */
  end(journal: readonly BlockRun[]): void;
}

/** Blocks from `first` up to before `end`. */
interface Bounds {
  readonly first: number;
  readonly end: number;
}

/** 64 GiB in blocks of 4 KiB. */
const MAX_CHECKED_GROUPS = 512;

type Part = readonly [name: string, block: number, count: number];

export function placeCheck(context: Context): PlaceCheck {
  const { geometry, superblocks } = context;
  const { superblockBlock } = geometry;
  // Of thousands of groups all would take as long as everything else: then one of each block with descriptors is looked at,
  // which finds blocks that were lost.
  const isAll = geometry.groupCount <= MAX_CHECKED_GROUPS;
  const step = isAll ? 1 : geometry.descriptorsPerBlock;
  const zones = isAll ? zoneList(context) : null;
  const tablesEnd = superblockBlock + 1 + descriptorBlocksOf(geometry, superblocks, 0);
  const boundsOf = groupBounds(context);
  const tableBlocks = geometry.inodeTableBlockCount;
  const checkParts = (group: number, place: GroupLocation, { first, end }: Bounds): void => {
    for (const [name, block, count] of partsOf(geometry, place)) {
      if (block < first || block + count > end) throw outside(group, name, block, first, end);
      if (block >= superblockBlock && block < tablesEnd) throw onTables(group, name, block);
    }
  };
  return {
    check(chunk) {
      const at = locations(geometry, chunk);
      for (let i = 0; i < chunk.count; i += step) {
        const group = chunk.firstGroup + i;
        const place = at(i);
        const { blockBitmap, inodeBitmap, inodeTable } = place;
        const bounds = boundsOf(group);
        const least = Math.min(blockBitmap, inodeBitmap, inodeTable);
        const most = Math.max(blockBitmap + 1, inodeBitmap + 1, inodeTable + tableBlocks);
        const isPlain = least >= Math.max(bounds.first, tablesEnd) && most <= bounds.end;
        if (!isPlain) checkParts(group, place, bounds);
        zones?.add(group, place);
      }
    },
    end: (journal) => zones?.end(journal),
  };
}

/** The blocks among which a group's metadata must be. */
function groupBounds({ geometry, features }: Context): (group: number) => Bounds {
  const { firstDataBlock, blocksPerGroup, groupCount, blockCount } = geometry;
  const all = { first: firstDataBlock, end: blockCount };
  if (features.hasFlexGroups) return () => all;
  return (group: number) => {
    const first = firstDataBlock + group * blocksPerGroup;
    return { first, end: group === groupCount - 1 ? blockCount : first + blocksPerGroup };
  };
}

function partsOf({ inodeTableBlockCount }: Geometry, place: GroupLocation): readonly Part[] {
  return [
    ['block bitmap', place.blockBitmap, 1],
    ['inode bitmap', place.inodeBitmap, 1],
    ['inode table', place.inodeTable, inodeTableBlockCount],
  ];
}

/** Blocks of metadata side by side; `order`: which came first. */
interface Zone {
  readonly block: number;
  end: number;
  readonly order: number;
}

/**
 * The kernel puts all of these blocks in a tree, group by group, and gives up where one begins inside of what is there already.
 * Example: two groups with the same inode bitmap. The bitmaps of groups that are laid out together are one zone here.
 */
function zoneList({ geometry, superblocks }: Context) {
  const { firstDataBlock, blocksPerGroup, firstMetaGroup, descriptorsPerBlock } = geometry;
  const { inodeTableBlockCount, reservedDescriptorBlockCount } = geometry;
  const zones: Zone[] = [];
  /** The zones that the group before added to, by the kind of metadata. */
  const last: Zone[] = [];
  /** Blocks of a copy of the superblock and the descriptors. */
  const baseOf = (group: number): number => {
    const copies = superblocks.has(group) ? 1 : 0;
    const isClassic = group < firstMetaGroup * descriptorsPerBlock;
    if (isClassic && copies === 0) return 0;
    const reserved = isClassic ? reservedDescriptorBlockCount : 0;
    return copies + descriptorBlocksOf(geometry, superblocks, group) + reserved;
  };
  const add = (kind: number, block: number, count: number): void => {
    const before = last[kind];
    if (before !== undefined && before.end === block) {
      before.end += count;
      return;
    }
    const zone = { block, end: block + count, order: zones.length };
    zones.push(zone);
    last[kind] = zone;
  };
  return {
    add(group: number, { blockBitmap, inodeBitmap, inodeTable }: GroupLocation): void {
      const base = baseOf(group);
      if (base > 0) add(0, firstDataBlock + group * blocksPerGroup, base);
      add(1, blockBitmap, 1);
      add(2, inodeBitmap, 1);
      add(3, inodeTable, inodeTableBlockCount);
    },
    end(journal: readonly BlockRun[]): void {
      for (const { block } of journal) {
        // A run that begins before another block and reaches over it is not seen.
        if (zones.some((zone) => block >= zone.block && block < zone.end)) throw sharedBlock(block);
      }
      zones.sort((a, b) => a.block - b.block || a.order - b.order);
      let widest: Zone | undefined;
      for (const zone of zones) {
        // One that was there before and lies in a later one is not seen.
        if (widest !== undefined && zone.block < widest.end && zone.order > widest.order) {
          throw sharedBlock(zone.block);
        }
        if (widest === undefined || zone.end > widest.end) widest = zone;
      }
    },
  };
}

function outside(group: number, name: string, block: number, first: number, end: number) {
  const message =
    `ext: group ${group} has its ${name} at block ${block}, which is not within the blocks ` +
    `${first} to ${end - 1}; the kernel does not mount it`;
  return new FormatError('OUT_OF_BOUNDS', message, { data: { group, block } });
}

function onTables(group: number, name: string, block: number): FormatError {
  const message =
    `ext: group ${group} has its ${name} at block ${block}, where the superblock or the group descriptors lie; ` +
    'the kernel does not mount it';
  return new FormatError('INVALID', message, { data: { group, block } });
}

function sharedBlock(block: number): FormatError {
  const message = `ext: two of the bitmaps, the tables of groups and the journal lie on block ${block}; the kernel does not mount it`;
  return new FormatError('INVALID', message, { data: { block } });
}
