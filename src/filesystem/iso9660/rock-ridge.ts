// What extensions say of a file, in the rest of its directory's record and in areas elsewhere that go on with it: Rock Ridge's
// names, owners, times and targets of links, and zisofs.
// References: System Use Sharing Protocol 1.12; Rock Ridge Interchange Protocol 1.12; Linux fs/isofs/rock.c: rock_continue,
// get_rock_ridge_filename, parse_rock_ridge_inode_internal.
import {
  iso9660ChildFieldRecords,
  iso9660CompressedFieldRecords,
  iso9660ContinuationFieldRecords,
  iso9660FieldRecords,
  iso9660FlagsFieldRecords,
  iso9660PosixFieldRecords,
  iso9660SharingFieldRecords,
} from '../../../generated/filesystem/iso9660.js';
import type { ByteRange } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, u8, u16, u32 } from '../../validation/guest.js';
import { type LinkPiece, linkPieceOf } from './link.js';
import { type FileTimes, timesOf } from './times.js';
import type { Volume } from './volume.js';

const FIELD_BYTES = 4;
const FLAGS_BYTES = 5;
/** RR_MAX_CE_ENTRIES: of an area that leads to itself there are as many as one asks for. */
const MAX_AREAS = 32;
/** What reading an area costs, however short it is. */
const AREA_COST_BYTES = 64;
/** A target of 4 KiB, the longest that Linux takes, needs 17 full ones. */
const MAX_LINK_PIECES = 256;
const MAX_NAME_BYTES = 254;
/** What a record of 255 bytes has room for. */
const MAX_USE_BYTES = 222;
const SHARING_CHECK = 0xbeef;
const DOTS = 6n;
const KNOWN_NAME_FLAGS = 1n;
/** By ISO 9660 a block of zisofs has up to 128 KiB. */
const MAX_LOG_BLOCK = 17;
const ZISOFS = 0x707a;

const CE = 0x4345;
const CL = 0x434c;
const ER = 0x4552;
const NM = 0x4e4d;
const PX = 0x5058;
const RE = 0x5245;
const SL = 0x534c;
const SP = 0x5350;
const TF = 0x5446;
const ZF = 0x5a46;

interface Posix {
  readonly mode: number;
  readonly linkCount: number;
  readonly owner: number;
  readonly group: number;
}

export interface Extensions {
  /** null: it has none of this kind. */
  name: Uint8Array | null;
  posix: Posix | null;
  times: FileTimes | null;
  /** Where the directory is that this file stands for. */
  childBlock: number | null;
  /** The size of content that zisofs compressed. */
  uncompressedBytes: number | null;
  /** The pieces of a link's target. */
  readonly link: LinkPiece[];
  /** It was moved here from another place, where it is shown. */
  isMoved: boolean;
  /** A field that says whose extensions these are. */
  hasReference: boolean;
  /** Of each record's system use, the bytes that come before the fields; null where this is not said. */
  skippedBytes: number | null;
  /** The areas that go on with the fields. */
  readonly areas: ByteRange[];
}

/** Fields that lie together, and where. */
interface Area {
  readonly bytes: Uint8Array;
  readonly offsetBytes: number;
}

/**
 * @param area the system use of a record.
 * @param onFault told of what ends the fields too early; those before it count, as for the kernel.
 */
export async function readExtensions(
  volume: Volume,
  area: Area,
  onFault: (error: unknown) => void,
): Promise<Extensions> {
  const found: Extensions = {
    name: null,
    posix: null,
    times: null,
    childBlock: null,
    uncompressedBytes: null,
    link: [],
    isMoved: false,
    hasReference: false,
    skippedBytes: null,
    areas: [],
  };
  try {
    for (let next: Area | null = area; next !== null; ) {
      const continued = fieldsOf(volume, found, next);
      next = continued === null ? null : await areaAt(volume, found, continued);
    }
  } catch (error) {
    onFault(error);
  }
  return found;
}

/** @throws FormatError LOOP, OUT_OF_BOUNDS */
async function areaAt(volume: Volume, found: Extensions, { block, ...place }: Continued) {
  const { source, blockBytes } = volume;
  const { offsetBytes: within, lengthBytes } = place;
  if (found.areas.length === MAX_AREAS) {
    throw new FormatError(
      'LOOP',
      `iso9660: fields of one file are in more than ${MAX_AREAS} areas`,
    );
  }
  volume.spend(Math.max(AREA_COST_BYTES, lengthBytes));
  const offsetBytes = block * blockBytes + within;
  const bytes = await source.read(offsetBytes, lengthBytes);
  found.areas.push({ offsetBytes, lengthBytes });
  return { bytes, offsetBytes };
}

/** An area that goes on with this one. */
interface Continued extends ByteRange {
  readonly block: number;
}

