// The first part of an NBD dialogue: it settles which export is read, how large it is and in which blocks. The few
// headers are read here by hand, not by a specification: they are messages of a dialogue, whose lengths are checked
// before their bytes are received.
// References: NetworkBlockDevice doc/proto.md ("Newstyle negotiation", "Option types", "Option reply types").
import type { Writable } from 'node:stream';
import { FormatError, SourceError, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { LostError } from '../retry.js';
import type { StreamReader } from '../stream-reader.js';

export interface NbdExport {
  readonly sizeBytes: number;
  /** Reads begin and end at multiples of it. */
  readonly minBlockBytes: number;
  readonly maxBlockBytes: number;
}

const NBD_MAGIC = 0x4e42444d41474943n; // "NBDMAGIC"
const OPTION_MAGIC = 0x49484156454f5054n; // "IHAVEOPT"
const OLD_MAGIC = 0x00420281861253n;
const REPLY_MAGIC = 0x3e889045565a9n;
const FLAG_FIXED_NEWSTYLE = 1;
const FLAG_NO_ZEROES = 2;
const OPT_EXPORT_NAME = 1;
const OPT_GO = 7;
const REP_ACK = 1;
const REP_INFO = 3;
const REP_ERR_UNSUPPORTED = 2 ** 31 + 1;
const INFO_EXPORT = 0;
const INFO_BLOCK_SIZE = 3;
const ZEROES_BYTES = 124;
/** The longest string of the protocol, for names and for messages. */
const MAX_STRING_BYTES = 4096;
const MAX_REPLIES = 64;
/** The block sizes that a server which names none must accept. */
const DEFAULT_BLOCKS = { minBlockBytes: 1, maxBlockBytes: 32 * 1024 * 1024 };
const MAX_MIN_BLOCK_BYTES = 64 * 1024;

/** @throws FormatError BAD_MAGIC, INVALID, LIMIT; SourceError NOT_FOUND, PERMISSION, IO; UnsupportedError. */
export async function negotiate(
  output: Writable,
  input: StreamReader,
  name: string,
  shown: string,
): Promise<NbdExport> {
  const exportName = Buffer.from(name);
  if (exportName.length > MAX_STRING_BYTES) {
    throw new FormatError(
      'LIMIT',
      `${shown}: the export's name is longer than ${MAX_STRING_BYTES} bytes`,
    );
  }
  const hello = await greeting(input, shown);
  if (hello.readBigUInt64BE(0) !== NBD_MAGIC) throw noNbd(shown);
  const style = hello.readBigUInt64BE(8);
  if (style === OLD_MAGIC) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `${shown}: the server speaks NBD's old style`,
    );
  }
  if (style !== OPTION_MAGIC) throw noNbd(shown);
  const flags = hello.readUInt16BE(16) % 4;
  const clientFlags = Buffer.alloc(4);
  clientFlags.writeUInt32BE(flags);
  output.write(clientFlags);
  const isFixed = flags % 2 === FLAG_FIXED_NEWSTYLE;
  const chosen = isFixed ? await go(output, input, exportName, shown) : null;
  if (chosen !== null) return chosen;
  output.write(option(OPT_EXPORT_NAME, exportName));
  const answer = await input.read(10);
  if (flags < FLAG_NO_ZEROES) await input.read(ZEROES_BYTES);
  return { ...DEFAULT_BLOCKS, sizeBytes: checkedSize(answer.readBigUInt64BE(0), shown) };
}

/** qemu-nbd leaves further clients waiting, so that asking again is of no use. */
async function greeting(input: StreamReader, shown: string): Promise<Buffer> {
  try {
    return await input.read(18);
  } catch (error) {
    if (!(error instanceof LostError) || error.code !== 'TIMEOUT') throw error;
    const message =
      `${shown}: the server takes the connection and says nothing; ` +
      'it may have another client (qemu-nbd takes one, but for --shared=NUM)';
    throw new SourceError('TIMEOUT', message, { cause: error });
  }
}

/** null: the server does not know this option, and wants the older one. */
async function go(output: Writable, input: StreamReader, name: Buffer, shown: string) {
  const data = Buffer.alloc(4 + name.length + 4);
  data.writeUInt32BE(name.length);
  name.copy(data, 4);
  data.writeUInt16BE(1, 4 + name.length);
  data.writeUInt16BE(INFO_BLOCK_SIZE, 6 + name.length);
  output.write(option(OPT_GO, data));
  let sizeBytes: number | null = null;
  let blocks = DEFAULT_BLOCKS;
  for (let count = 0; count < MAX_REPLIES; count++) {
    const { type, body } = await reply(input, shown);
    if (type === REP_ACK && sizeBytes !== null) return { ...blocks, sizeBytes };
    if (type === REP_ERR_UNSUPPORTED) return null;
    if (type >= REP_ERR_UNSUPPORTED) throw refusal(type, body, shown);
    if (type !== REP_INFO || body.length < 2) break;
    const kind = body.readUInt16BE(0);
    if (kind === INFO_EXPORT && body.length === 12) {
      sizeBytes = checkedSize(body.readBigUInt64BE(2), shown);
    } else if (kind === INFO_BLOCK_SIZE && body.length === 14) {
      blocks = checkedBlocks(body.readUInt32BE(2), body.readUInt32BE(10), shown);
    }
  }
  throw new FormatError('INVALID', `${shown}: the server's answers describe no export`);
}

function option(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64BE(OPTION_MAGIC);
  head.writeUInt32BE(type, 8);
  head.writeUInt32BE(data.length, 12);
  return Buffer.concat([head, data]);
}

async function reply(input: StreamReader, shown: string) {
  const head = await input.read(20);
  if (head.readBigUInt64BE(0) !== REPLY_MAGIC || head.readUInt32BE(8) !== OPT_GO)
    throw noNbd(shown);
  const length = head.readUInt32BE(16);
  if (length > 2 * MAX_STRING_BYTES) {
    throw new FormatError(
      'LIMIT',
      `${shown}: the server's answer has ${length} bytes, more than it may`,
    );
  }
  return { type: head.readUInt32BE(12), body: await input.read(length) };
}

function checkedSize(size: bigint, shown: string): number {
  if (size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size);
  throw new FormatError('LIMIT', `${shown} has ${size} bytes; the limit is 2^53 - 1`);
}

function checkedBlocks(min: number, max: number, shown: string) {
  const isPower = min > 0 && Number.isInteger(Math.log2(min));
  if (isPower && min <= MAX_MIN_BLOCK_BYTES && max >= min) {
    return { minBlockBytes: min, maxBlockBytes: Math.floor(max / min) * min };
  }
  throw new FormatError('INVALID', `${shown}: the server's blocks have ${min} to ${max} bytes`);
}

function refusal(type: number, body: Buffer, shown: string): Error {
  const words = printable(body.toString('utf8'));
  const says = `${shown}: the server says ${words === '' ? `error ${type - 2 ** 31}` : `"${words}"`}`;
  switch (type - 2 ** 31) {
    case 2:
      return new SourceError('PERMISSION', says);
    case 5:
      return new UnsupportedError(
        'UNSUPPORTED_FEATURE',
        `${says}: it wants TLS, which is not spoken`,
      );
    case 6:
      return new SourceError(
        'NOT_FOUND',
        `${says}: there is no such export (nbdinfo --list shows them)`,
      );
    case 7:
      return new LostError('IO', says);
    default:
      return new SourceError('IO', says);
  }
}

function noNbd(shown: string): FormatError {
  return new FormatError('BAD_MAGIC', `${shown}: the server does not speak NBD as it is specified`);
}
