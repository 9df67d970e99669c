// The devices of one filesystem: which were found, which are missing, and how a logical address is read from them.
// Example: in a RAID1 chunk the address 0x1500000 lies on two devices, and copy 1 is read from the second one.
// References: Linux 6.18 fs/btrfs/volumes.c: btrfs_read_chunk_tree, read_one_dev, device_list_add;
// disk-io.c: open_ctree.
import { parseBtrfsChunk, parseBtrfsDevice } from '../../../generated/filesystem/btrfs.js';
import { joined } from '../../bytes/concat.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, GIVE_ALL_DISKS, UnsupportedError } from '../../errors.js';
import { type Breathe, breathing } from '../breath.js';
import {
  CHUNK_ITEM,
  type Chunk,
  chunkAt,
  copyCount,
  locate,
  readChunk,
  type Stripe,
  sortedChunks,
  systemChunks,
} from './chunks.js';
import { type Device, readDevice, SUPERBLOCK_OFFSET, type Superblock } from './superblock.js';
import { refused } from './superblock-rules.js';
import {
  eachItem,
  firstKey,
  type LogicalSource,
  lastKey,
  type TreeReader,
  treeReader,
} from './tree.js';

/** BTRFS_DEV_ITEMS_OBJECTID, BTRFS_FIRST_CHUNK_TREE_OBJECTID and the type of a device's item. */
const DEVICES_OBJECT = 1n;
export const CHUNKS_OBJECT = 256n;
const DEVICE_ITEM = 216;

/** A device that was found. */
export interface FoundDevice {
  readonly source: ByteSource;
  readonly superblock: Superblock;
}

/** A filesystem whose chunks are known: its trees can be read. */
export interface Pool {
  readonly superblock: Superblock;
  readonly reader: TreeReader;
  readonly devices: readonly Device[];
  /** Those that the devices lie on, in the same order. */
  readonly sources: readonly ByteSource[];
  /** In ascending order. */
  readonly chunks: readonly Chunk[];
  /** Long work that reads nothing calls it. */
  readonly breathe: Breathe;
}

/**
 * Reads the chunk tree and checks that every device that it lists is there.
 * @throws FormatError MISSING_DEVICE with the numbers of those that are not, AMBIGUOUS when one is there twice;
 *         UnsupportedError UNSUPPORTED_FEATURE for a filesystem on a seed device.
 */
export async function openPool(found: readonly FoundDevice[]): Promise<Pool> {
  const { superblock, source } = newestDevice(found);
  const sources = sourceMap(found);
  const system = sortedChunks(systemChunks(superblock.systemChunks, superblock));
  const bootstrap = treeReader(superblock, logicalSource(system, sources, superblock));
  const devices: Device[] = [];
  // The chunk tree has the superblock's chunks too; of two that differ, the kernel takes the superblock's.
  const chunks = [...system];
  await eachItem(
    bootstrap,
    superblock.chunkRoot,
    firstKey(DEVICES_OBJECT, DEVICE_ITEM),
    lastKey(CHUNKS_OBJECT, CHUNK_ITEM),
    ({ object, type, offset, data }) => {
      if (object === DEVICES_OBJECT && type === DEVICE_ITEM) {
        devices.push(deviceOf(offset, data));
      } else if (object === CHUNKS_OBJECT && type === CHUNK_ITEM) {
        const chunk = readChunk(chunkAddress(offset), parseBtrfsChunk(data), superblock);
        if (chunkAt(system, chunk.address) === null) chunks.push(chunk);
      }
    },
  );
  checkDevices(devices, superblock, sources);
  const sorted = sortedChunks(chunks);
  const reader = treeReader(superblock, logicalSource(sorted, sources, superblock));
  const breathe = breathing(source, SUPERBLOCK_OFFSET);
  const own = devices.flatMap(({ id, uuid }) => sources.get(nameOf(id, uuid)) ?? []);
  return { superblock, reader, devices, sources: own, chunks: sorted, breathe };
}

/**
 * The same filesystem on other sources, with nodes of a replay over them for example.
 * @param sources in the order of the devices.
 * @param most nodes that may be visited.
 */
export function poolOn(
  pool: Pool,
  sources: readonly ByteSource[],
  superblock: Superblock,
  most?: number,
): Pool {
  const named = new Map(
    pool.devices.flatMap(({ id, uuid }, i) => {
      const source = sources[i];
      return source === undefined ? [] : [[nameOf(id, uuid), source] as const];
    }),
  );
  const logical = logicalSource(pool.chunks, named, superblock);
  return { ...pool, superblock, sources, reader: treeReader(superblock, logical, most) };
}

/** @throws FormatError INVALID, OUT_OF_BOUNDS, TRUNCATED */
function deviceOf(number: bigint, data: Uint8Array): Device {
  const device = readDevice(parseBtrfsDevice(data));
  if (device.id === number) return device;
  throw refused(`the item of device ${number} is of device ${device.id}`);
}

