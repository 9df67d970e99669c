// What each thin device of a pool holds alone: blocks that no other device has, snapshots included. A tree's nodes are shared
// between a device and its snapshots until one of them is written to, so that all below a node that two devices reach is shared.
// References: thin-provisioning-tools thin_ls(8); Linux drivers/md/dm-thin-metadata.c (data_mapping_root).
import { dmThinWordRecords } from '../../../generated/volume/dm_thin.js';
import { FormatError } from '../../errors.js';
import { MAX_THIN_SHARE_BLOCKS, MAX_THIN_SHARE_NODES } from '../../limits.js';
import { int } from '../../validation/guest.js';
import { dataBlockOf, type ThinPool } from './thin.js';
import type { Node } from './tree.js';

const WHAT = 'dm-thin: ';
/** Of a block of the pool: nobody has it so far; several have it; and behind these the devices. */
const NOBODY = 0;
const SEVERAL = 1;
const FIRST_DEVICE = 2;
const MAX_DEVICES = 2 ** 16 - FIRST_DEVICE;

interface Walk {
  readonly pool: ThinPool;
  /** Of each block of the pool's data. */
  readonly ownerOf: Uint16Array;
  /** Nodes that one device reaches. */
  readonly own: Set<number>;
  /** Those that several do, and what is below them. */
  readonly shared: Set<number>;
}

/** By number of a device, the bytes that it holds alone. @throws FormatError LIMIT for more than a walk may cost. */
export async function exclusiveBytes(pool: ThinPool): Promise<ReadonlyMap<number, number>> {
  const { dataBlockCount, blockBytes } = pool;
  if (dataBlockCount > MAX_THIN_SHARE_BLOCKS) {
    const message = `${WHAT}the pool has ${dataBlockCount} blocks, and what its volumes hold alone is counted for up to ${MAX_THIN_SHARE_BLOCKS}`;
    throw new FormatError('LIMIT', message);
  }
  const walk = {
    pool,
    ownerOf: new Uint16Array(dataBlockCount),
    own: new Set<number>(),
    shared: new Set<number>(),
  };
  const devices = await devicesOf(pool);
  for (const [index, { root }] of devices.entries()) await walkDevice(walk, root, index);
  const counts = new Float64Array(FIRST_DEVICE + devices.length);
  for (const owner of walk.ownerOf) counts[owner] = (counts[owner] ?? 0) + 1;
  return new Map(devices.map(({ id }, i) => [id, (counts[FIRST_DEVICE + i] ?? 0) * blockBytes]));
}

async function devicesOf({
  trees,
  mappingRoot,
}: ThinPool): Promise<readonly { readonly id: number; readonly root: number }[]> {
  const devices: { id: number; root: number }[] = [];
  for (let next = 0; Number.isFinite(next); ) {
    const leaf = await trees.find(mappingRoot, next);
    for (let i = 0; i < leaf.count; i++) {
      if (leaf.key(i) < next) continue;
      const { value } = dmThinWordRecords(leaf.value(i)).at(0);
      devices.push({
        id: leaf.key(i),
        root: int(value, `${WHAT}root`, 1, Number.MAX_SAFE_INTEGER),
      });
      if (devices.length <= MAX_DEVICES) continue;
      throw new FormatError('LIMIT', `${WHAT}the pool has more than ${MAX_DEVICES} devices`);
    }
    // A leaf that does not reach over its own end would be found for ever.
    if (leaf.endKey <= next) throw new FormatError('LOOP', `${WHAT}the devices are in no order`);
    next = leaf.endKey;
  }
  return devices;
}

async function walkDevice(walk: Walk, root: number, index: number): Promise<void> {
  const { own, shared } = walk;
  const waiting = [root];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (shared.has(block)) continue;
    if (own.has(block)) {
      await share(walk, block);
      continue;
    }
    own.add(block);
    waiting.push(...take(walk, await nodeAt(walk, block), FIRST_DEVICE + index));
  }
}

/** A node that a second device reaches: each is gone through once more, however many there are. */
async function share(walk: Walk, top: number): Promise<void> {
  const waiting = [top];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (walk.shared.has(block)) continue;
    walk.shared.add(block);
    waiting.push(...take(walk, await nodeAt(walk, block), SEVERAL));
  }
}

async function nodeAt({ pool, own, shared }: Walk, block: number): Promise<Node> {
  if (own.size + shared.size > MAX_THIN_SHARE_NODES) {
    const message = `${WHAT}the trees of the pool have more than ${MAX_THIN_SHARE_NODES} nodes`;
    throw new FormatError('LIMIT', message);
  }
  return pool.trees.node(block);
}

/** Notes the blocks of a leaf; the nodes below another one. */
function take({ pool, ownerOf }: Walk, node: Node, owner: number): readonly number[] {
  if (!node.isLeaf) return Array.from({ length: node.count }, (_, i) => node.block(i));
  for (let i = 0; i < node.count; i++) {
    const block = dataBlockOf(node.value(i), pool);
    const before = ownerOf[block];
    ownerOf[block] = before === NOBODY || before === owner ? owner : SEVERAL;
  }
  return [];
}
