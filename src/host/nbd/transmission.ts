// The second part of an NBD dialogue: reads, with simple replies. Structured ones come only to a client that asks for them.
// References: NetworkBlockDevice doc/proto.md ("Transmission", "Request message", "Simple reply message").
import type { Socket } from 'node:net';
import { FormatError, SourceError } from '../../errors.js';
import { LostError } from '../retry.js';
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

/** Fills the buffer, which lies within the export, by whole blocks of the server. */
export async function readBlocks(
  connection: Connection,
  buffer: Uint8Array,
  offsetBytes: number,
  nextCookie: () => bigint,
): Promise<number> {
  const { minBlockBytes: unit, maxBlockBytes, sizeBytes } = connection.disk;
  for (let filled = 0; filled < buffer.length; ) {
    const wanted = offsetBytes + filled;
    const start = Math.floor(wanted / unit) * unit;
    const end = Math.min(
      Math.ceil((offsetBytes + buffer.length) / unit) * unit,
      sizeBytes,
      start + maxBlockBytes,
    );
    const bytes = await readOnce(connection, start, end - start, nextCookie());
    const part = bytes.subarray(wanted - start, wanted - start + buffer.length - filled);
    buffer.set(part, filled);
    filled += part.length;
  }
  return buffer.length;
}

async function readOnce(
  { socket, stream, shown }: Connection,
  offset: number,
  length: number,
  cookie: bigint,
): Promise<Buffer> {
  socket.write(request(CMD_READ, cookie, offset, length));
  const head = await stream.read(16);
  if (head.readUInt32BE(0) !== SIMPLE_REPLY_MAGIC || head.readBigUInt64BE(8) !== cookie) {
    throw new FormatError('INVALID', `${shown}: the server's reply answers no request`);
  }
  const error = head.readUInt32BE(4);
  if (error === 0) return stream.read(length);
  const message = `${shown}: the server cannot read ${length} bytes at ${offset} (error ${error})`;
  if (error === NBD_EPERM) throw new SourceError('PERMISSION', message, { data: { error } });
  if (error === NBD_EINVAL) throw new SourceError('IO', message, { data: { error } });
  throw new LostError('IO', message, { data: { error } });
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
