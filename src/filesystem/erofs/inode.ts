// An inode of EROFS, in its compact or its extended form.
// References: Linux fs/erofs/inode.c: erofs_read_inode; fs/erofs/erofs_fs.h: erofs_xattr_ibody_size.
import {
  erofsCompactInodeRecords,
  erofsExtendedInodeRecords,
  type GuestErofsExtendedInode,
} from '../../../generated/filesystem/erofs.js';
import { checkedRange } from '../../bytes/range.js';
import { FormatError } from '../../errors.js';
import { hasFlag, int, u16, u32, u64 } from '../../validation/guest.js';
import { kindOfType, typeOfMode } from '../file-kinds.js';
import type { FileKind } from '../files.js';
import { SLOT_BYTES, type Volume } from './volume.js';

const COMPACT_BYTES = 32;
const EXTENDED_BYTES = 64;
const IS_EXTENDED = 1n;
const ATTRIBUTES_HEAD_BYTES = 12;
const WORD_BYTES = 4;
/** The layout stands in three bits, above the lowest one. */
const [LAYOUT_UNIT, LAYOUT_VALUES] = [2, 8];
const LAYOUTS = ['plain', 'indexed', 'inline', 'packed', 'chunks'] as const;
const NS_PER_SECOND = 1_000_000_000n;
const MAX_NS = 999_999_999;

export interface Inode {
  /** Its place in slots of 32 bytes, by which directories name it. */
  readonly number: number;
  readonly offsetBytes: number;
  /** Of itself with its attributes: what the layout needs comes behind. */
  readonly lengthBytes: number;
  readonly kind: FileKind;
  readonly mode: number;
  /** `indexed` and `packed` are compressed, and differ in how the index is written. */
  readonly layout: (typeof LAYOUTS)[number];
  readonly sizeBytes: number;
  /** The first block, or the number of compressed ones, or the form of chunks. */
  readonly content: number;
  readonly linkCount: number;
  readonly owner: number;
  readonly group: number;
  readonly modifiedNs: bigint;
}

/** null for what cannot be a place. @throws FormatError for an inode that no kernel reads. */
export async function inodeAt(volume: Volume, number: number): Promise<Inode | null> {
  const { source, metadataBytes, builtNs } = volume;
  const offsetBytes = metadataBytes + number * SLOT_BYTES;
  const room = source.sizeBytes - offsetBytes;
  if (!Number.isSafeInteger(offsetBytes) || number < 0 || room < COMPACT_BYTES) return null;
  const bytes = await source.read(offsetBytes, Math.min(EXTENDED_BYTES, room));
  const compact = erofsCompactInodeRecords(bytes).at(0);
  const isExtended = hasFlag(compact.format, IS_EXTENDED);
  if (isExtended && room < EXTENDED_BYTES) return null;
  const extended = isExtended ? erofsExtendedInodeRecords(bytes).at(0) : null;
  const guest = extended ?? compact;
  const mode = u16(guest.mode);
  const kind = kindOfType(typeOfMode(mode));
  const layout = LAYOUTS[Math.floor(u16(guest.format) / LAYOUT_UNIT) % LAYOUT_VALUES];
  if (kind === null || layout === undefined) {
    const words = `inode ${number} has the mode ${mode} and an unknown layout, or no kind`;
    throw new FormatError('INVALID', `erofs: ${words}`, { data: { number, mode } });
  }
  const words = u16(guest.numAttributeWords);
  const attributesBytes = words === 0 ? 0 : ATTRIBUTES_HEAD_BYTES + (words - 1) * WORD_BYTES;
  const lengthBytes = (isExtended ? EXTENDED_BYTES : COMPACT_BYTES) + attributesBytes;
  checkedRange(offsetBytes, lengthBytes, source.sizeBytes, `erofs: inode ${number}`);
  const [linkCount = 0, content = 0, owner = 0, group = 0] = [
    guest.numLinks,
    guest.content,
    guest.owner,
    guest.group,
  ].map((part) => u32(part));
  return {
    number,
    offsetBytes,
    lengthBytes,
    kind,
    mode,
    layout,
    sizeBytes: int(guest.lenFile, 'erofs: bytes of a file', 0, Number.MAX_SAFE_INTEGER),
    content,
    linkCount,
    owner,
    group,
    modifiedNs: extended === null ? builtNs : timeOf(extended),
  };
}

function timeOf({ modified, modifiedNs }: GuestErofsExtendedInode): bigint {
  return (
    BigInt.asIntN(64, u64(modified)) * NS_PER_SECOND +
    BigInt(int(modifiedNs, 'erofs: nanoseconds', 0, MAX_NS))
  );
}
