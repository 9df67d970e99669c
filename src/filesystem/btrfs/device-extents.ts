// The device tree against the chunks: each stretch of a device that is used belongs to a stripe of a chunk, and each stripe of a
// chunk has one. Example: a device was made smaller by a tool that did not move what lay at its end.
// References: Linux 6.18 fs/btrfs/volumes.c: btrfs_verify_dev_extents; tree-checker.c: check_dev_extent_item.
import { parseBtrfsDeviceExtent } from '../../../generated/filesystem/btrfs.js';
import { equals, int } from '../../validation/guest.js';
import { type Chunk, chunkAt } from './chunks.js';
import { CHUNKS_OBJECT, type Pool } from './devices.js';
import { DEVICE_TREE, readRoot } from './roots.js';
import { stripeBytes } from './stripe-ranges.js';
import { refused } from './superblock-rules.js';
import { eachItem, firstKey, type Item, lastKey } from './tree.js';

const DEVICE_EXTENT = 204;
const FIRST_DEVICE = 1n;
const LAST_DEVICE = 2n ** 64n - 1n;
/** BTRFS_CHUNK_TREE_OBJECTID */
const CHUNK_TREE = 3n;
/** Beyond them, those of about 2 TiB, the rest is not looked at: they fill a leaf for each 220 of them. */
const MAX_EXTENTS = 2048;

/** What was found so far. */
interface Tally {
  extents: number;
  /** Where the last one ended, and on which device. */
  readonly last: { device: bigint; endBytes: number };
  readonly stripes: Map<Chunk, number>;
}

/** @throws FormatError INVALID, OUT_OF_BOUNDS, and as `readRoot` */
export async function checkDeviceExtents(pool: Pool): Promise<void> {
  const { reader, superblock, chunks } = pool;
  const root = await readRoot(reader, superblock.root, DEVICE_TREE);
  const tally: Tally = { extents: 0, last: { device: 0n, endBytes: 0 }, stripes: new Map() };
  const [from, to] = [firstKey(FIRST_DEVICE, 0), lastKey(LAST_DEVICE, DEVICE_EXTENT)];
  await eachItem(reader, root, from, to, (item) => {
    if (item.type !== DEVICE_EXTENT || tally.extents >= MAX_EXTENTS) return false;
    check(pool, item, tally);
    return true;
  });
  if (tally.extents >= MAX_EXTENTS) return;
  const lost = chunks.find((chunk) => tally.stripes.get(chunk) !== chunk.stripes.length);
  if (lost === undefined) return;
  throw refused(`the device tree does not have all stripes of the chunk at ${lost.address}`);
}

function check({ superblock, devices, chunks }: Pool, item: Item, tally: Tally): void {
  const { object: device, offset, data } = item;
  const { sectorBytes } = superblock;
  const what = `what is used of device ${device} at byte ${offset}`;
  const extent = parseBtrfsDeviceExtent(data);
  const most = Number.MAX_SAFE_INTEGER;
  const address = int(extent.chunkAddress, `btrfs: address of ${what}`, 0, most);
  const lengthBytes = int(extent.lenExtent, `btrfs: length of ${what}`, 0, most);
  const isAligned = [address, lengthBytes, Number(offset)].every((at) => at % sectorBytes === 0);
  if (!isAligned) throw refused(`${what} is no multiple of ${sectorBytes} bytes`);
  if (!equals(extent.chunkTree, CHUNK_TREE) || !equals(extent.chunkObject, CHUNKS_OBJECT)) {
    throw refused(`${what} is of another tree than that of the chunks`);
  }
  const chunk = chunkAt(chunks, address);
  const { totalBytes = 0, uuid = null } = devices.find(({ id }) => id === device) ?? {};
  const found = chunk?.stripes.some(
    (stripe) =>
      stripe.deviceId === device &&
      stripe.deviceUuid === uuid &&
      BigInt(stripe.offsetBytes) === offset,
  );
  if (chunk === null || found !== true || stripeBytes(chunk) !== lengthBytes) {
    throw refused(`${what}, ${lengthBytes} bytes, is no stripe of the chunk at ${address}`);
  }
  const endBytes = Number(offset) + lengthBytes;
  if (endBytes > totalBytes) {
    throw refused(`${what} ends at ${endBytes}, but the device at ${totalBytes}`);
  }
  if (tally.last.device === device && Number(offset) < tally.last.endBytes) {
    throw refused(`${what} overlaps what lies before it, up to byte ${tally.last.endBytes}`);
  }
  Object.assign(tally.last, { device, endBytes });
  tally.stripes.set(chunk, (tally.stripes.get(chunk) ?? 0) + 1);
  tally.extents++;
}
