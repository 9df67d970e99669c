// The first request to a file on a web server. An image whose name says that QEMU made it has its tables at the same places, mostly:
// they are asked for at once, as several ranges, which shows as well whether the server sends several.
// References: RFC 9110 (14.2, 14.6); QEMU block/qcow2.c: qcow2_co_create (the order of a new image's tables).
import type { ByteRange } from '../bytes/source.js';
import { FormatError, SourceError, VirtDfError } from '../errors.js';
import { IMAGE_TABLES, REMOTE_HEAD_BYTES } from './handle.js';
import { type Identity, identityOf, ranged } from './http-answer.js';
import { partsOf } from './http-multipart.js';
import { sendsMany } from './http-ranges.js';
import type { Place } from './http-redirects.js';
import type { HttpAnswer } from './http-request.js';
import { LostError } from './retry.js';

const HEAD: readonly ByteRange[] = [{ offsetBytes: 0, lengthBytes: REMOTE_HEAD_BYTES }];
const QCOW2_NAME = /\.qcow2$/iu;
/** Stores of objects begin to send all of an object that several ranges are asked of. */
const STORES =
  /(?:^|\.)(?:amazonaws\.com|googleapis\.com|core\.windows\.net|cloudflarestorage\.com|digitaloceanspaces\.com|backblazeb2\.com)$/iu;

/** Bytes of the file that an answer brought. */
interface HeldPart {
  readonly firstByte: number;
  readonly bytes: Uint8Array;
}

/** What the first answer told, and brought. */
interface FirstAnswer {
  readonly identity: Identity;
  readonly parts: readonly HeldPart[];
  readonly hasSentMany: boolean;
}

type Get = (place: Place, ranges: readonly ByteRange[]) => Promise<HttpAnswer>;

/** Answers of a server that may do better with one range: what fails for another reason is not asked for again. */
const FAILED_AT_RANGES: ReadonlySet<unknown> = new Set([500, 501, 502, 'ECONNRESET']);

/** @param sendOne origins that are asked for one range at a time, to which this one may be added. @throws as `get`. */
export async function firstGet(get: Get, place: Place, sendOne: Set<string>): Promise<HttpAnswer> {
  const { origin, hostname, pathname } = place.url;
  const isAskedForMany =
    QCOW2_NAME.test(pathname) && !STORES.test(hostname) && !sendOne.has(origin);
  if (!isAskedForMany) return get(place, HEAD);
  const many = await get(place, [...HEAD, ...IMAGE_TABLES]).catch((error: unknown) => {
    if (isRefusal(error)) return null;
    throw error;
  });
  if (many !== null && (isRedirection(many) || isSound(many))) return many;
  const one = await get(place, HEAD);
  // nginx sends a file that is smaller than the ranges together as a whole.
  if (many === null || many.status === 206 || !sendsMany(many.headers)) sendOne.add(origin);
  return one;
}

function isRedirection({ status }: HttpAnswer): boolean {
  return status >= 300 && status < 400;
}

/** Whether an answer has the file's first range, as it should. A server may send other ranges, or parts that are none. */
function isSound(answer: HttpAnswer): boolean {
  if (answer.status !== 206) return false;
  try {
    firstAnswer(answer, '');
    return true;
  } catch (error) {
    if (error instanceof VirtDfError) return false;
    throw error;
  }
}

/** A firewall may refuse several ranges; a server may fail at them, or send more than they are. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof VirtDfError)) return false;
  if (error instanceof LostError)
    return FAILED_AT_RANGES.has(error.data.status ?? error.data.errno);
  if (error instanceof SourceError) return error.code === 'IO' || error.code === 'PERMISSION';
  return error instanceof FormatError;
}

/** @throws FormatError INVALID for another range than the file's first; as `identityOf`. */
export function firstAnswer(answer: HttpAnswer, shown: string): FirstAnswer {
  const { headers, body, status } = answer;
  const parts = status === 206 ? partsOf(headers['content-type'] ?? '', body) : null;
  // A server may send the parts in another order.
  const first = parts?.find(({ firstByte }) => firstByte === 0);
  if (parts === null || first === undefined) {
    const identity = identityOf(answer, shown);
    if (identity.sizeBytes === 0) return { identity, parts: [], hasSentMany: false };
    const bytes = ranged(answer, 0, REMOTE_HEAD_BYTES, identity, shown);
    return { identity, parts: [{ firstByte: 0, bytes }], hasSentMany: false };
  }
  const { firstByte, bytes, totalBytes } = first;
  const range = `bytes ${firstByte}-${firstByte + bytes.length - 1}/${totalBytes}`;
  const one = { ...answer, body: bytes, headers: { ...headers, 'content-range': range } };
  const identity = identityOf(one, shown);
  ranged(one, 0, REMOTE_HEAD_BYTES, identity, shown);
  const ofFile = parts.filter((part) => part.totalBytes === totalBytes);
  return { identity, parts: ofFile, hasSentMany: true };
}

/** The bytes from an offset on, as far as one part has them. */
export function heldAt(
  parts: readonly HeldPart[],
  offsetBytes: number,
  lengthBytes: number,
): Uint8Array {
  for (const { firstByte, bytes } of parts) {
    const start = offsetBytes - firstByte;
    if (start >= 0 && start < bytes.length) return bytes.subarray(start, start + lengthBytes);
  }
  return NOTHING;
}

const NOTHING = new Uint8Array(0);
