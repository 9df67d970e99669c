// The disks of a guest as `virt-df reclaim` needs them: what each image stores, and what it frees.
import type { ByteSource } from '../../bytes/source.js';
import { hostNumbers, type Layer } from '../../container/container.js';
import type { DiskNode } from '../../stack/node.js';
import { printable } from '../../validation/guest.js';
import { inspect } from '../chain/layer.js';
import { shownPath } from '../disks.js';
import { type Freeing, freeingOf } from './freeing.js';
import type { ReclaimImage } from './record.js';
import { storedOf } from './stored.js';
import type { TalliedDisk } from './tally.js';

export interface ReclaimDisk extends TalliedDisk {
  readonly image: Omit<ReclaimImage, 'space'>;
}

/**
 * Those that could be opened, by their sources.
 * @param countsLeaks whether leaked clusters are looked for, which takes a pass over all tables of an image.
 * @throws FormatError when an image's own tables cannot be read.
 */
export async function reclaimDisks(
  nodes: readonly DiskNode[],
  countsLeaks: boolean,
): Promise<ReadonlyMap<ByteSource, ReclaimDisk>> {
  const disks = new Map<ByteSource, ReclaimDisk>();
  for (const node of nodes) {
    const { layer, source } = node;
    if (layer === null || source === null) continue;
    const active = { layer, source };
    const freeing = await freeingOf(active);
    disks.set(source, {
      stored: storedOf(active),
      sizeBytes: source.sizeBytes,
      unitBytes: freeing.unitBytes,
      frees: freeing.way !== 'none',
      sharedBytes: (await layer.shares?.()) ?? null,
      image: {
        ...imageOf(node, layer, freeing),
        leakedBytes: countsLeaks ? await leakedOf(layer) : null,
      },
    });
  }
  return disks;
}

function imageOf(
  { device, definition, sizeBytes }: DiskNode,
  layer: Layer,
  { way, reason }: Freeing,
): Omit<ReclaimDisk['image'], 'leakedBytes'> {
  return {
    disk: device,
    target: definition.target,
    path: shownPath(layer.path),
    format: printable(layer.format),
    version: layer.version === null ? null : printable(layer.version),
    clusterBytes: layer.clusterBytes,
    capacityBytes: sizeBytes,
    allocationBytes: hostNumbers(layer).allocationBytes,
    hasBacking: layer.backing !== null,
    way,
    reason,
  };
}

/** As `virt-df chain`: where the tables cannot be read to their end, nothing is told. */
async function leakedOf(layer: Layer): Promise<number | null> {
  const { leakedClusterCount } = await inspect(layer);
  return leakedClusterCount === null ? null : leakedClusterCount * (layer.clusterBytes ?? 0);
}
