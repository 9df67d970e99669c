// Reads the writes in one entry of the log: sectors of data, and stretches of zeros.
// References: [MS-VHDX] 2.3.1.2 "Zero Descriptor", 2.3.1.3 "Data Descriptor", 2.3.1.4 "Data Sector".
import {
  type GuestVhdxLogEntry,
  parseVhdxLogDataSector,
  vhdxLogDescriptorRecords,
  vhdxLogZeroDescriptorRecords,
} from '../../../generated/container/vhdx.js';
import type { Change } from '../../bytes/changes.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';

const SECTOR_BYTES = 4096;
const HEAD_BYTES = 64;
const DESCRIPTOR_BYTES = 32;
const LEADING_BYTES = 8;
const TRAILING_BYTES = 4;

/** The changes that the entry makes to the file, in its order. @throws FormatError for an entry that contradicts itself. */
export function readWrites(
  bytes: Uint8Array,
  entry: GuestVhdxLogEntry,
  sequenceNumber: bigint,
): readonly Change[] {
  const room = Math.floor((bytes.length - HEAD_BYTES) / DESCRIPTOR_BYTES);
  const count = int(entry.numDescriptors, 'vhdx: descriptors of a log entry', 0, room);
  const end = HEAD_BYTES + count * DESCRIPTOR_BYTES;
  const table = bytes.subarray(HEAD_BYTES, end);
  const descriptors = vhdxLogDescriptorRecords(table);
  const zeros = vhdxLogZeroDescriptorRecords(table);
  const writes: Change[] = [];
  let dataAt = Math.ceil(end / SECTOR_BYTES) * SECTOR_BYTES;
  for (let i = 0; i < count; i++) {
    const descriptor = descriptors.at(i);
    if (!equals(descriptor.sequenceNumber, sequenceNumber))
      throw invalidDescriptor(i, 'the number of another entry');
    const what = `vhdx: offset in descriptor ${i} of a log entry`;
    const offsetBytes = int(descriptor.ofsFile, what, 0, Number.MAX_SAFE_INTEGER);
    if (offsetBytes % SECTOR_BYTES !== 0)
      throw invalidDescriptor(i, 'an offset that is no multiple of 4096');
    if (equals(descriptor.signature, 'zero')) {
      const max = Number.MAX_SAFE_INTEGER - offsetBytes;
      const lengthBytes = int(zeros.at(i).lenZeros, 'vhdx: length of zeros in the log', 0, max);
      if (lengthBytes % SECTOR_BYTES !== 0)
        throw invalidDescriptor(i, 'a length that is no multiple of 4096');
      if (lengthBytes > 0) writes.push({ offsetBytes, lengthBytes, content: null });
      continue;
    }
    if (!equals(descriptor.signature, 'desc')) throw invalidDescriptor(i, 'an unknown signature');
    const { leadingBytes, trailingBytes } = descriptor;
    const data = dataSector(bytes.subarray(dataAt, dataAt + SECTOR_BYTES), sequenceNumber, i);
    const sector = new Uint8Array(SECTOR_BYTES);
    sector.set(leadingBytes);
    sector.set(data, LEADING_BYTES);
    sector.set(trailingBytes, SECTOR_BYTES - TRAILING_BYTES);
    writes.push({ offsetBytes, lengthBytes: SECTOR_BYTES, content: sector });
    dataAt += SECTOR_BYTES;
  }
  return writes;
}

function dataSector(bytes: Uint8Array, sequenceNumber: bigint, index: number): Uint8Array {
  const sector = parseVhdxLogDataSector(bytes);
  const isRight =
    equals(sector.sequenceHigh, sequenceNumber / 2n ** 32n) &&
    equals(sector.sequenceLow, sequenceNumber % 2n ** 32n);
  if (!isRight) throw invalidDescriptor(index, 'data with the number of another entry');
  return sector.data;
}

function invalidDescriptor(index: number, problem: string): FormatError {
  return new FormatError('INVALID', `vhdx: descriptor ${index} of a log entry has ${problem}`);
}
