// Reads one file over SFTP version 3, which every sshd speaks. As with NBD, the few headers are read by hand: they are
// messages of a dialogue, whose lengths are checked before their bytes are received.
// References: draft-ietf-secsh-filexfer-02 (3 general packet format, 5 attributes, 6 requests, 7 responses).
import type { Writable } from 'node:stream';
import { type ErrorCode, FormatError, SourceError } from '../errors.js';
import { printable } from '../validation/guest.js';
import type { Session } from './session.js';
import type { StreamReader } from './stream-reader.js';

export interface SftpTimes {
  readonly sizeBytes: number;
  readonly modifiedSeconds: number;
}

export interface SftpFile extends Session {
  /** null for a device, and where the server does not tell. */
  readonly times: SftpTimes | null;
  timesNow(): Promise<SftpTimes | null>;
}

const INIT = 1;
const VERSION = 2;
const OPEN = 3;
const READ = 5;
const FSTAT = 8;
const STAT = 17;
const STATUS = 101;
const HANDLE = 102;
const DATA = 103;
const ATTRS = 105;
const STATUS_EOF = 1;
const STATUS_NO_FILE = 2;
const STATUS_DENIED = 3;
const OPEN_READ = 1;
const ATTR_SIZE = 1n;
const ATTR_OWNER = 2n;
const ATTR_MODE = 4n;
const ATTR_TIMES = 8n;
const MODE_TYPE = 0o170000n;
const MODE_FILE = 0o100000n;
const MODE_DEVICE = 0o060000n;
/** The most that every server gives in one answer; as many such requests are under way as make 1 MiB. */
const READ_BYTES = 32 * 1024;
const MAX_UNDER_WAY = 32;
/** A packet's head and a read's bytes; names and messages are shorter. */
const MAX_PACKET_BYTES = READ_BYTES + 1024;
const MAX_HANDLE_BYTES = 256;

interface Packet {
  readonly type: number;
  readonly body: Buffer;
}

/** @throws SourceError NOT_FOUND, PERMISSION, IO, NOT_ALLOWED; FormatError INVALID, LIMIT. */
export async function openSftp(
  output: Writable,
  input: StreamReader,
  path: string,
  shown: string,
  end: () => void,
): Promise<SftpFile> {
  const lines = { output, input, shown };
  output.write(packet(INIT, null, u32(3)));
  if ((await receive(lines)).type !== VERSION) throw notSftp(shown);
  let lastId = 0;
  const ask = async (type: number, ...fields: readonly Buffer[]): Promise<Packet> => {
    const id = ++lastId;
    output.write(packet(type, id, ...fields));
    return answerTo(await receive(lines), (other) => other === id, shown).packet;
  };
  const before = attributes(await ask(STAT, string(Buffer.from(path))), shown);
  if (before.kind !== 'file' && before.kind !== 'device') throw noFile(shown);
  const opened = await ask(OPEN, string(Buffer.from(path)), u32(OPEN_READ), u32(0));
  const handle = stringAt(expect(opened, HANDLE, shown), shown);
  if (handle.length > MAX_HANDLE_BYTES) throw notSftp(shown);
  const timesNow = async () => attributes(await ask(FSTAT, string(handle)), shown).times;
  const times = before.kind === 'file' ? await timesNow() : null;
  return {
    sizeBytes: times?.sizeBytes ?? null,
    times,
    timesNow,
    end,
    read: (buffer, offset) => readPieces(lines, handle, buffer, offset, () => ++lastId),
  };
}

interface Lines {
  readonly output: Writable;
  readonly input: StreamReader;
  readonly shown: string;
}

/** A part of the read, as long as one request may be. */
interface ReadPiece {
  readonly start: number;
  readonly length: number;
}

/** Asks for all pieces at once, within the bound, and again for the bytes that a short answer left out. */
async function readPieces(
  lines: Lines,
  handle: Buffer,
  buffer: Uint8Array,
  offsetBytes: number,
  nextId: () => number,
): Promise<number> {
  const { output, shown } = lines;
  const waiting: ReadPiece[] = [];
  for (let start = 0; start < buffer.length; start += READ_BYTES) {
    waiting.push({ start, length: Math.min(READ_BYTES, buffer.length - start) });
  }
  waiting.reverse();
  const underWay = new Map<number, ReadPiece>();
  let end = buffer.length;
  while (waiting.length > 0 || underWay.size > 0) {
    while (underWay.size < MAX_UNDER_WAY) {
      const piece = waiting.pop();
      if (piece === undefined) break;
      const id = nextId();
      underWay.set(id, piece);
      const at = u64(offsetBytes + piece.start);
      output.write(packet(READ, id, string(handle), at, u32(piece.length)));
    }
    const answer = answerTo(await receive(lines), (id) => underWay.has(id), shown);
    const piece = underWay.get(answer.id) ?? { start: 0, length: 0 };
    underWay.delete(answer.id);
    if (isEnd(answer.packet)) {
      end = Math.min(end, piece.start);
      continue;
    }
    const bytes = stringAt(expect(answer.packet, DATA, shown), shown);
    if (bytes.length === 0 || bytes.length > piece.length) throw notSftp(shown);
    buffer.set(bytes, piece.start);
    const rest = { start: piece.start + bytes.length, length: piece.length - bytes.length };
    if (rest.length > 0) waiting.push(rest);
  }
  return end;
}

