// Checks the answers of a web server: the status, the size and version of the file, and whether a body is the range that was
// asked for.
// References: RFC 9110 (8.8 validators, 14.4 Content-Range, 15 status codes).
import type { IncomingHttpHeaders } from 'node:http';
import { FormatError, SourceError, UnsupportedError } from '../errors.js';
import type { HttpAnswer } from './http-request.js';
import { LostError } from './retry.js';

/** The size and version of the file by the first answer's headers; those of every later answer must be the same. */
export interface Identity {
  readonly sizeBytes: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** How long before the answer it was written, by the server's own clock; NaN if it does not say. */
  readonly ageMs: number;
  /** An object of a store is replaced as a whole: an answer is of the version that its ETag names, up to its last byte. */
  readonly isObject: boolean;
}

/** Amazon S3, and stores that speak as it does (MinIO, Ceph); Google's; Azure's. */
const OBJECT_HEADERS = ['x-amz-request-id', 'x-goog-generation', 'x-ms-version'] as const;

/** The answer, if its status is one that can be used; otherwise throws the error for that status. */
export function checkedStatus(answer: HttpAnswer, shown: string): HttpAnswer {
  const { status } = answer;
  if (status === 200 || status === 206 || status === 416) return answer;
  if (status >= 300 && status < 400 && answer.headers.location !== undefined) return answer;
  const data = { status };
  const says = `${shown}: the server answers ${status}`;
  if (status === 401 || status === 403) {
    const message = `${says}; give a user and password that may read it, USER:PASSWORD@ before the host`;
    throw new SourceError('PERMISSION', message, { data });
  }
  if (status === 404 || status === 410) {
    throw new SourceError('NOT_FOUND', `${says}: there is no such file`, { data });
  }
  if (status === 429 || status >= 500) throw new LostError('IO', says, { data });
  throw new SourceError('IO', says, { data });
}

/** The identity of the file by the headers of one answer. */
export function identityOf({ status, headers }: HttpAnswer, shown: string): Identity {
  return {
    sizeBytes: totalBytes(status, headers, shown),
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
    isObject: OBJECT_HEADERS.some((name) => headers[name] !== undefined),
    ageMs: Date.parse(headers.date ?? '') - Date.parse(headers['last-modified'] ?? ''),
  };
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.sizeBytes === b.sizeBytes && a.etag === b.etag && a.lastModified === b.lastModified;
}

export function changed(shown: string): SourceError {
  return new SourceError('IO', `${shown} was changed on its server while it was read`);
}

function totalBytes(status: number, headers: IncomingHttpHeaders, shown: string): number {
  const range = headers['content-range'] ?? '';
  const total = /^bytes (?:\d{1,16}-\d{1,16}|\*)\/(\d{1,16})$/u.exec(range)?.[1];
  if (status !== 200 && total !== undefined && Number.isSafeInteger(Number(total))) {
    return Number(total);
  }
  if (status === 200 && headers['content-length'] === '0') return 0;
  if (status === 200) throw withoutRanges(shown);
  const message = `${shown}: the server does not say how large the file is`;
  throw new UnsupportedError('UNSUPPORTED_DISK', message);
}

/** Nothing is downloaded as a whole behind the user's back. */
function withoutRanges(shown: string): UnsupportedError {
  return new UnsupportedError(
    'UNSUPPORTED_DISK',
    `${shown}: the server cannot send parts of the file (range requests); download it (curl -O) and read the copy`,
  );
}

/** The body of a 206, after checking that it has exactly the range that was asked for, of the same file. */
export function ranged(
  answer: HttpAnswer,
  firstByte: number,
  lengthBytes: number,
  identity: Identity,
  shown: string,
): Uint8Array {
  if (answer.status === 200 || !isSame(identity, identityOf(answer, shown))) {
    throw changed(shown);
  }
  const last = Math.min(firstByte + lengthBytes, identity.sizeBytes) - 1;
  const { 'content-range': range = '' } = answer.headers;
  const isAsked = range === `bytes ${firstByte}-${last}/${identity.sizeBytes}`;
  if (answer.status === 206 && isAsked && answer.body.length === last - firstByte + 1) {
    return answer.body;
  }
  throw new FormatError(
    'INVALID',
    `${shown}: of the bytes ${firstByte}-${last} the server sent ${answer.body.length} with status ${answer.status}`,
  );
}
