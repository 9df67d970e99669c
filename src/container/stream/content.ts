// The content of a compressed stream that has no blocks which can be read by themselves. It is read forward, as far as
// somebody asks, and kept in pages; to come back to what was passed, a cursor begins at a mark before it.
// References: zlib examples/zran.c for the idea.
import { checkedRange, checkedRead } from '../../bytes/range.js';
import { isCutOff, orNull } from '../../bytes/sound.js';
import { FormatError, SourceError, VirtDfError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import {
  KIB,
  MAX_FIRST_PASS_BYTES,
  MAX_FIRST_PASS_FILE_BYTES,
  PASSED_BYTES_FOR_ONE,
  STREAM_FAR_BYTES,
} from '../../limits.js';
import { printable } from '../../validation/guest.js';
import { hostNumbersOf } from '../compression/blocks.js';
import type { Cursor, Mark } from './cursor.js';
import { type Marks, marksOf } from './marks.js';

interface StreamParts<M extends Mark> {
  /** The word that messages begin with. */
  readonly format: string;
  readonly file: HostFile;
  readonly scope: Scope;
  /** The most bytes that the file can hold. */
  readonly maxBytes: number;
  /** How many it says that it holds; 0: it does not say. */
  readonly statedBytes: number;
  /** What makes the file readable at random: `gunzip -k`. */
  readonly command: string;
  /** How many there may be at once, each with its memory: one goes on forward, another has come back to something. */
  readonly cursorCount: 1 | 2;
  open(mark: M | null): Cursor<M>;
}

const PAGE_BYTES = 256 * KIB;

/** A cursor with what it gave and nobody took yet. */
interface Reader<M extends Mark> {
  readonly cursor: Cursor<M>;
  rest: Uint8Array;
}

interface Stream<M extends Mark> {
  readonly parts: StreamParts<M>;
  readonly marks: Marks<M>;
  /** The one that was used last is the last one. */
  readers: Reader<M>[];
  /** How far the content was read. */
  reachedBytes: number;
  /** The content's size; null: nobody has come to its end. */
  endBytes: number | null;
  /** Where the content cannot be read on, and why: the file ends within its stream, or is damaged there. */
  fault: { readonly offsetBytes: number; readonly error: FormatError } | null;
}

/**
 * The content. All of it is read at once if that is not much, so that its size is known; otherwise `isOpenEnded`, and what lies
 * far behind what was read `isFar`.
 * @throws FormatError of the cursor, but none for a file that is cut: what is there can be read.
 */
export async function streamContent<M extends Mark>(parts: StreamParts<M>): Promise<HostFile> {
  const { file, scope, format, maxBytes } = parts;
  const stream: Stream<M> = {
    parts,
    marks: marksOf(),
    readers: [],
    reachedBytes: 0,
    endBytes: null,
    fault: null,
  };
  await firstPass(stream);
  const isOpenEnded = stream.endBytes === null;
  const sizeBytes = stream.endBytes ?? maxBytes;
  const pageAt = inTurns((index: number) => loadPage(stream, index));
  const page = async (index: number) => {
    const key = `${file.path}@${format}:${file.sizeBytes}:page ${index}`;
    const held = scope.clusters.get(key);
    if (held !== undefined) return held;
    const bytes = await pageAt(index);
    scope.clusters.set(key, bytes);
    return bytes;
  };
  return {
    ...hostNumbersOf(file),
    sizeBytes,
    isOpenEnded,
    cut: () => (isCutOff(stream.fault?.error) ? (stream.fault?.error ?? null) : null),
    isFar: (offset) => stream.endBytes === null && offset > stream.reachedBytes + STREAM_FAR_BYTES,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      // A page that is held is not waited for, and a reader of many lets the other guests have their turn.
      const turn = scope.turn();
      if (turn !== null) await turn;
      scope.spend(length);
      return readPages(page, offset, length, stream);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      if (length === 0) return [];
      const whole = { parentOffsetBytes: 0, parentLengthBytes: file.sizeBytes };
      const run = { kind: 'compressed' as const, offsetBytes: offset, lengthBytes: length };
      return [{ ...run, parent: file, ...whole, blockBytes: sizeBytes, skippedBytes: offset }];
    },
  };
}

/** One after the other: a cursor does not serve two. */
function inTurns<A, T>(work: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const next = last.then(() => work(argument));
    last = next.catch(() => undefined);
    return next;
  };
}

