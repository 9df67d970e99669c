// The extensions of a qcow2 header: names of files, and the writer's names of its features.
// References: QEMU docs/interop/qcow2.rst "Header extensions"; QEMU block/qcow2.c qcow2_read_extensions().
import {
  parseQcow2Bitmaps,
  parseQcow2EncryptionHeader,
  parseQcow2Extension,
  parseQcow2FileName,
  Qcow2ExtensionCode,
  qcow2FeatureNameRecords,
} from '../../../generated/container/qcow2.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int, rawText, text, u8 } from '../../validation/guest.js';
import type { Header } from './header.js';

export interface Names {
  /** The name in the image, not cleaned; null without one. */
  readonly backingFile: string | null;
  readonly backingFormat: string | null;
  readonly dataFile: string | null;
  /** Where the LUKS header is; null without one. */
  readonly encryptionHeader: Stretch | null;
  /** Where the directory of the dirty bitmaps is; null without one. */
  readonly bitmaps: (Stretch & { readonly bitmapCount: number }) | null;
}

/** A part of the file. */
export interface Stretch {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

const HEAD_BYTES = 8;
const ENCRYPTION_HEADER_BYTES = 16;
const BITMAPS_BYTES = 24;
/** QEMU's own limits for bitmaps: their number, and bytes of the directory for each. */
const MAX_BITMAPS = 65535;
const MAX_DIRECTORY_BYTES = 1024 * MAX_BITMAPS;
/** More than QEMU writes by far; each is at least one read of 8 bytes. */
const MAX_EXTENSIONS = 256;
const MAX_NAME_BYTES = 1023;
const MAX_FORMAT_BYTES = 255;
const FEATURE_NAME_BYTES = 48;
/** There are three kinds of features, of 64 bits each. */
const MAX_FEATURE_NAMES = 3 * 64;
const INCOMPATIBLE = 0;

/**
 * Reads the names of other files.
 * @throws UnsupportedError UNSUPPORTED_FEATURE, by name, for an incompatible feature that is not known; FormatError.
 */
export async function readNames(file: ByteSource, header: Header): Promise<Names> {
  let backingFormat: string | null = null;
  let dataFile: string | null = null;
  let encryptionHeader: Names['encryptionHeader'] = null;
  let bitmaps: Names['bitmaps'] = null;
  let features: Uint8Array = new Uint8Array(0);
  for await (const { code, offsetBytes, lengthBytes } of extensions(file, header)) {
    if (code === Qcow2ExtensionCode.BACKING_FORMAT) {
      backingFormat = await readText(file, offsetBytes, lengthBytes, MAX_FORMAT_BYTES);
    } else if (code === Qcow2ExtensionCode.DATA_FILE_NAME) {
      dataFile = await readText(file, offsetBytes, lengthBytes, MAX_NAME_BYTES);
    } else if (code === Qcow2ExtensionCode.FEATURE_NAMES) {
      const wanted = Math.min(lengthBytes, MAX_FEATURE_NAMES * FEATURE_NAME_BYTES);
      features = await file.read(offsetBytes, wanted);
    } else if (code === Qcow2ExtensionCode.ENCRYPTION_HEADER) {
      const bytes = await file.read(offsetBytes, Math.min(lengthBytes, ENCRYPTION_HEADER_BYTES));
      encryptionHeader = stretchOfHeader(bytes, file);
    } else if (code === Qcow2ExtensionCode.BITMAPS && header.hasBitmaps) {
      const bytes = await file.read(offsetBytes, Math.min(lengthBytes, BITMAPS_BYTES));
      bitmaps = stretchOfBitmaps(bytes);
    }
  }
  refuseUnknownFeatures(header, features);
  const { backingName } = header;
  const backingFile =
    backingName === null
      ? null
      : await readText(file, backingName.offsetBytes, backingName.lengthBytes, MAX_NAME_BYTES);
  return { backingFile, backingFormat, dataFile, encryptionHeader, bitmaps };
}

function stretchOfHeader(bytes: Uint8Array, { sizeBytes }: ByteSource): Stretch {
  const { ofsHeader, lenHeader } = parseQcow2EncryptionHeader(bytes);
  const offsetBytes = int(ofsHeader, 'qcow2: offset of the LUKS header', 1, sizeBytes);
  const room = sizeBytes - offsetBytes;
  const lengthBytes = int(lenHeader, 'qcow2: length of the LUKS header', 1, room);
  return { offsetBytes, lengthBytes };
}

/** Not checked to lie in the file: reading the disk needs no bitmap, only `virt-df chain` counts its clusters. */
function stretchOfBitmaps(bytes: Uint8Array): Names['bitmaps'] {
  const { numBitmaps, lenDirectory, ofsDirectory } = parseQcow2Bitmaps(bytes);
  return {
    bitmapCount: int(numBitmaps, 'qcow2: number of bitmaps', 0, MAX_BITMAPS),
    offsetBytes: int(ofsDirectory, 'qcow2: offset of the bitmaps', 0, Number.MAX_SAFE_INTEGER),
    lengthBytes: int(lenDirectory, 'qcow2: length of the bitmaps', 0, MAX_DIRECTORY_BYTES),
  };
}

interface Extension {
  readonly code: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** They end with an end mark, at the name of the backing file, or with the first cluster. */
async function* extensions(file: ByteSource, header: Header): AsyncGenerator<Extension> {
  const { lengthBytes, clusterBytes, backingName } = header;
  const end = Math.min(backingName?.offsetBytes ?? clusterBytes, file.sizeBytes);
  let offset = lengthBytes;
  for (let count = 0; offset + HEAD_BYTES <= end; count++) {
    if (count === MAX_EXTENSIONS) {
      throw new FormatError('LIMIT', `qcow2: the header has more than ${count} extensions`);
    }
    const head = parseQcow2Extension(await file.read(offset, HEAD_BYTES));
    if (equals(head.code, Qcow2ExtensionCode.END)) return;
    const code = int(head.code, 'qcow2: type of a header extension', 0, 2 ** 32);
    const start = offset + HEAD_BYTES;
    const length = int(head.lenData, 'qcow2: length of a header extension', 0, end - start);
    yield { code, offsetBytes: start, lengthBytes: length };
    offset = start + Math.ceil(length / 8) * 8;
  }
}

async function readText(
  file: ByteSource,
  offset: number,
  length: number,
  maxLength: number,
): Promise<string> {
  if (length > maxLength) {
    const message = `qcow2: a name in the header has ${length} bytes; the limit is ${maxLength}`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { length } });
  }
  return rawText(parseQcow2FileName(await file.read(offset, length)).value, maxLength);
}

function refuseUnknownFeatures({ unknownFeatures }: Header, table: Uint8Array): void {
  if (unknownFeatures === null) return;
  const names: string[] = [];
  const records = qcow2FeatureNameRecords(table);
  for (let i = 0; i < records.length; i++) {
    const feature = records.at(i);
    if (!equals(feature.kind, INCOMPATIBLE)) continue;
    const bit = u8(feature.bitNumber);
    if (bit < 64 && unknownFeatures.isSet(1n << BigInt(bit)))
      names.push(`"${text(feature.value)}"`);
  }
  const named = names.length === 0 ? '' : `, which the image calls ${names.join(', ')}`;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `qcow2: the image needs incompatible features ${unknownFeatures.text}${named}`,
    { data: { bits: unknownFeatures.text } },
  );
}
