// Decodes one block of a .xz file. The decoder (XZ Embedded as WebAssembly) takes whole streams, so the block is wrapped in
// a header, an index and a footer.
// References: xz-file-format.txt sections 2.1 (stream), 3 (block), 4 (index).
import xzDecompress from 'xz-decompress';
import { parseXzBlockHead, XzCheckKind } from '../../../generated/container/xz.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import type { Block } from '../compression/blocks.js';
import { integerBytes, integerReader } from './integers.js';
import { crcBytes, fourfold, type XzCheck } from './streams.js';

/** The kinds of checks that the decoder verifies itself. */
const VERIFIED: readonly number[] = [XzCheckKind.NONE, XzCheckKind.CRC32, XzCheckKind.CRC64];
const HEADER_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const FOOTER_MAGIC = [0x59, 0x5a];
const LZMA2 = 0x21;
const FILTERS: ReadonlyMap<number, string> = new Map([
  [0x03, 'delta'],
  [0x04, 'x86'],
  [0x05, 'PowerPC'],
  [0x06, 'IA-64'],
  [0x07, 'ARM'],
  [0x08, 'ARM Thumb'],
  [0x09, 'SPARC'],
  [0x0a, 'ARM64'],
  [0x0b, 'RISC-V'],
]);
/** A dictionary of 64 MiB, as `xz -9` has it: the codes count half powers of two from 4 KiB. */
const MAX_DICTIONARY_CODE = 28;

/**
 * The content of a block.
 * @param stream the block with its padding and its check.
 * @throws FormatError INVALID, BAD_CHECKSUM; UnsupportedError UNSUPPORTED_FEATURE for other filters than LZMA2.
 */
export async function decodeXzBlock(
  stream: Uint8Array,
  block: Block,
  check: XzCheck,
): Promise<Uint8Array> {
  checkFilters(stream, block);
  if (VERIFIED.includes(check.id)) {
    return decode(
      oneBlockStream(stream, check.id, block.hostLengthBytes, block.lengthBytes),
      block,
    );
  }
  // A check that the decoder does not know is cut off, and verified here.
  const [body, stored] = [
    stream.subarray(0, stream.length - check.sizeBytes),
    stream.subarray(stream.length - check.sizeBytes),
  ];
  const unpaddedBytes = block.hostLengthBytes - check.sizeBytes;
  const input = oneBlockStream(body, XzCheckKind.NONE, unpaddedBytes, block.lengthBytes);
  const content = await decode(input, block);
  if (check.id === XzCheckKind.SHA256) {
    const { createHash } = process.getBuiltinModule('node:crypto');
    if (Buffer.compare(createHash('sha256').update(content).digest(), stored) !== 0) {
      throw new FormatError('BAD_CHECKSUM', `${named(block)} does not match its SHA-256`);
    }
  }
  return content;
}

/** Refuses blocks that the decoder would refuse without a reason. */
function checkFilters(stream: Uint8Array, block: Block): void {
  const head = parseXzBlockHead(stream.subarray(0, 2));
  const max = Math.min(255, stream.length / 4 - 1);
  const words = int(head.headerSize, 'xz: size of a header of a block', 1, Math.floor(max));
  const header = stream.subarray(0, (words + 1) * 4 - 4);
  const reader = integerReader(header, 2);
  const max53 = Number.MAX_SAFE_INTEGER;
  if (head.hasCompressedSize) reader.next('compressed size', max53);
  if (head.hasUncompressedSize) reader.next('uncompressed size', max53);
  const filter = reader.next('number of a filter', max53);
  if (filter !== LZMA2) {
    const name = FILTERS.get(filter) ?? `number ${filter}`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', `${named(block)} needs the filter ${name}`);
  }
  reader.next('length of the properties of a filter', 1);
  const dictionaryCode = reader.next('size of the dictionary', 127);
  if (dictionaryCode > MAX_DICTIONARY_CODE) {
    throw new FormatError('LIMIT', `${named(block)} needs a dictionary of more than 64 MiB`);
  }
}

function oneBlockStream(
  block: Uint8Array,
  checkId: number,
  unpaddedBytes: number,
  lengthBytes: number,
): Uint8Array {
  const flags = Uint8Array.of(0, checkId);
  const records = [0, 1, ...integerBytes(unpaddedBytes), ...integerBytes(lengthBytes)];
  const index = new Uint8Array(fourfold(records.length));
  index.set(records);
  const backward = Uint8Array.of(index.length / 4, 0, 0, 0, ...flags);
  return Buffer.concat([
    Uint8Array.of(...HEADER_MAGIC, ...flags),
    crcBytes(flags),
    block,
    index,
    crcBytes(index),
    crcBytes(backward),
    backward,
    Uint8Array.from(FOOTER_MAGIC),
  ]);
}

async function decode(input: Uint8Array, block: Block): Promise<Uint8Array> {
  const content = await decodeXzStream(input, block.lengthBytes, named(block));
  if (content.length === block.lengthBytes) return content;
  throw new FormatError('INVALID', `${named(block)} holds only ${content.length} bytes`);
}

/**
 * The content of a whole stream, of at most so many bytes. It is read to its end or cancelled, since the decoder works on one
 * stream at a time.
 * @throws FormatError INVALID.
 */
export async function decodeXzStream(
  input: Uint8Array,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const content = new Uint8Array(maxBytes);
  let filled = 0;
  const reader = new xzDecompress.XzReadableStream(streamOf(input)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (filled + value.length > content.length) {
        await reader.cancel();
        throw new FormatError('INVALID', `${what} holds more than ${maxBytes} bytes`);
      }
      content.set(value, filled);
      filled += value.length;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new FormatError('INVALID', `${what} cannot be decompressed: ${reason}`);
  }
  return content.subarray(0, filled);
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

function named({ hostOffsetBytes, lengthBytes }: Block): string {
  return `xz: the block of ${lengthBytes} bytes at ${hostOffsetBytes}`;
}
