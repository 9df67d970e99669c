// The stamp on a sector or block of metadata of version 5: the place in the log of its last change, a checksum, and the UUID.
// The magic number says where. The kernel replays a change only onto a block that was not written since, and computes the
// checksum anew when it writes; version 4 has none of this, so all of the log is replayed.
// References: Linux 6.18 fs/xfs/xfs_buf_item_recover.c: xlog_recover_get_buf_lsn, xlog_recover_validate_buf_type.
import {
  XfsAgfFields,
  XfsAgiFields,
  XfsBtreeBlockFields,
  XfsDirectoryBlockFields,
  XfsFields,
  XfsFreeListFields,
  XfsLongBtreeBlockFields,
  XfsNamesBlockFields,
  XfsSymlinkBlockFields,
  xfsBlockHeadRecords,
  xfsStampRecords,
} from '../../../generated/filesystem/xfs.js';
import { type Field, setField } from '../../kaitai/index.js';
import { equals, u16, u32, u64 } from '../../validation/guest.js';
import { putChecksum } from './checksum.js';

const U64_MAX = 2n ** 64n - 1n;

/** Where a kind of block has the parts of its stamp. */
interface Layout {
  readonly lastWriteLsn: Field;
  readonly checksum: Field;
  /** The UUID that must be the filesystem's; a block with another one was never written. */
  readonly uuid: { readonly at: number };
}

const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  ...layoutsOf(XfsAgfFields, ['XAGF']),
  ...layoutsOf(XfsAgiFields, ['XAGI']),
  ...layoutsOf(XfsFreeListFields, ['XAFL']),
  ...layoutsOf(XfsSymlinkBlockFields, ['XSLM']),
  ...layoutsOf(XfsLongBtreeBlockFields, ['BMA3']),
  ...layoutsOf(XfsBtreeBlockFields, ['AB3B', 'AB3C', 'IAB3', 'FIB3', 'RMB3', 'R3FC']),
  ...layoutsOf(XfsDirectoryBlockFields, ['XDB3', 'XDD3', 'XDF3']),
]);
/** Leaves and nodes of directories and of attributes have their magic number behind two pointers. */
const NAMES_MAGICS: ReadonlySet<number> = new Set([0x3ebe, 0x3bee, 0x3df1, 0x3dff]);
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
    return hasMetaUuid ? { ...XfsFields, uuid: XfsFields.metaUuid } : XfsFields;
  }
  const namesMagic = u16(head.namesMagic);
  return LAYOUTS.get(magic) ?? (NAMES_MAGICS.has(namesMagic) ? XfsNamesBlockFields : undefined);
}

/** The place in the log up to which the block on the disk is newer than the log; 0 if all of the log is newer. */
export function writtenLsn(bytes: Uint8Array, owner: StampOwner): bigint {
  const layout = layoutOf(bytes, owner);
  if (layout === undefined) return 0n;
  if (owner.metadataUuid.some((byte, i) => byte !== bytes[layout.uuid.at + i])) return 0n;
  const { lsn } = xfsStampRecords(bytes.subarray(layout.lastWriteLsn.at)).at(0);
  return equals(lsn, U64_MAX) ? 0n : u64(lsn);
}

/** Stamps a block from the log. The log has no right checksum for it: the kernel computes it when it writes. */
export function stamp(bytes: Uint8Array, lsn: bigint, owner: StampOwner): void {
  const layout = layoutOf(bytes, owner);
  if (layout === undefined) return;
  setField(bytes, layout.lastWriteLsn, lsn);
  putChecksum(bytes, layout.checksum);
}
