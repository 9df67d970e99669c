// The superblock of one btrfs device: the first copy, as the kernel takes it.
// References: Linux 6.18 fs/btrfs/disk-io.c: btrfs_validate_super; fs/btrfs/volumes.c: btrfs_read_disk_super;
// btrfs-progs Documentation/dev/On-disk-format.rst.
import {
  type GuestBtrfs,
  type GuestBtrfsDevice,
  parseBtrfs,
} from '../../../generated/filesystem/btrfs.js';
import { isAnyProblem, orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { GIB, KIB, MIB } from '../../limits.js';
import {
  big,
  equals,
  int,
  type Label,
  labelOf,
  powerOfTwo,
  u64,
  uuidText,
} from '../../validation/guest.js';
import type { FilesystemIdentity } from '../fault.js';
import { type Checksum, checksumOf, verify } from './checksum.js';
import { type Features, readFeatures } from './features.js';
import { checkSuperblock } from './superblock-rules.js';

export const SUPERBLOCK_BYTES = 4096;
export const SUPERBLOCK_OFFSET = 64 * KIB;
export const COPY_OFFSETS = [SUPERBLOCK_OFFSET, 64 * MIB, 256 * GIB] as const;
const MAX_NODE_BYTES = 64 * KIB;
const MAX_LEVEL = 7;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;
/** The kernel takes no filesystem with fewer. */
const MIN_NODES = 6;
/** BTRFS_ROOT_TREE_OBJECTID, BTRFS_CHUNK_TREE_OBJECTID */
const ROOT_TREE = 1n;
const CHUNK_TREE = 3n;

/** Where a tree begins. */
export interface TreeRoot {
  readonly name: string;
  readonly address: number;
  readonly level: number;
  readonly generation: bigint;
  /** The number that all its nodes bear; null where they may bear others, since subvolumes share nodes. */
  readonly owner: bigint | null;
}

interface SuperblockDevice {
  readonly id: bigint;
  readonly uuid: string | null;
  readonly fsid: string | null;
  readonly totalBytes: number;
}

export interface Device extends SuperblockDevice {
  readonly usedBytes: number;
}

export interface Superblock extends Label {
  readonly checksum: Checksum;
  /** Of one checksum. */
  readonly checksumBytes: number;
  readonly features: Features;
  readonly fsid: string | null;
  /** The UUID in all other metadata: after `btrfstune -m` it is the old one, and `fsid` the new one. */
  readonly metadataUuid: string | null;
  readonly generation: bigint;
  readonly sectorBytes: number;
  readonly nodeBytes: number;
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly deviceCount: number;
  /** The device that this superblock was read from. */
  readonly device: SuperblockDevice;
  readonly root: TreeRoot;
  readonly chunkRoot: TreeRoot;
  /** The tree of log trees; null if nothing was logged since the last transaction. */
  readonly logRoot: TreeRoot | null;
  readonly systemChunks: Uint8Array;
}

/**
 * The first copy: like the kernel, virt-df takes no other, for a device that was formatted as something else may still
 * have it.
 * @throws FormatError, UnsupportedError; where the first copy is damaged and another is sound, the message says so.
 */
export async function readSuperblock(source: ByteSource): Promise<Superblock> {
  try {
    return await readCopy(source, SUPERBLOCK_OFFSET);
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== 'BAD_CHECKSUM') throw error;
    const copy = await newestCopy(source);
    if (copy === null) throw error;
    const { offset, generation } = copy;
    const hint = `the copy at ${offset} (generation ${generation}) is sound: btrfs rescue super-recover puts it back`;
    throw new FormatError('BAD_CHECKSUM', `${error.message}; ${hint}`, { data: error.data });
  }
}

interface Copy extends Pick<Superblock, 'generation'> {
  readonly offset: number;
}

async function newestCopy(source: ByteSource): Promise<Copy | null> {
  let newest: Copy | null = null;
  for (const offset of COPY_OFFSETS.slice(1)) {
    if (offset + SUPERBLOCK_BYTES > source.sizeBytes) break;
    const copy = await orNull(() => readCopy(source, offset), isAnyProblem);
    if (copy === null || (newest !== null && copy.generation <= newest.generation)) continue;
    newest = { offset, generation: copy.generation };
  }
  return newest;
}

