// Reads one file over SFTP version 3, which every sshd speaks. As with NBD, the few headers are read by hand: they are
// messages of a dialogue, whose lengths are checked before their bytes are received.
// References: draft-ietf-secsh-filexfer-02 (3 general packet format, 5 attributes, 6 requests, 7 responses).
import type { Writable } from 'node:stream';
import { FormatError, SourceError } from '../errors.js';
import type { Session } from './session.js';
import {
  answerTo,
  expect,
  notSftp,
  type Packet,
  packet,
  receive,
  string,
  stringAt,
  u32,
} from './sftp-packet.js';
import { readPieces } from './sftp-read.js';
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
const FSTAT = 8;
const STAT = 17;
const HANDLE = 102;
const ATTRS = 105;
const OPEN_READ = 1;
const ATTR_SIZE = 1n;
const ATTR_OWNER = 2n;
const ATTR_MODE = 4n;
const ATTR_TIMES = 8n;
const MODE_TYPE = 0o170000n;
const MODE_FILE = 0o100000n;
const MODE_DEVICE = 0o060000n;
const MAX_HANDLE_BYTES = 256;

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
    read: (pieces) => readPieces(lines, handle, pieces, () => ++lastId),
  };
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
