// A metadata area: a header, and behind it a ring of texts of which one is the current one.
// References: lvm2 lib/format_text/format-text.c (raw_read_mda_header, _vg_read_raw_area), layout.h (raw_locn).
import {
  type GuestLvm2MetadataArea,
  parseLvm2Metadata,
  parseLvm2MetadataArea,
} from '../../../generated/volume/lvm2.js';
import { lvm2Crc32 } from '../../bytes/crc32.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, hasFlag, int, rawText } from '../../validation/guest.js';

const HEADER_BYTES = 512;
/** The header's checksum covers the bytes from here on: those behind the checksum itself. */
const SUMMED_OFFSET = 4;
const IGNORED_FLAG = 1n;
/** Thousands of logical volumes take about as many KiB; an area has 1 MiB by default. */
export const MAX_TEXT_BYTES = 16 * MIB;
const BEGINNING_BYTES = 512;

/** Where the committed text of an area lies; `unused`: no group, or this copy is out of use on purpose. */
type AreaHead =
  | { readonly state: 'unused' }
  | {
      readonly state: 'used';
      readonly textBytes: number;
      readonly checksum: GuestLvm2MetadataArea['crc'];
      /** The text, and its checksum. @throws FormatError BAD_CHECKSUM. */
      read(): Promise<{ readonly sum: number; text(): string }>;
      /** What it begins with, unproven. */
      beginning(): Promise<string>;
    };

/**
 * The head of the area at a byte of the device.
 * @throws FormatError BAD_CHECKSUM, OUT_OF_BOUNDS, LIMIT, INVALID.
 */
export async function readAreaHead(device: ByteSource, offset: bigint): Promise<AreaHead> {
  const where = `lvm2: the metadata area at byte ${offset}`;
  if (offset + BigInt(HEADER_BYTES) > BigInt(device.sizeBytes)) {
    const message = `${where} is not within the ${device.sizeBytes} bytes of the device`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const start = Number(offset);
  const sector = await device.read(start, HEADER_BYTES);
  const header = parseLvm2MetadataArea(sector);
  if (!equals(header.crc, lvm2Crc32(sector.subarray(SUMMED_OFFSET)))) {
    throw new FormatError('BAD_CHECKSUM', `${where} has a wrong checksum in its header`);
  }
  if (!equals(header.start, start)) {
    throw new FormatError('INVALID', `${where} says that it begins elsewhere`);
  }
  const [location] = header.locations;
  if (location === undefined || equals(location.offset, 0)) {
    return { state: 'unused' };
  }
  if (hasFlag(location.flags, IGNORED_FLAG)) return { state: 'unused' };
  const areaBytes = int(header.size, `${where}: size`, HEADER_BYTES + 1, device.sizeBytes - start);
  const textOffset = int(location.offset, `${where}: text`, HEADER_BYTES, areaBytes - 1);
  const textBytes = int(location.size, `${where}: length of the text`, 1, areaBytes - HEADER_BYTES);
  if (textBytes > MAX_TEXT_BYTES) {
    const message = `${where} has a text of ${textBytes} bytes, more than ${MAX_TEXT_BYTES}`;
    throw new FormatError('LIMIT', message);
  }
  const { checksum } = location;
  const ring = { start, areaBytes, textOffset };
  const read = async () => {
    const bytes = await readRing(device, { ...ring, textBytes });
    const sum = lvm2Crc32(bytes);
    if (!equals(checksum, sum)) {
      throw new FormatError('BAD_CHECKSUM', `${where} has a text with a wrong checksum`);
    }
    return { sum, text: () => textOf(bytes) };
  };
  const beginning = async () =>
    textOf(await readRing(device, { ...ring, textBytes: Math.min(BEGINNING_BYTES, textBytes) }));
  return { state: 'used', textBytes, checksum, read, beginning };
}

function textOf(bytes: Uint8Array): string {
  return rawText(parseLvm2Metadata(bytes).text, MAX_TEXT_BYTES);
}

interface Ring {
  /** Where the area begins on the device, in bytes. */
  readonly start: number;
  readonly areaBytes: number;
  /** Where the text begins, counted from the start of the area. */
  readonly textOffset: number;
  readonly textBytes: number;
}

/** A text that reaches over the end of the area goes on behind the header. */
async function readRing(
  device: ByteSource,
  { start, areaBytes, textOffset, textBytes }: Ring,
): Promise<Uint8Array> {
  const firstBytes = Math.min(textBytes, areaBytes - textOffset);
  const first = await device.read(start + textOffset, firstBytes);
  if (firstBytes === textBytes) return first;
  const rest = await device.read(start + HEADER_BYTES, textBytes - firstBytes);
  return Buffer.concat([first, rest]);
}
