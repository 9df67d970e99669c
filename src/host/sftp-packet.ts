// The packets of SFTP version 3: a length, a type, the number of the request, and its fields.
// References: draft-ietf-secsh-filexfer-02 (3 general packet format, 7 responses).
import type { Writable } from 'node:stream';
import { type ErrorCode, FormatError, SourceError } from '../errors.js';
import { printable } from '../validation/guest.js';
import type { StreamReader } from './stream-reader.js';

export const STATUS = 101;
export const DATA = 103;
const STATUS_NO_FILE = 2;
const STATUS_DENIED = 3;
/** The most that every server gives in one answer. */
export const READ_BYTES = 32 * 1024;
/** A packet's head and a read's bytes; names and messages are shorter. */
const MAX_PACKET_BYTES = READ_BYTES + 1024;

export interface Packet {
  readonly type: number;
  readonly body: Buffer;
}

export interface Lines {
  readonly output: Writable;
  readonly input: StreamReader;
  readonly shown: string;
}

export function packet(type: number, id: number | null, ...fields: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...(id === null ? [] : [u32(id)]), ...fields]);
  return Buffer.concat([u32(body.length + 1), Buffer.from([type]), body]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function string(bytes: Buffer): Buffer {
  return Buffer.concat([u32(bytes.length), bytes]);
}

export async function receive({ input, shown }: Lines): Promise<Packet> {
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
export function answerTo({ type, body }: Packet, isAsked: (id: number) => boolean, shown: string) {
  const id = body.length < 4 ? 0 : body.readUInt32BE(0);
  if (!isAsked(id)) throw notSftp(shown);
  return { id, packet: { type, body: body.subarray(4) } };
}

export function expect({ type, body }: Packet, wanted: number, shown: string): Buffer {
  if (type === wanted) return body;
  if (type === STATUS) throw statusError(body, shown);
  throw notSftp(shown);
}

export function stringAt(body: Buffer, shown: string): Buffer {
  const length = body.length < 4 ? Number.POSITIVE_INFINITY : body.readUInt32BE(0);
  if (length > body.length - 4) throw notSftp(shown);
  return body.subarray(4, 4 + length);
}

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [STATUS_NO_FILE, 'NOT_FOUND'],
  [STATUS_DENIED, 'PERMISSION'],
]);

export function statusError(body: Buffer, shown: string): SourceError {
  if (body.length < 4) throw notSftp(shown);
  const status = body.readUInt32BE(0);
  const hasWords = body.length >= 8 && body.readUInt32BE(4) <= body.length - 8;
  const words = hasWords ? printable(stringAt(body.subarray(4), shown).toString('utf8')) : '';
  const message = `${shown}: the server says "${words}" (${status})`;
  return new SourceError(CODES.get(status) ?? 'IO', message, { data: { status } });
}

export function notSftp(shown: string): FormatError {
  return new FormatError('INVALID', `${shown}: the server does not speak SFTP as it is specified`);
}