function fieldsOf(
  volume: Volume,
  found: Extensions,
  { bytes, offsetBytes }: Area,
): Continued | null {
  const fields = iso9660FieldRecords(bytes);
  let continued: Continued | null = null;
  // There may be a byte of padding.
  for (let at = 0; at + FIELD_BYTES <= bytes.length; ) {
    const { signature, lenField } = fields.atByte(at);
    const lengthBytes = u8(lenField);
    if (lengthBytes < FIELD_BYTES || at + lengthBytes > bytes.length) break;
    const field = bytes.subarray(at, at + lengthBytes);
    const letters = u16(signature);
    if (letters === CE) continued = continuedIn(volume, field) ?? continued;
    else TAKERS.get(letters)?.(found, field, offsetBytes + at);
    at += lengthBytes;
  }
  return continued;
}

function continuedIn({ source, blockBytes }: Volume, field: Uint8Array): Continued | null {
  const fields = iso9660ContinuationFieldRecords(field);
  if (fields.length === 0) return null;
  const { block, offset, lenArea } = fields.at(0);
  const offsetBytes = int(offset, 'iso9660: where in its block an area begins', 0, blockBytes);
  const room = blockBytes - offsetBytes;
  return {
    block: int(block, 'iso9660: block of an area', 0, Math.floor(source.sizeBytes / blockBytes)),
    offsetBytes,
    lengthBytes: int(lenArea, 'iso9660: bytes of an area', 0, room),
  };
}

type Take = (found: Extensions, field: Uint8Array, offsetBytes: number) => void;

const TAKERS: ReadonlyMap<number, Take> = new Map<number, Take>([
  [CL, takeChild],
  [ER, takeReference],
  [NM, takeName],
  [PX, takePosix],
  [RE, takeMoved],
  [SL, takeLink],
  [SP, takeSharing],
  [TF, takeTimes],
  [ZF, takeCompressed],
]);

function takeReference(found: Extensions): void {
  found.hasReference = true;
}

function takeMoved(found: Extensions): void {
  found.isMoved = true;
}

function takeSharing(found: Extensions, field: Uint8Array): void {
  const fields = iso9660SharingFieldRecords(field);
  if (fields.length === 0) return;
  const { check, lenSkipped } = fields.at(0);
  if (equals(check, SHARING_CHECK)) {
    found.skippedBytes = int(lenSkipped, 'iso9660: bytes before the fields', 0, MAX_USE_BYTES);
  }
}

/** Parts that are too long for a name of Linux's, and whatever follows, are left out. */
function takeName(found: Extensions, field: Uint8Array): void {
  if (field.length < FLAGS_BYTES) return;
  const { flags } = iso9660FlagsFieldRecords(field).at(0);
  if (hasFlag(flags, DOTS) || hasFlag(flags, 0xffn - DOTS - KNOWN_NAME_FLAGS)) return;
  const part = field.subarray(FLAGS_BYTES);
  const zero = part.indexOf(0);
  const before = found.name ?? new Uint8Array(0);
  if (before.length + part.length >= MAX_NAME_BYTES) return;
  found.name = Buffer.concat([before, zero < 0 ? part : part.subarray(0, zero)]);
}

function takePosix(found: Extensions, field: Uint8Array): void {
  const fields = iso9660PosixFieldRecords(field);
  if (fields.length === 0) return;
  const guest = fields.at(0);
  const parts = [guest.mode, guest.numLinks, guest.owner, guest.group].map((part) => u32(part));
  const [mode = 0, linkCount = 0, owner = 0, group = 0] = parts;
  found.posix = { mode, linkCount, owner, group };
}

function takeLink(found: Extensions, field: Uint8Array, offsetBytes: number): void {
  if (field.length < FLAGS_BYTES) return;
  const piece = linkPieceOf(field, offsetBytes);
  if (piece === null) return;
  if (found.link.length === MAX_LINK_PIECES) {
    const words = `the target of a link has more than ${MAX_LINK_PIECES} fields`;
    throw new FormatError('INVALID', `iso9660: ${words}`);
  }
  found.link.push(piece);
}

function takeTimes(found: Extensions, field: Uint8Array): void {
  if (field.length < FLAGS_BYTES) return;
  const { flags } = iso9660FlagsFieldRecords(field).at(0);
  found.times = timesOf(flags, field.subarray(FLAGS_BYTES));
}

function takeChild(found: Extensions, field: Uint8Array): void {
  const fields = iso9660ChildFieldRecords(field);
  if (fields.length > 0) found.childBlock = u32(fields.at(0).block);
}

function takeCompressed(found: Extensions, field: Uint8Array): void {
  const fields = iso9660CompressedFieldRecords(field);
  if (fields.length === 0) return;
  const { algorithm, logBlock, lenFile } = fields.at(0);
  if (!equals(algorithm, ZISOFS)) return;
  int(logBlock, 'iso9660: logarithm of the size of a block of zisofs', 0, MAX_LOG_BLOCK);
  found.uncompressedBytes = u32(lenFile);
}
