// The stamp on a sector or block of metadata of version 5: the place in the log of its last change, a checksum, and the UUID.
// The magic number says where. The kernel replays a change only onto a block that was not written since, and computes the
// checksum anew when it writes; version 4 has none of this, so all of the log is replayed.
// References: Linux 6.18 fs/xfs/xfs_buf_item_recover.c: xlog_recover_get_buf_lsn, xlog_recover_validate_buf_type.
import { xfsBlockHeadRecords, xfsStampRecords } from '../../../generated/filesystem/xfs.js';
import { equals, u16, u32, u64 } from '../../validation/guest.js';
import { putChecksum } from './checksum.js';
import { putBigEndian } from './inode-from-log.js';

const U64_MAX = 2n ** 64n - 1n;
const LSN_BYTES = 8;

/** Where a kind of block has the parts of its stamp. */
interface Layout {
  readonly lsn: number;
  readonly checksum: number;
  /** The UUID that must be the filesystem's; a block with another one was never written. */
  readonly uuid: number;
}

const TREE: Layout = { lsn: 24, checksum: 52, uuid: 32 };
const FILE_TREE: Layout = { lsn: 32, checksum: 64, uuid: 40 };
const DIRECTORY: Layout = { lsn: 16, checksum: 4, uuid: 24 };
/** Leaves and nodes of directories and of attributes have their magic number behind two pointers. */
const NAMES: Layout = { lsn: 24, checksum: 12, uuid: 32 };
const NAMES_MAGICS: ReadonlySet<number> = new Set([0x3ebe, 0x3bee, 0x3df1, 0x3dff]);
const SUPERBLOCK: Layout = { lsn: 240, checksum: 224, uuid: 32 };
const META_UUID_OFFSET = 248;

const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  [fourCharacters('XAGF'), { lsn: 208, checksum: 216, uuid: 64 }],
  [fourCharacters('XAGI'), { lsn: 320, checksum: 312, uuid: 296 }],
  [fourCharacters('XAFL'), { lsn: 24, checksum: 32, uuid: 8 }],
  [fourCharacters('XSLM'), { lsn: 48, checksum: 12, uuid: 16 }],
  [fourCharacters('BMA3'), FILE_TREE],
  ...layoutsOf(TREE, ['AB3B', 'AB3C', 'IAB3', 'FIB3', 'RMB3', 'R3FC']),
  ...layoutsOf(DIRECTORY, ['XDB3', 'XDD3', 'XDF3']),
]);
const SUPERBLOCK_MAGIC = fourCharacters('XFSB');

function layoutsOf(layout: Layout, magics: readonly string[]): readonly [number, Layout][] {
  return magics.map((magic) => [fourCharacters(magic), layout]);
}

function fourCharacters(magic: string): number {
  return Buffer.from(magic, 'latin1').readUInt32BE();
}

/** The UUID that all metadata of a filesystem of version 5 bears. */
export interface StampOwner {
  readonly metadataUuid: Uint8Array;
  readonly hasMetaUuid: boolean;
}

function layoutOf(bytes: Uint8Array, { hasMetaUuid }: StampOwner): Layout | undefined {
  const head = xfsBlockHeadRecords(bytes, bytes.length).at(0);
  const magic = u32(head.magic);
  if (magic === SUPERBLOCK_MAGIC) {
    return hasMetaUuid ? { ...SUPERBLOCK, uuid: META_UUID_OFFSET } : SUPERBLOCK;
  }
  const namesMagic = u16(head.namesMagic);
  return LAYOUTS.get(magic) ?? (NAMES_MAGICS.has(namesMagic) ? NAMES : undefined);
}

/** The place in the log up to which the block on the disk is newer than the log; 0 if all of the log is newer. */
export function writtenLsn(bytes: Uint8Array, owner: StampOwner): bigint {
  const layout = layoutOf(bytes, owner);
  if (layout === undefined) return 0n;
  if (owner.metadataUuid.some((byte, i) => byte !== bytes[layout.uuid + i])) return 0n;
  const { lsn } = xfsStampRecords(bytes.subarray(layout.lsn)).at(0);
  return equals(lsn, U64_MAX) ? 0n : u64(lsn);
}

/** Stamps a block from the log. The log has no right checksum for it: the kernel computes it when it writes. */
export function stamp(bytes: Uint8Array, lsn: bigint, owner: StampOwner): void {
  const layout = layoutOf(bytes, owner);
  if (layout === undefined) return;
  putBigEndian(bytes, layout.lsn, lsn, LSN_BYTES);
  putChecksum(bytes, layout.checksum);
}
