// Where a node lies: on which disk, from which byte on, in a partition of which size.
import type { GuestDefinition } from '../guests/guest.js';
import type { StackNode } from '../stack/node.js';
import type { RowPlace } from './record.js';

/** A stretch of a disk. */
interface Stretch {
  /** null where it lies in several pieces, or nothing says where. */
  readonly offsetBytes: number | null;
  /** Of the innermost partition around it; null where there is none. */
  readonly partitionBytes: number | null;
}

/** Of what is no stretch of a disk. */
export const NO_STRETCH: Stretch = { offsetBytes: null, partitionBytes: null };

export function placeOf(node: StackNode, { name, uuid }: GuestDefinition): RowPlace {
  const { disk, device } = node;
  const [on] = node.parents;
  const partitionUuid = on?.kind === 'partition' ? on.partition.uuid : null;
  return { guest: name, uuid, disk, device, ...stretchOf(node), partitionUuid };
}

/** On one disk, from node to node down to it. A logical volume, an array and decrypted bytes lie in no one stretch of a disk. */
export function stretchOf(node: StackNode): Stretch {
  if (node.disk === null) return NO_STRETCH;
  switch (node.kind) {
    case 'disk':
      return { offsetBytes: 0, partitionBytes: null };
    case 'volume':
    case 'clear':
    case 'group':
      return NO_STRETCH;
    case 'rest':
      return moved(stretchOf(node.on), node.offsetBytes);
    case 'partition': {
      const { endBytes, sizeBytes } = node.partition;
      const [table] = node.parents;
      if (endBytes === 0 || table === undefined)
        return { ...NO_STRETCH, partitionBytes: sizeBytes };
      return { ...moved(stretchOf(table), endBytes - sizeBytes), partitionBytes: sizeBytes };
    }
    default: {
      const [on] = node.parents;
      return on === undefined ? NO_STRETCH : stretchOf(on);
    }
  }
}

function moved({ offsetBytes, partitionBytes }: Stretch, bytes: number): Stretch {
  return { offsetBytes: offsetBytes === null ? null : offsetBytes + bytes, partitionBytes };
}
