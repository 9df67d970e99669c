// The second part of an NBD dialogue: reads, with simple replies. Structured ones come only to a client that asks for them.
// References: NetworkBlockDevice doc/proto.md ("Transmission", "Request message", "Simple reply message").
import type { Socket } from 'node:net';
import { FormatError, SourceError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { LostError } from '../retry.js';
import type { Piece, PieceResult } from '../session.js';
import type { StreamReader } from '../stream-reader.js';
import type { NbdExport } from './negotiate.js';

interface Connection {
  readonly socket: Socket;
  readonly stream: StreamReader;
  readonly shown: string;
  readonly disk: NbdExport;
}

const REQUEST_MAGIC = 0x25609513;
const SIMPLE_REPLY_MAGIC = 0x67446698;
const CMD_READ = 0;
const CMD_DISC = 2;
const NBD_EPERM = 1;
const NBD_EINVAL = 22;

/** So many requests are under way at a time, and so many bytes, but for a piece that is larger: servers keep no more. */
const MAX_UNDER_WAY = 16;
const MAX_UNDER_WAY_BYTES = 8 * MIB;

/** A part of a piece, by whole blocks of the server. */
interface BlockRead {
  readonly piece: number;
  readonly startBytes: number;
  readonly lengthBytes: number;
}

/** Fills the buffers, which lie within the export. Answers come in any order. */
export async function readBlocks(
  connection: Connection,
  pieces: readonly Piece[],
  nextCookie: () => bigint,
): Promise<readonly PieceResult[]> {
  const { socket, shown } = connection;
  const results: PieceResult[] = pieces.map(({ buffer }) => buffer.length);
  const waiting = pieces.flatMap((piece, i) => blockReads(connection.disk, piece, i)).reverse();
  const underWay = new Map<bigint, BlockRead>();
  let bytesUnderWay = 0;
  while (waiting.length > 0 || underWay.size > 0) {
    for (;;) {
      const next = waiting.at(-1);
      if (next === undefined || underWay.size === MAX_UNDER_WAY) break;
      if (underWay.size > 0 && bytesUnderWay + next.lengthBytes > MAX_UNDER_WAY_BYTES) break;
      waiting.pop();
      const cookie = nextCookie();
      underWay.set(cookie, next);
      bytesUnderWay += next.lengthBytes;
      socket.write(request(CMD_READ, cookie, next.startBytes, next.lengthBytes));
    }
    const { cookie, error } = await reply(connection);
    const answered = underWay.get(cookie);
    if (answered === undefined) throw noReply(shown);
    underWay.delete(cookie);
    bytesUnderWay -= answered.lengthBytes;
    if (error !== 0) results[answered.piece] = readError(shown, answered, error);
    else place(await connection.stream.read(answered.lengthBytes), answered, pieces);
  }
  return results;
}

function blockReads(disk: NbdExport, { buffer, offsetBytes }: Piece, piece: number): BlockRead[] {
  const { minBlockBytes: unit, maxBlockBytes, sizeBytes } = disk;
  const reads: BlockRead[] = [];
  const end = Math.min(Math.ceil((offsetBytes + buffer.length) / unit) * unit, sizeBytes);
  for (let startBytes = Math.floor(offsetBytes / unit) * unit; startBytes < end; ) {
    const lengthBytes = Math.min(end - startBytes, maxBlockBytes);
    reads.push({ piece, startBytes, lengthBytes });
    startBytes += lengthBytes;
  }
  return buffer.length === 0 ? [] : reads;
}

/** Puts the bytes into the buffer, as far as it wants them. */
function place(bytes: Buffer, { piece, startBytes }: BlockRead, pieces: readonly Piece[]): void {
  const wanted = pieces[piece];
  if (wanted === undefined) return;
  const { buffer, offsetBytes } = wanted;
  const skipped = Math.max(0, offsetBytes - startBytes);
  const at = Math.max(0, startBytes - offsetBytes);
  buffer.set(bytes.subarray(skipped, skipped + buffer.length - at), at);
}

async function reply({ stream, shown }: Connection) {
  const head = await stream.read(16);
  if (head.readUInt32BE(0) !== SIMPLE_REPLY_MAGIC) throw noReply(shown);
  return { error: head.readUInt32BE(4), cookie: head.readBigUInt64BE(8) };
}

function noReply(shown: string): FormatError {
  return new FormatError('INVALID', `${shown}: the server's reply answers no request`);
}

function readError(
  shown: string,
  { startBytes, lengthBytes }: BlockRead,
  error: number,
): SourceError {
  const message = `${shown}: the server cannot read ${lengthBytes} bytes at ${startBytes} (error ${error})`;
  if (error === NBD_EPERM) return new SourceError('PERMISSION', message, { data: { error } });
  if (error === NBD_EINVAL) return new SourceError('IO', message, { data: { error } });
  return new LostError('IO', message, { data: { error } });
}

function request(type: number, cookie: bigint, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(REQUEST_MAGIC);
  bytes.writeUInt16BE(type, 6);
  bytes.writeBigUInt64BE(cookie, 8);
  bytes.writeBigUInt64BE(BigInt(offset), 16);
  bytes.writeUInt32BE(length, 24);
  return bytes;
}

/** Says goodbye, as servers want it, and waits for nothing. */
export function disconnect(socket: Socket): void {
  if (socket.destroyed) return;
  socket.write(request(CMD_DISC, 0n, 0, 0));
  socket.destroySoon();
  socket.unref();
}