async function readPages<M extends Mark>(
  page: (index: number) => Promise<Uint8Array>,
  offset: number,
  length: number,
  stream: Stream<M>,
): Promise<Uint8Array> {
  const first = Math.floor(offset / PAGE_BYTES);
  const skipped = offset - first * PAGE_BYTES;
  const bytes = new Uint8Array(length);
  for (let [i, filled] = [first, 0]; filled < length; i++) {
    const from = i === first ? skipped : 0;
    const part = (await page(i)).subarray(from, from + length - filled);
    const wanted = Math.min(PAGE_BYTES - from, length - filled);
    if (part.length < wanted) throw behindEnd(stream, offset + length);
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

function behindEnd<M extends Mark>({ parts, endBytes }: Stream<M>, wantedBytes: number) {
  const path = printable(parts.file.path);
  const message = `${parts.format}: ${path} holds only ${endBytes} bytes, and is to have at least ${wantedBytes}`;
  return new FormatError('TRUNCATED', message, { data: { endBytes, wantedBytes } });
}

/** All of the content, if it is not too much; only then its size is known. */
async function firstPass<M extends Mark>(stream: Stream<M>): Promise<void> {
  const { file, statedBytes } = stream.parts;
  if (file.sizeBytes > MAX_FIRST_PASS_FILE_BYTES || statedBytes > MAX_FIRST_PASS_BYTES) return;
  const reader = readerAt(stream, 0);
  const all = () => pass(stream, reader, MAX_FIRST_PASS_BYTES, () => {});
  await orNull(() => told(stream, all), isCutOff);
}

/** A page; the last one may be shorter, and those behind it are empty. */
async function loadPage<M extends Mark>(stream: Stream<M>, index: number): Promise<Uint8Array> {
  const start = index * PAGE_BYTES;
  const bytes = new Uint8Array(PAGE_BYTES);
  if (start >= (stream.endBytes ?? Number.POSITIVE_INFINITY)) return bytes.subarray(0, 0);
  const { fault } = stream;
  // It would be met again, and a hostile image has read up to it each time.
  if (fault !== null && start + PAGE_BYTES > fault.offsetBytes) throw fault.error;
  const reader = readerAt(stream, start);
  let filled = 0;
  await told(stream, () =>
    pass(stream, reader, start + PAGE_BYTES, (offset, given) => {
      const skipped = Math.max(0, start - offset);
      const part = given.subarray(skipped, skipped + PAGE_BYTES - filled);
      bytes.set(part, filled);
      filled += part.length;
    }),
  );
  return bytes.subarray(0, filled);
}

/** Reads forward to `endBytes`; what was given beyond that is kept for the next time. */
async function pass<M extends Mark>(
  stream: Stream<M>,
  reader: Reader<M>,
  endBytes: number,
  take: (offsetBytes: number, bytes: Uint8Array) => void,
): Promise<void> {
  const { cursor } = reader;
  const { marks, parts } = stream;
  if (reader.rest.length > 0) take(cursor.offsetBytes - reader.rest.length, reader.rest);
  const kept = Math.min(reader.rest.length, Math.max(0, cursor.offsetBytes - endBytes));
  reader.rest = reader.rest.slice(reader.rest.length - kept);
  while (cursor.offsetBytes < endBytes) {
    const offset = cursor.offsetBytes;
    const isNew = offset >= stream.reachedBytes;
    const step = await cursor.next(isNew && marks.wants(offset));
    if (step === null) {
      stream.endBytes = cursor.offsetBytes;
      return;
    }
    parts.scope.spend(Math.ceil(step.bytes.length / PASSED_BYTES_FOR_ONE));
    if (step.mark !== null && isNew) marks.add(step.mark);
    take(offset, step.bytes);
    stream.reachedBytes = Math.max(stream.reachedBytes, cursor.offsetBytes);
    const beyond = cursor.offsetBytes - endBytes;
    if (beyond > 0) reader.rest = step.bytes.slice(step.bytes.length - beyond);
  }
}

/** The cursor that is nearest before an offset, or a new one at a mark that is nearer. */
function readerAt<M extends Mark>(stream: Stream<M>, offsetBytes: number): Reader<M> {
  const place = ({ cursor, rest }: Reader<M>) => cursor.offsetBytes - rest.length;
  const mark = stream.marks.before(offsetBytes);
  const usable = stream.readers.filter((one) => place(one) <= offsetBytes);
  usable.sort((one, other) => place(other) - place(one));
  const [nearest] = usable;
  const isNearest = nearest !== undefined && place(nearest) >= (mark?.offsetBytes ?? 0);
  const reader = isNearest ? nearest : { cursor: stream.parts.open(mark), rest: new Uint8Array(0) };
  stream.readers = [...stream.readers.filter((one) => one !== reader), reader];
  const { cursorCount } = stream.parts;
  if (stream.readers.length > cursorCount) {
    const isForward = (one: Reader<M>) => cursorCount > 1 && place(one) >= stream.reachedBytes;
    const oldest = stream.readers.find((one) => one !== reader && !isForward(one));
    oldest?.cursor.close();
    stream.readers = stream.readers.filter((one) => one !== oldest);
  }
  return reader;
}

/** Says how far the stream was read when time or budget ended; a cursor that failed is not used again. */
async function told<M extends Mark>(stream: Stream<M>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    stream.readers.pop()?.cursor.close();
    const { parts, reachedBytes } = stream;
    if (!(error instanceof VirtDfError)) throw error;
    if (!['TIMEOUT', 'LIMIT'].includes(error.code)) {
      if (error instanceof FormatError) stream.fault = { offsetBytes: reachedBytes, error };
      throw error;
    }
    const path = printable(parts.file.path);
    const message =
      `${error.message}; ${parts.format}: ${path} was decompressed to byte ${reachedBytes} of its content ` +
      `(\`${parts.command} ${path}\` makes it readable at random)`;
    const options = { data: { ...error.data, reachedBytes }, cause: error };
    throw error instanceof SourceError
      ? new SourceError(error.code, message, options)
      : new FormatError(error.code, message, options);
  }
}