/** A device that was away for a while is older than the others. */
export function newestSuperblock(found: readonly FoundDevice[]): Superblock {
  return newestDevice(found).superblock;
}

function newestDevice([first, ...others]: readonly FoundDevice[]): FoundDevice {
  if (first === undefined) throw new FormatError('MISSING_DEVICE', 'btrfs: there is no device');
  return others.reduce(
    (a, b) => (b.superblock.generation > a.superblock.generation ? b : a),
    first,
  );
}

function nameOf(id: bigint, uuid: string | null): string {
  return `${id} ${uuid ?? ''}`;
}

/** @throws FormatError AMBIGUOUS: the kernel would take either of a disk and its copy. */
function sourceMap(found: readonly FoundDevice[]): ReadonlyMap<string, ByteSource> {
  const sources = new Map<string, ByteSource>();
  for (const { source, superblock } of found) {
    const { id, uuid } = superblock.device;
    const name = nameOf(id, uuid);
    if (sources.has(name)) {
      const message = `btrfs: two disks are both device ${id} (UUID ${uuid}): one is a copy of the other`;
      throw new FormatError('AMBIGUOUS', message, { data: { device: Number(id) } });
    }
    sources.set(name, source);
  }
  return sources;
}

function chunkAddress(offset: bigint): number {
  if (offset <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(offset);
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `btrfs: a chunk begins at ${offset}, which is beyond 2^53`,
  );
}

function logicalSource(
  chunks: readonly Chunk[],
  sources: ReadonlyMap<string, ByteSource>,
  superblock: Superblock,
): LogicalSource {
  const chunkOf = (address: number): Chunk => {
    const chunk = chunkAt(chunks, address);
    if (chunk !== null) return chunk;
    const message = `btrfs: address ${address} lies in none of the ${chunks.length} chunks`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { address } });
  };
  const sourceOf = ({ deviceId, deviceUuid }: Stripe): ByteSource => {
    const source = sources.get(nameOf(deviceId, deviceUuid));
    if (source !== undefined) return source;
    throw missing([{ id: deviceId, uuid: deviceUuid }], superblock.deviceCount);
  };
  return {
    copies: (address) => copyCount(chunkOf(address)),
    async read(address, lengthBytes, copy) {
      const parts: Uint8Array[] = [];
      for (let done = 0; done < lengthBytes; ) {
        const at = address + done;
        const piece = locate(chunkOf(at), at, lengthBytes - done, copy);
        parts.push(await sourceOf(piece.stripe).read(piece.offsetBytes, piece.lengthBytes));
        done += piece.lengthBytes;
      }
      return joined(parts);
    },
  };
}

/** @throws as `openPool`; FormatError OUT_OF_BOUNDS when a device is larger than the disk that it is on. */
function checkDevices(
  devices: readonly Device[],
  { metadataUuid, deviceCount, totalBytes: wholeBytes, features }: Superblock,
  sources: ReadonlyMap<string, ByteSource>,
): void {
  if (devices.length === 0) throw new FormatError('INVALID', 'btrfs: the chunk tree has no device');
  const seed = devices.find(({ fsid }) => fsid !== metadataUuid);
  if (seed !== undefined) {
    const message = `btrfs: device ${seed.id} is a seed device of ${seed.fsid}, and virt-df does not read filesystems that grew from one`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const absent = devices.filter(({ id, uuid }) => !sources.has(nameOf(id, uuid)));
  if (absent.length > 0) throw missing(absent, Math.max(deviceCount, devices.length));
  for (const { id, uuid, totalBytes } of devices) {
    const { sizeBytes = 0 } = sources.get(nameOf(id, uuid)) ?? {};
    if (totalBytes <= sizeBytes) continue;
    const message = `btrfs: device ${id} has ${totalBytes} bytes by its own account, but the volume has only ${sizeBytes}`;
    throw new FormatError('TRUNCATED', message, { data: { totalBytes, sizeBytes } });
  }
  const sumBytes = devices.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  // What a seed's devices have is not counted, for nothing is written to them.
  if (sumBytes <= wholeBytes || features.isSeed) return;
  throw refused(`total_bytes is ${wholeBytes}, but the devices have ${sumBytes}`);
}

function missing(absent: readonly Pick<Device, 'id' | 'uuid'>[], count: number): FormatError {
  const names = absent.map(({ id, uuid }) => `${id} (UUID ${uuid})`).join(', ');
  const [first] = absent;
  return new FormatError(
    'MISSING_DEVICE',
    `btrfs: of ${count} devices, these are on none of the disks that were given: ${names}; ${GIVE_ALL_DISKS}`,
    { data: { device: Number(first?.id ?? 0n) } },
  );
}
