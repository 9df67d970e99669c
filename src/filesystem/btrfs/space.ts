// The size, the free and the available bytes of a btrfs, from the use of its block groups and the unallocated room of its
// devices. Example: two devices of 10 GiB whose data is RAID1 have a size of 10 GiB.

// References: Linux 6.18 fs/btrfs/super.c: btrfs_statfs, btrfs_calc_avail_data_space; block-group.c:
// btrfs_get_alloc_profile, btrfs_read_block_groups; space-info.c: btrfs_init_space_info; block-rsv.c: btrfs_update_global_block_rsv. Linux 6.1 counts the
// same; before it the global reserve had no part for the references of an unlink, and was smaller.
import { KIB, MIB } from '../../limits.js';
import type { Targets } from './balance.js';
import { STRIPE_BYTES } from './chunks.js';
import type { GroupUsage } from './groups.js';
import { holdsData, PROFILES, type Profile, SYSTEM } from './profile.js';
import type { Device } from './superblock.js';

const MAX_RESERVE_BYTES = 512 * MIB;
/** Nodes that inserting one item may touch: two for each of BTRFS_MAX_LEVEL levels. */
const NODES_PER_ITEM = 16;
/** BTRFS_UNLINK_METADATA_UNITS */
const UNLINK_ITEMS = 6;
/** Chunks never begin before this offset of a device. */
const DEVICE_RESERVED_BYTES = 1024 * KIB;

/** The kernel's order of preference among the profiles of one kind. */
const PREFERENCE = ['raid1c4', 'raid6', 'raid1c3', 'raid5', 'raid10', 'raid1', 'dup', 'raid0'];

interface ReserveFacts {
  readonly nodeBytes: number;
  /** Sizes of the extent, checksum and free space trees, and of the block group tree. */
  readonly treeBytes: readonly number[];
  readonly hasFreeSpaceTree: boolean;
}

/** The global block reserve, which statfs counts as used. The root tree's size counts from the mount, so as 0. */
export function reserveBytes({ nodeBytes, treeBytes, hasFreeSpaceTree }: ReserveFacts): number {
  const itemBytes = nodeBytes * NODES_PER_ITEM;
  const items = 1 + treeBytes.length + UNLINK_ITEMS;
  const references = UNLINK_ITEMS * (hasFreeSpaceTree ? 2 : 1);
  const least = itemBytes * (items + references);
  const trees = treeBytes.reduce((sum, bytes) => sum + bytes, 0);
  return Math.min(MAX_RESERVE_BYTES, Math.max(trees, least));
}

interface SpaceFacts {
  readonly totalBytes: number;
  readonly sectorBytes: number;
  readonly usages: readonly GroupUsage[];
  readonly devices: readonly Device[];
  readonly reserveBytes: number;
  /** Whether any of the devices may be written to. */
  readonly isWritable: boolean;
  /** The feature mixed-groups: the kernel counts data and metadata as one, in groups of their own or not. */
  readonly isMixed?: boolean;
  /** The profiles that an interrupted balance converts to; left out if there is none. */
  readonly targets?: Targets;
}

/** f_blocks, f_bfree, f_bavail. */
interface Space {
  readonly blockCount: number;
  readonly freeBlockCount: number;
  readonly availableBlockCount: number;
  readonly isAvailableApart: boolean;
}