function isEnd({ type, body }: Packet): boolean {
  return type === STATUS && body.length >= 4 && body.readUInt32BE(0) === STATUS_EOF;
}

function packet(type: number, id: number | null, ...fields: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...(id === null ? [] : [u32(id)]), ...fields]);
  return Buffer.concat([u32(body.length + 1), Buffer.from([type]), body]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function string(bytes: Buffer): Buffer {
  return Buffer.concat([u32(bytes.length), bytes]);
}

async function receive({ input, shown }: Lines): Promise<Packet> {
  const length = (await input.read(4)).readUInt32BE(0);
  if (length < 1 || length > MAX_PACKET_BYTES) {
    const limits = `it has 1 to ${MAX_PACKET_BYTES}`;
    const message = `${shown}: the server's answer has ${length} bytes where ${limits}`;
    throw new FormatError('LIMIT', message);
  }
  const bytes = await input.read(length);
  return { type: bytes.readUInt8(0), body: bytes.subarray(1) };
}

/** The bytes of an answer that follow the number of the request. */
function answerTo({ type, body }: Packet, isAsked: (id: number) => boolean, shown: string) {
  const id = body.length < 4 ? 0 : body.readUInt32BE(0);
  if (!isAsked(id)) throw notSftp(shown);
  return { id, packet: { type, body: body.subarray(4) } };
}

function expect({ type, body }: Packet, wanted: number, shown: string): Buffer {
  if (type === wanted) return body;
  if (type === STATUS && body.length >= 4) throw statusError(body, shown);
  throw notSftp(shown);
}

function stringAt(body: Buffer, shown: string): Buffer {
  const length = body.length < 4 ? Number.POSITIVE_INFINITY : body.readUInt32BE(0);
  if (length > body.length - 4) throw notSftp(shown);
  return body.subarray(4, 4 + length);
}

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [STATUS_NO_FILE, 'NOT_FOUND'],
  [STATUS_DENIED, 'PERMISSION'],
]);

function statusError(body: Buffer, shown: string): SourceError {
  const status = body.readUInt32BE(0);
  const hasWords = body.length >= 8 && body.readUInt32BE(4) <= body.length - 8;
  const words = hasWords ? printable(stringAt(body.subarray(4), shown).toString('utf8')) : '';
  const message = `${shown}: the server says "${words}" (${status})`;
  return new SourceError(CODES.get(status) ?? 'IO', message, { data: { status } });
}

function attributes(answer: Packet, shown: string) {
  const body = expect(answer, ATTRS, shown);
  const flags = body.length < 4 ? 0n : BigInt(body.readUInt32BE(0));
  let at = 4;
  const take = (flag: bigint, bytes: number): Buffer | null => {
    if ((flags & flag) === 0n) return null;
    if (at + bytes > body.length) throw notSftp(shown);
    at += bytes;
    return body.subarray(at - bytes, at);
  };
  const size = take(ATTR_SIZE, 8)?.readBigUInt64BE(0);
  take(ATTR_OWNER, 8);
  const mode = BigInt(take(ATTR_MODE, 4)?.readUInt32BE(0) ?? 0) & MODE_TYPE;
  const modifiedSeconds = take(ATTR_TIMES, 8)?.readUInt32BE(4) ?? 0;
  if (size !== undefined && size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new FormatError('LIMIT', `${shown} has ${size} bytes; the limit is 2^53 - 1`);
  }
  const times = size === undefined ? null : { sizeBytes: Number(size), modifiedSeconds };
  const kind = mode === MODE_FILE ? 'file' : mode === MODE_DEVICE ? 'device' : 'other';
  return { kind, times };
}

function noFile(shown: string): SourceError {
  const message = `${shown} is neither a regular file nor a block device`;
  return new SourceError('NOT_ALLOWED', message);
}

function notSftp(shown: string): FormatError {
  return new FormatError('INVALID', `${shown}: the server does not speak SFTP as it is specified`);
}
