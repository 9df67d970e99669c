// The fields of a btrfs superblock that contradict each other, so that no kernel mounts it.
// References: Linux 6.18 fs/btrfs/disk-io.c: btrfs_validate_super, btrfs_check_features, open_ctree.
import type { GuestBtrfs } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, powerOfTwo, uuidText } from '../../validation/guest.js';
import type { Features } from './features.js';

const MAX_STRIPE_BYTES = 2 ** 31;

interface Facts {
  readonly features: Features;
  readonly sectorBytes: number;
  readonly nodeBytes: number;
  readonly metadataUuid: string | null;
}

/** @throws FormatError INVALID, OUT_OF_BOUNDS */
export function checkSuperblock(guest: GuestBtrfs, facts: Facts): void {
  const { features, sectorBytes, nodeBytes, metadataUuid } = facts;
  checkAddresses(guest, sectorBytes);
  powerOfTwo(guest.lenStripe, 'btrfs: stripesize', 1, MAX_STRIPE_BYTES);
  if (!equals(guest.lenLeaf, nodeBytes)) {
    throw refused(`leafsize is another than nodesize, ${nodeBytes}`);
  }
  const deviceFsid = uuidText(guest.device.fsid);
  if (deviceFsid !== metadataUuid) {
    throw refused(`the superblock's device belongs to ${deviceFsid}, not to ${metadataUuid}`);
  }
  if (features.hasMixedGroups && nodeBytes !== sectorBytes) {
    const sizes = `nodes of ${nodeBytes} and sectors of ${sectorBytes} bytes`;
    throw refused(`it has mixed groups, with ${sizes}`);
  }
  if (features.hasBlockGroupTree && !(features.hasValidFreeSpaceTree && features.hasNoHoles)) {
    throw refused('it has a block group tree, but not both a valid free space tree and no-holes');
  }
  if (features.unknownReadOnly !== null && !equals(guest.logRoot, 0)) {
    throw refused(`it has a log and unknown features ${features.unknownReadOnly}`);
  }
}

function checkAddresses({ root, chunkRoot, logRoot }: GuestBtrfs, sectorBytes: number): void {
  if (equals(root, 0)) throw refused('there is no root tree');
  const trees = [
    ['root', root],
    ['chunk', chunkRoot],
    ['log', logRoot],
  ] as const;
  for (const [name, address] of trees) {
    if (!hasFlag(address, BigInt(sectorBytes - 1))) continue;
    throw refused(`the ${name} tree begins within a sector of ${sectorBytes} bytes`);
  }
}

/** The error of what a mount refuses. */
export function refused(what: string): FormatError {
  return new FormatError('INVALID', `btrfs: ${what}; the kernel does not mount it`);
}
