// Raw sectors of a compact disc, as a .bin beside a .cue has them: the disc is what is between their headers and their
// correcting codes.
// References: ECMA-130 section 14; Linux include/uapi/linux/cdrom.h; libcdio lib/driver/image/bincue.c.
import { parseRawcd } from '../../generated/container/rawcd.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import { equals } from '../validation/guest.js';
import type { ContainerFormat } from './container.js';
import { discOf, type Sectors } from './rawcd/sectors.js';

const HEAD_BYTES = 20;
const SYNC_BYTES = 12;
/** A sector alone, or with what the subchannels have of it. */
const STRIDES = [2352, 2448];
const MODE1_SKIPPED = 16;
const MODE2_SKIPPED = 24;

export const rawcd: ContainerFormat = {
  name: 'rawcd',
  probe: async (file) => (await strideOf(file)) !== null,
  async open(file, { scope }) {
    return discOf('rawcd', file, await readSectors(file), scope);
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
  const place = { firstBytes: 0, strideBytes, count };
  if (equals(head.mode, 1)) {
    return { ...place, version: 'mode1', skippedBytes: MODE1_SKIPPED };
  }
  if (equals(head.mode, 2) && !head.isForm2) {
    return { ...place, version: 'mode2', skippedBytes: MODE2_SKIPPED };
  }
  const message =
    'rawcd: the first sector is not of mode 1 or of form 1 of mode 2: it holds no filesystem';
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}
