// The header of a gzip member, and the tables in its extra field that make seeking possible (BGZF, dictzip).
// References: RFC 1952 section 2.3; SAM specification section 4.1 (subfield BC); dictzip(1) (subfield RA).
import {
  parseGzip,
  parseGzipBgzfSize,
  parseGzipDictzipHead,
  parseGzipExtraHead,
  parseGzipSubfield,
} from '../../../generated/container/gzip.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int, u16 } from '../../validation/guest.js';

export interface GzipHead {
  /** Where the compressed stream begins. */
  readonly streamOffsetBytes: number;
  /** The length of the member; null if its header does not tell it. */
  readonly bgzf: { readonly memberBytes: number } | null;
  readonly dictzip: {
    /** How many bytes each chunk but the last decompresses to. */
    readonly chunkBytes: number;
    /** The lengths of the chunks' streams, two bytes each. */
    readonly table: Uint8Array;
    readonly chunkCount: number;
  } | null;
}

export const TRAILER_BYTES = 8;
const FIXED_BYTES = 10;
const EXTRA_HEAD_BYTES = 2;
const SUBFIELD_HEAD_BYTES = 4;
const DICTZIP_HEAD_BYTES = 6;
const CHUNK_ENTRY_BYTES = 2;
/** The limit for the name and for the comment, which end with a zero; RFC 1952 has none. */
const MAX_TEXT_BYTES = 4096;
const ID = { B: 0x42, C: 0x43, R: 0x52, A: 0x41 };

/** @throws FormatError. */
export async function readGzipHead(file: ByteSource, offset = 0): Promise<GzipHead> {
  const head = parseGzip(await clipped(file, offset, FIXED_BYTES));
  let at = offset + FIXED_BYTES;
  let seeking: Pick<GzipHead, 'bgzf' | 'dictzip'> = { bgzf: null, dictzip: null };
  if (head.hasExtra) {
    const { lenExtra } = parseGzipExtraHead(await clipped(file, at, EXTRA_HEAD_BYTES));
    const length = u16(lenExtra);
    seeking = readExtra(await clipped(file, at + EXTRA_HEAD_BYTES, length));
    at += EXTRA_HEAD_BYTES + length;
  }
  if (head.hasName) at = await textEnd(file, at);
  if (head.hasComment) at = await textEnd(file, at);
  return { ...seeking, streamOffsetBytes: at + (head.hasHeaderCrc ? 2 : 0) };
}

async function clipped(file: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length <= file.sizeBytes) return file.read(offset, length);
  throw new FormatError(
    'TRUNCATED',
    `gzip: a header at ${offset} goes on behind the file's end at ${file.sizeBytes}`,
    { data: { offset, sizeBytes: file.sizeBytes } },
  );
}

function readExtra(extra: Uint8Array): Pick<GzipHead, 'bgzf' | 'dictzip'> {
  for (let at = 0; at + SUBFIELD_HEAD_BYTES <= extra.length; ) {
    const field = parseGzipSubfield(extra.subarray(at, at + SUBFIELD_HEAD_BYTES));
    at += SUBFIELD_HEAD_BYTES;
    const max = extra.length - at;
    const length = int(field.lenData, 'gzip: length of a subfield', 0, max);
    const data = extra.subarray(at, at + length);
    at += length;
    if (equals(field.id1, ID.B) && equals(field.id2, ID.C) && length === 2) {
      const { lastByte } = parseGzipBgzfSize(data);
      const memberBytes = u16(lastByte) + 1;
      return { bgzf: { memberBytes }, dictzip: null };
    }
    if (equals(field.id1, ID.R) && equals(field.id2, ID.A)) {
      return { bgzf: null, dictzip: readDictzip(data) };
    }
  }
  return { bgzf: null, dictzip: null };
}

function readDictzip(data: Uint8Array): GzipHead['dictzip'] {
  const head = parseGzipDictzipHead(data);
  if (!equals(head.version, 1)) return null;
  const table = data.subarray(DICTZIP_HEAD_BYTES);
  const max = Math.floor(table.length / CHUNK_ENTRY_BYTES);
  const chunkCount = int(head.numChunks, 'gzip: number of chunks of dictzip', 0, max);
  const chunkBytes = int(head.lenChunk, 'gzip: size of a chunk of dictzip', 1, 65_535);
  return { chunkBytes, chunkCount, table: table.subarray(0, chunkCount * CHUNK_ENTRY_BYTES) };
}

async function textEnd(file: ByteSource, offset: number): Promise<number> {
  const bytes = await file.read(offset, Math.min(MAX_TEXT_BYTES, file.sizeBytes - offset));
  const end = bytes.indexOf(0);
  if (end >= 0) return offset + end + 1;
  const message = `gzip: a name in the header has more than ${MAX_TEXT_BYTES} bytes`;
  throw new FormatError('LIMIT', message);
}