/** What the first copy says of itself, before it is checked. */
export async function readIdentity(source: ByteSource): Promise<FilesystemIdentity> {
  const guest = parseBtrfs(await source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES));
  return { type: 'btrfs', ...labelOf(guest.label), uuid: uuidText(guest.fsid) };
}

async function readCopy(source: ByteSource, offset: number): Promise<Superblock> {
  const bytes = await source.read(offset, SUPERBLOCK_BYTES);
  const guest = parseBtrfs(bytes);
  const checksum = await checksumOf(guest.checksumType);
  verify(checksum, bytes, 'the superblock');
  if (!equals(guest.offset, offset)) {
    throw new FormatError('INVALID', `btrfs: the superblock at ${offset} says it lies elsewhere`);
  }
  const checksumBytes = checksum(new Uint8Array(0)).length;
  return { checksum, checksumBytes, ...readFields(guest) };
}

function readFields(guest: GuestBtrfs): Omit<Superblock, 'checksum' | 'checksumBytes'> {
  const features = readFeatures(guest);
  const sectorBytes = powerOfTwo(guest.lenSector, 'btrfs: sectorsize', 4 * KIB, MAX_NODE_BYTES);
  const nodeBytes = powerOfTwo(guest.lenNode, 'btrfs: nodesize', sectorBytes, MAX_NODE_BYTES);
  const totalBytes = int(guest.numTotalBytes, 'btrfs: total_bytes', 1, Number.MAX_SAFE_INTEGER);
  const fsid = uuidText(guest.fsid);
  const generation = u64(guest.generation);
  const chunkGeneration = big(guest.chunkRootGeneration, 'btrfs: generation', 0n, generation);
  const log = treeRoot(guest.logRoot, guest.logRootLevel, generation + 1n, null, 'the log');
  const metadataUuid = features.hasMetadataUuid ? uuidText(guest.metadataUuid) : fsid;
  checkSuperblock(guest, { features, sectorBytes, nodeBytes, metadataUuid });
  return {
    features,
    fsid,
    metadataUuid,
    ...labelOf(guest.label),
    generation,
    sectorBytes,
    nodeBytes,
    totalBytes,
    usedBytes: int(guest.numUsedBytes, 'btrfs: bytes_used', MIN_NODES * nodeBytes, MAX_BYTES),
    deviceCount: int(guest.numDevices, 'btrfs: num_devices', 1, Number.MAX_SAFE_INTEGER),
    device: ownDevice(guest.device),
    root: treeRoot(guest.root, guest.rootLevel, generation, ROOT_TREE, 'the root tree'),
    chunkRoot: treeRoot(
      guest.chunkRoot,
      guest.chunkRootLevel,
      chunkGeneration,
      CHUNK_TREE,
      'the chunk tree',
    ),
    logRoot: log.address === 0 ? null : log,
    systemChunks: guest.systemChunks.subarray(
      0,
      int(guest.lenSystemChunks, 'btrfs: sys_chunk_array_size', 0, guest.systemChunks.length),
    ),
  };
}

function treeRoot(
  address: GuestBtrfs['root'],
  level: GuestBtrfs['rootLevel'],
  generation: bigint,
  owner: bigint | null,
  name: string,
): TreeRoot {
  return {
    name,
    owner,
    address: int(address, `btrfs: address of ${name}`, 0, Number.MAX_SAFE_INTEGER),
    level: int(level, `btrfs: level of ${name}`, 0, MAX_LEVEL),
    generation,
  };
}

/** A device of the chunk tree. @throws FormatError OUT_OF_BOUNDS */
export function readDevice(guest: GuestBtrfsDevice): Device {
  const own = ownDevice(guest);
  const what = `btrfs: bytes_used of device ${own.id}`;
  return { ...own, usedBytes: int(guest.numUsedBytes, what, 0, own.totalBytes) };
}

/** The device that a superblock lies on; the kernel takes how much of it is used from the chunk tree alone. */
function ownDevice(guest: GuestBtrfsDevice): SuperblockDevice {
  const id = u64(guest.id);
  const what = `btrfs: total_bytes of device ${id}`;
  return {
    id,
    uuid: uuidText(guest.uuid),
    fsid: uuidText(guest.fsid),
    totalBytes: int(guest.numTotalBytes, what, 0, Number.MAX_SAFE_INTEGER),
  };
}
