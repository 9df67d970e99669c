// Fills pieces of a file on a web server: those that are asked for at one moment in one request, from servers that are known to
// send several ranges in one answer. Of others (S3 is one) each is a request of its own.
// References: RFC 9110 (14.2 Range, 15.3.7.2 multiple parts).
import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { MIB } from '../limits.js';
import { changed, type Identity, isSame, ranged } from './http-answer.js';
import { partsOf } from './http-multipart.js';
import type { HttpAnswer } from './http-request.js';

/** One answer's body lies in memory at once, and must come within the time limit of a request. */
export const MAX_BODY_BYTES = 8 * MIB;
/** Apache takes 200. */
const MAX_RANGES = 64;
/** Servers that answer several ranges with all of them. One that does not would begin to send the whole file. */
const SENDS_MANY = /^(?:nginx|openresty|angie|apache|lighttpd|caddy)\b/iu;

export function sendsMany({ server = '' }: IncomingHttpHeaders): boolean {
  return SENDS_MANY.test([server].flat().join());
}

interface Piece {
  readonly buffer: Uint8Array;
  readonly offsetBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface FileOfServer {
  readonly shown: string;
  readonly identity: Identity;
  get(ranges: readonly ByteRange[]): Promise<HttpAnswer>;
  /** Whether the server may be asked for several ranges. */
  sendsMany(): boolean;
  /** It did not send them as it should, and is asked for one at a time from now on. */
  refuseMany(): void;
}

/** Fills a buffer of at most `MAX_BODY_BYTES` that lies within the file. */
export function pieceFiller(file: FileOfServer) {
  let waiting: Piece[] = [];
  const send = (): void => {
    const pieces = waiting.sort((a, b) => a.offsetBytes - b.offsetBytes);
    waiting = [];
    for (const group of file.sendsMany() ? groupsOf(pieces) : pieces.map((piece) => [piece])) {
      fillGroup(file, group);
    }
  };
  return (buffer: Uint8Array, offsetBytes: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(send);
      waiting.push({ buffer, offsetBytes, resolve, reject });
    });
}

function groupsOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const groups: Piece[][] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const last = groups.at(-1);
    bytes += piece.buffer.length;
    if (last !== undefined && last.length < MAX_RANGES && bytes <= MAX_BODY_BYTES) last.push(piece);
    else {
      groups.push([piece]);
      bytes = piece.buffer.length;
    }
  }
  return groups;
}

async function fillGroup(file: FileOfServer, pieces: readonly Piece[]): Promise<void> {
  try {
    if (pieces.length > 1 && file.sendsMany() && (await filledTogether(file, pieces))) return;
    if (pieces.length > 1) file.refuseMany();
  } catch (error) {
    for (const { reject } of pieces) reject(error);
    return;
  }
  for (const piece of pieces) fillOne(file, piece);
}

async function fillOne({ get, identity, shown }: FileOfServer, piece: Piece): Promise<void> {
  const { buffer, resolve, reject } = piece;
  try {
    const answer = await get([rangeOf(piece)]);
    buffer.set(ranged(answer, piece.offsetBytes, buffer.length, identity, shown));
    resolve();
  } catch (error) {
    reject(error);
  }
}

/** Whether the answer had all pieces. @throws SourceError IO for another version of the file, TIMEOUT. */
async function filledTogether(
  { get, identity, shown }: FileOfServer,
  pieces: readonly Piece[],
): Promise<boolean> {
  const answer = await get(pieces.map(rangeOf)).catch((error: unknown) => {
    // A firewall before the server may refuse more than a few ranges, or the server send more than was asked for.
    if (error instanceof VirtDfError && error.code !== 'TIMEOUT') return null;
    throw error;
  });
  if (answer?.status !== 206) return false;
  const { headers, body } = answer;
  const parts = partsOf(headers['content-type'] ?? '', body);
  if (parts === null) return false;
  const { etag = null, 'last-modified': lastModified = null } = headers;
  for (const { totalBytes } of parts) {
    if (!isSame(identity, { ...identity, sizeBytes: totalBytes, etag, lastModified })) {
      throw changed(shown);
    }
  }
  const found = pieces.map(({ buffer, offsetBytes }) => {
    const end = offsetBytes + buffer.length;
    const part = parts.find((one) => {
      return one.firstByte <= offsetBytes && one.firstByte + one.bytes.length >= end;
    });
    return part?.bytes.subarray(offsetBytes - part.firstByte, end - part.firstByte);
  });
  if (found.includes(undefined)) return false;
  for (const [i, { buffer, resolve }] of pieces.entries()) {
    buffer.set(found[i] ?? []);
    resolve();
  }
  return true;
}

function rangeOf({ buffer, offsetBytes }: Piece): ByteRange {
  return { offsetBytes, lengthBytes: buffer.length };
}
