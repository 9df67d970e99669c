// The target of a symbolic link as Rock Ridge has it: component by component, in one field or more.
// References: Rock Ridge Interchange Protocol 1.12, 4.1.3 (SL); Linux fs/isofs/rock.c: get_symlink_chunk, and SL in
// parse_rock_ridge_inode_internal.
import {
  iso9660FlagsFieldRecords,
  iso9660LinkPartRecords,
} from '../../../generated/filesystem/iso9660.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { hasFlag, int } from '../../validation/guest.js';

const HEAD_BYTES = 5;
const PART_BYTES = 2;
const GOES_ON = 1n;
const ROOT = 8n;
/** The directory itself, the one above, the root. */
const SPECIAL = [
  { flag: 2n, text: Buffer.from('.') },
  { flag: 4n, text: Buffer.from('..') },
  { flag: ROOT, text: Buffer.from('/') },
];
const SLASH = Buffer.from('/');

/** What one field has of a target. */
export interface LinkPiece {
  readonly at: ByteRange;
  /** Bytes of the target that it stands for. */
  readonly targetBytes: number;
}

/** null: of no bytes. */
export function linkPieceOf(field: Uint8Array, offsetBytes: number): LinkPiece | null {
  const targetBytes = targetPart(field).length;
  return targetBytes === 0 ? null : { at: { offsetBytes, lengthBytes: field.length }, targetBytes };
}

/** Of a link, whose fields are read again. */
export async function targetOf(source: ByteSource, link: readonly LinkPiece[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const { at } of link) {
    parts.push(targetPart(await source.read(at.offsetBytes, at.lengthBytes)));
  }
  return Buffer.concat(parts);
}

/** What a field has of a target, with the slash behind it if another one goes on. */
function targetPart(field: Uint8Array): Buffer {
  const records = iso9660LinkPartRecords(field);
  const fieldGoesOn = hasFlag(iso9660FlagsFieldRecords(field).at(0).flags, GOES_ON);
  const parts: Uint8Array[] = [];
  let at = HEAD_BYTES;
  while (field.length - at > 1) {
    const { flags, lenText } = records.atByte(at);
    const partGoesOn = hasFlag(flags, GOES_ON);
    const room = field.length - at - PART_BYTES;
    const textBytes = int(lenText, 'iso9660: bytes of a part of a link', 0, room);
    const special = SPECIAL.find(({ flag }) => hasFlag(flags, flag));
    at += PART_BYTES;
    parts.push(special?.text ?? field.subarray(at, at + textBytes));
    at += textBytes;
    if (field.length - at < PART_BYTES) {
      if (fieldGoesOn && !partGoesOn) parts.push(SLASH);
      break;
    }
    // A slash follows, but behind the root's own.
    if (special?.flag !== ROOT && !partGoesOn) parts.push(SLASH);
  }
  return Buffer.concat(parts);
}
