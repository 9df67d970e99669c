// The two headers of a VHDX, which are written in turn: the valid one with the higher number holds.
// References: [MS-VHDX] 2.2.2 "Headers"; QEMU block/vhdx.c vhdx_parse_header().
import { type GuestVhdxHeader, parseVhdxHeader } from '../../../generated/container/vhdx.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { KIB, MIB } from '../../limits.js';
import { equals, int, u16, u64, uuidText } from '../../validation/guest.js';
import { checksum } from './checksum.js';

export interface Log {
  /** The GUID that the entries in use have; null if none is in use. */
  readonly guid: string | null;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface Header {
  /** Changes with the content; images that are based on this one name it by this id. */
  readonly dataWriteGuid: string | null;
  readonly log: Log;
}

const HEADER_OFFSETS = [64 * KIB, 128 * KIB];
const HEADER_BYTES = 4 * KIB;

interface Sound {
  readonly bytes: Uint8Array;
  readonly guest: GuestVhdxHeader;
  readonly sequenceNumber: bigint;
}

/** @throws FormatError; UnsupportedError UNSUPPORTED_FORMAT for another version. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const { guest } = await activeHeader(file);
  if (!equals(guest.version, 1)) {
    const version = u16(guest.version);
    const message = `vhdx: the image is of version ${version}; version 1 can be read`;
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message, { data: { version } });
  }
  return { dataWriteGuid: uuidText(guest.dataWriteGuid, true), log: readLogPlace(guest, file) };
}

async function activeHeader(file: ByteSource): Promise<Sound> {
  const [first, second] = await Promise.all(HEADER_OFFSETS.map((at) => soundHeader(file, at)));
  if (first == null || second == null) {
    const only = first ?? second;
    if (only != null) return only;
    throw new FormatError('BAD_CHECKSUM', 'vhdx: neither of the two headers is valid');
  }
  if (first.sequenceNumber !== second.sequenceNumber) {
    return first.sequenceNumber > second.sequenceNumber ? first : second;
  }
  if (Buffer.compare(first.bytes, second.bytes) === 0) return first;
  const message = `vhdx: the two headers differ and have the same number ${first.sequenceNumber}`;
  throw new FormatError('INVALID', message);
}

/** The header at an offset; null if there is none, or one that was not written completely. */
async function soundHeader(file: ByteSource, offset: number): Promise<Sound | null> {
  if (offset + HEADER_BYTES > file.sizeBytes) return null;
  const bytes = await file.read(offset, HEADER_BYTES);
  return orNull(() => {
    const guest = parseVhdxHeader(bytes);
    if (!equals(guest.checksum, checksum(bytes))) return null;
    return { bytes, guest, sequenceNumber: u64(guest.sequenceNumber) };
  });
}

function readLogPlace(guest: GuestVhdxHeader, { sizeBytes }: ByteSource): Log {
  const guid = uuidText(guest.logGuid, true);
  const lengthBytes = int(guest.lenLog, 'vhdx: length of the log', 0, 2 ** 32);
  if (lengthBytes === 0) return { guid: null, offsetBytes: 0, lengthBytes };
  if (guid !== null && !equals(guest.logVersion, 0)) {
    const version = u16(guest.logVersion);
    const message = `vhdx: the log is of version ${version}; version 0 can be read`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { version } });
  }
  const end = sizeBytes - lengthBytes;
  const offsetBytes = int(guest.ofsLog, 'vhdx: offset of the log', MIB, end);
  if (offsetBytes % MIB !== 0 || lengthBytes % MIB !== 0) {
    const message = `vhdx: the log of ${lengthBytes} bytes at ${offsetBytes} is not made of whole MiB`;
    throw new FormatError('INVALID', message, { data: { offsetBytes, lengthBytes } });
  }
  return { guid, offsetBytes, lengthBytes };
}
