// Raw sectors of a compact disc, as a .bin beside a .cue has them: the disc is what is between their headers and their
// correcting codes.
// References: ECMA-130 section 14; Linux include/uapi/linux/cdrom.h; libcdio lib/driver/image/bincue.c.
import { parseRawcd } from '../../generated/container/rawcd.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import { equals } from '../validation/guest.js';
import { type ContainerFormat, layerOf } from './container.js';
import { extentBuilder } from './tables/extent-builder.js';
import { type DiskExtent, extentContent } from './tables/extents.js';

interface Sectors {
  readonly version: 'mode1' | 'mode2';
  /** From one sector to the next. */
  readonly strideBytes: number;
  /** Where the content of each begins in it. */
  readonly skippedBytes: number;
  readonly count: number;
}

const HEAD_BYTES = 20;
const SYNC_BYTES = 12;
const CONTENT_BYTES = 2048;
/** A sector alone, or with what the subchannels have of it. */
const STRIDES = [2352, 2448];
const MODE1_SKIPPED = 16;
const MODE2_SKIPPED = 24;
const EXTENTS_AT_ONCE = 1024;

export const rawcd: ContainerFormat = {
  name: 'rawcd',
  probe: async (file) => (await strideOf(file)) !== null,
  async open(file, { scope }) {
    const sectors = await readSectors(file);
    const sizeBytes = sectors.count * CONTENT_BYTES;
    const map = async (offset: number, length: number) =>
      mapRange(sectors, offset, Math.min(sizeBytes, offset + length));
    const layer = layerOf(file, 'rawcd', {
      version: sectors.version,
      features: [String(sectors.strideBytes)],
      clusterBytes: CONTENT_BYTES,
      capacityBytes: sizeBytes,
      map,
    });
    const parts = { format: 'rawcd', sizeBytes, scope, map, file, data: file };
    return { content: extentContent({ ...parts, backing: null, decompress: null }), layer };
  },
};

/** The pattern that begins a sector begins the next one too, unless there is only one; null: it does not. */
async function strideOf(file: ByteSource): Promise<number | null> {
  if (file.sizeBytes < HEAD_BYTES) return null;
  const sync = await file.read(0, SYNC_BYTES);
  for (const stride of STRIDES) {
    if (file.sizeBytes === stride) return stride;
    if (file.sizeBytes < stride + SYNC_BYTES) continue;
    if (Buffer.compare(sync, await file.read(stride, SYNC_BYTES)) === 0) return stride;
  }
  return null;
}

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE for sectors of other modes. */
async function readSectors(file: ByteSource): Promise<Sectors> {
  const head = parseRawcd(await file.read(0, Math.min(HEAD_BYTES, file.sizeBytes)));
  const strideBytes = await strideOf(file);
  if (strideBytes === null) {
    const message = `rawcd: no second sector follows the first one in a file of ${file.sizeBytes} bytes`;
    throw new FormatError('INVALID', message);
  }
  const count = Math.floor(file.sizeBytes / strideBytes);
  if (equals(head.mode, 1)) {
    return { version: 'mode1', strideBytes, skippedBytes: MODE1_SKIPPED, count };
  }
  if (equals(head.mode, 2) && !head.isForm2) {
    return { version: 'mode2', strideBytes, skippedBytes: MODE2_SKIPPED, count };
  }
  const message =
    'rawcd: the first sector is not of mode 1 or of form 1 of mode 2: it holds no filesystem';
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

function mapRange(
  { strideBytes, skippedBytes }: Sectors,
  offset: number,
  end: number,
): readonly DiskExtent[] {
  const extents = extentBuilder();
  for (let at = offset; at < end && extents.count < EXTENTS_AT_ONCE; ) {
    const sector = Math.floor(at / CONTENT_BYTES);
    const within = at - sector * CONTENT_BYTES;
    const lengthBytes = Math.min(end - at, CONTENT_BYTES - within);
    extents.data(at, lengthBytes, sector * strideBytes + skippedBytes + within);
    at += lengthBytes;
  }
  return extents.finish();
}