export function space(facts: SpaceFacts): Space {
  const { sectorBytes, usages, devices, isWritable, isMixed = false, targets = new Map() } = facts;
  // What holds data says how new chunks are laid out; what is counted with it has a factor and free room as well.
  const data = usages.filter(holdsData);
  const counted = countedAsData(usages, isMixed);
  const factor = bytesPerDfByte(usages, isMixed);
  const blocks = (bytes: number) => Math.floor(Math.floor(bytes / factor) / sectorBytes);
  const usedBytes = deviceBytes(usages);
  const blockCount = blocks(facts.totalBytes);
  const unreserved = blockCount - blocks(usedBytes);
  const profile = allocationProfile(data, isWritable ? devices.length : 0, targets);
  const freeInGroups = counted
    // Beside mirrored groups the kernel no longer writes to groups that are not.
    .filter((usage) => isWritable && (usage.profile.isMirrored || !profile.isMirrored))
    .reduce((sum, usage) => sum + (usage.sizeBytes - usage.usedBytes) * usage.profile.copies, 0);
  const available =
    Math.floor(freeInGroups / factor) + Math.floor(unallocatedBytes(devices, profile) / factor);
  return {
    blockCount,
    freeBlockCount: Math.max(0, unreserved - Math.floor(facts.reserveBytes / sectorBytes)),
    availableBlockCount: Math.floor(available / sectorBytes),
    // The reserve is not taken off it; where metadata has groups of its own, these are missing from it instead.
    isAvailableApart: isMixed,
  };
}

function countedAsData(usages: readonly GroupUsage[], isMixed: boolean): readonly GroupUsage[] {
  return isMixed ? usages.filter(({ kind }) => kind !== SYSTEM) : usages.filter(holdsData);
}

/**
 * Of how many bytes of the devices the kernel counts one: of data in RAID1 two. In the middle of a conversion there are two
 * profiles, and the last one in the kernel's order says it.
 */
export function bytesPerDfByte(usages: readonly GroupUsage[], isMixed: boolean): number {
  const counted = countedAsData(usages, isMixed);
  const last = PROFILES.findLast((one) => counted.some(({ profile }) => profile === one));
  return last?.copies ?? 1;
}

/** What is used of the devices, every copy. */
export function deviceBytes(usages: readonly GroupUsage[]): number {
  return usages.reduce((sum, { usedBytes, profile }) => sum + usedBytes * profile.copies, 0);
}

/** The profile that new chunks of a kind get, when there are groups of several. */
function allocationProfile(
  usages: readonly GroupUsage[],
  deviceCount: number,
  targets: Targets,
): Profile {
  const target = usages.map(({ kind }) => targets.get(kind)).find((one) => one !== undefined);
  if (target !== undefined) return target;
  const possible = new Set(
    usages
      .filter(({ profile }) => profile.minDevices <= deviceCount)
      .map(({ profile }) => profile.name),
  );
  const name = PREFERENCE.find((candidate) => possible.has(candidate));
  return PROFILES.find((profile) => profile.name === name) ?? PROFILES[0];
}

/**
 * The bytes of the devices that chunks of data could still take, copies included: the kernel simulates its allocator. Example:
 * devices with 5 and 3 GiB left give 6 GiB to RAID1, since its second copy finds no more than 3.
 */
function unallocatedBytes(devices: readonly Device[], profile: Profile): number {
  const least = profile.deviceStripes * STRIPE_BYTES;
  const left = devices
    .map(({ totalBytes, usedBytes }) => {
      const bytes = totalBytes - usedBytes;
      return bytes - (bytes % STRIPE_BYTES);
    })
    .filter((bytes) => bytes > DEVICE_RESERVED_BYTES + least)
    .map((bytes) => bytes - DEVICE_RESERVED_BYTES)
    .sort((a, b) => b - a);
  let stripes = stripesWanted(profile, devices.length);
  let available = 0;
  for (let last = left.length - 1; last + 1 >= profile.minDevices && last >= 0; last--) {
    stripes = Math.min(stripes, last + 1);
    const bytes = left[last] ?? 0;
    if (bytes < least) continue;
    available += bytes * stripes;
    for (let i = last + 1 - stripes; i <= last; i++) left[i] = (left[i] ?? 0) - bytes;
  }
  return available;
}

/** Parity's stripes do not count here, as in the kernel. */
function stripesWanted({ name, copies }: Profile, deviceCount: number): number {
  if (name === 'raid0') return deviceCount;
  if (name === 'raid10') return 4;
  return name === 'dup' ? 1 : copies;
}
