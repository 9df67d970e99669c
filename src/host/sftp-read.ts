// Reads over SFTP: all parts are asked for at once, and answers come in any order.
// References: draft-ietf-secsh-filexfer-02 (6.4 reading and writing, 7 responses).
import { SourceError } from '../errors.js';
import type { Piece, PieceResult } from './session.js';
import {
  answerTo,
  DATA,
  expect,
  type Lines,
  notSftp,
  type Packet,
  packet,
  READ_BYTES,
  receive,
  STATUS,
  statusError,
  string,
  stringAt,
  u32,
  u64,
} from './sftp-packet.js';

const READ = 5;
const STATUS_EOF = 1;
/** As many requests are under way as make 1 MiB. */
const MAX_UNDER_WAY = 32;

/** A part of a piece, as long as one request may be; `start` is its place in the buffer. */
interface PartRead {
  readonly piece: number;
  readonly start: number;
  readonly length: number;
}

/** Asks for all parts at once, within the bound, and again for the bytes that a short answer left out. */
export async function readPieces(
  lines: Lines,
  handle: Buffer,
  pieces: readonly Piece[],
  nextId: () => number,
): Promise<readonly PieceResult[]> {
  const { output, shown } = lines;
  const waiting = pieces.flatMap(partsOf).reverse();
  const underWay = new Map<number, PartRead>();
  const results: PieceResult[] = pieces.map(({ buffer }) => buffer.length);
  const endAt = (piece: number, end: PieceResult): void => {
    const known = results[piece] ?? 0;
    if (known instanceof SourceError) return;
    results[piece] = end instanceof SourceError ? end : Math.min(known, end);
  };
  while (waiting.length > 0 || underWay.size > 0) {
    while (underWay.size < MAX_UNDER_WAY) {
      const part = waiting.pop();
      if (part === undefined) break;
      const id = nextId();
      underWay.set(id, part);
      const at = u64((pieces[part.piece]?.offsetBytes ?? 0) + part.start);
      output.write(packet(READ, id, string(handle), at, u32(part.length)));
    }
    const answer = answerTo(await receive(lines), (id) => underWay.has(id), shown);
    const { piece, start, length } = underWay.get(answer.id) ?? NO_PART;
    underWay.delete(answer.id);
    if (answer.packet.type === STATUS) {
      const isEndOfFile = isEnd(answer.packet);
      endAt(piece, isEndOfFile ? start : statusError(answer.packet.body, shown));
      continue;
    }
    const bytes = stringAt(expect(answer.packet, DATA, shown), shown);
    if (bytes.length === 0 || bytes.length > length) throw notSftp(shown);
    pieces[piece]?.buffer.set(bytes, start);
    const rest = { piece, start: start + bytes.length, length: length - bytes.length };
    if (rest.length > 0) waiting.push(rest);
  }
  return results;
}

const NO_PART: PartRead = { piece: 0, start: 0, length: 0 };

function partsOf({ buffer }: Piece, piece: number): readonly PartRead[] {
  const parts: PartRead[] = [];
  for (let start = 0; start < buffer.length; start += READ_BYTES) {
    parts.push({ piece, start, length: Math.min(READ_BYTES, buffer.length - start) });
  }
  return parts;
}

function isEnd({ type, body }: Packet): boolean {
  return type === STATUS && body.length >= 4 && body.readUInt32BE(0) === STATUS_EOF;
}
