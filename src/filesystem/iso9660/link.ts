// The target of a symbolic link as Rock Ridge has it: component by component, in one field or more.
// References: Rock Ridge Interchange Protocol 1.12, 4.1.3 (SL); Linux fs/isofs/rock.c: get_symlink_chunk, and SL in
// parse_rock_ridge_inode_internal.
import {
  iso9660FlagsFieldRecords,
  iso9660LinkPartRecords,
} from '../../../generated/filesystem/iso9660.js';
import type { ByteRange } from '../../bytes/source.js';
import { hasFlag, int } from '../../validation/guest.js';

const HEAD_BYTES = 5;
const PART_BYTES = 2;
const GOES_ON = 1n;
const ROOT = 8n;
/** The directory itself, the one above, the root. */
const SPECIAL = [
  { flag: 2n, targetBytes: 1 },
  { flag: 4n, targetBytes: 2 },
  { flag: ROOT, targetBytes: 1 },
];

/** What one field has of a target. */
export interface LinkPiece {
  readonly at: ByteRange;
  /** Bytes of the target that it stands for. */
  readonly targetBytes: number;
}

/** null: of no bytes. */
export function linkPieceOf(field: Uint8Array, offsetBytes: number): LinkPiece | null {
  const parts = iso9660LinkPartRecords(field);
  const fieldGoesOn = hasFlag(iso9660FlagsFieldRecords(field).at(0).flags, GOES_ON);
  let targetBytes = 0;
  let at = HEAD_BYTES;
  while (field.length - at > 1) {
    const { flags, lenText } = parts.atByte(at);
    const partGoesOn = hasFlag(flags, GOES_ON);
    const room = field.length - at - PART_BYTES;
    const textBytes = int(lenText, 'iso9660: bytes of a part of a link', 0, room);
    const special = SPECIAL.find(({ flag }) => hasFlag(flags, flag));
    targetBytes += special?.targetBytes ?? textBytes;
    at += PART_BYTES + textBytes;
    if (field.length - at < PART_BYTES) {
      if (fieldGoesOn && !partGoesOn) targetBytes++;
      break;
    }
    // A slash follows, but behind the root's own.
    if (special?.flag !== ROOT && !partGoesOn) targetBytes++;
  }
  return targetBytes === 0 ? null : { at: { offsetBytes, lengthBytes: field.length }, targetBytes };
}
