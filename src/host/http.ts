// An image on a web server, by range requests: only the ranges that are read are transferred.
// References: RFC 9110 (13.1 conditional requests, 14 range requests, 15.4 redirections).
import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { FormatError, SourceError, UnsupportedError } from '../errors.js';
import { MIB } from '../limits.js';
import type { SourceHandle } from './handle.js';
import { REMOTE_PAGE_BYTES } from './handle.js';
import { type HttpAnswer, type HttpAsked, httpGet } from './http-request.js';
import { guardedLookup, isInnerAddress } from './inner-address.js';
import { withoutSecrets } from './location.js';
import { LostError, type RemoteOptions, retried } from './retry.js';

/** One answer's body lies in memory at once, and must come within the time limit of a request. */
const MAX_BODY_BYTES = 8 * MIB;
const MAX_REDIRECTS = 5;
/** Connections to one server at a time. */
const MAX_SOCKETS = 4;
/** A file that was written less long before may well be written again. */
const LIVELY_MS = 60_000;
/** Last-Modified counts seconds, and so do most servers' ETags: a second write within one leaves no trace. */
const CLOCK_TICK_MS = 2000;

/** The size and version of the file by the first answer's headers; those of every later answer must be the same. */
interface Identity {
  readonly sizeBytes: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** How long before the answer it was written, by the server's own clock; NaN if it does not say. */
  readonly ageMs: number;
}

/** @throws SourceError, FormatError INVALID; UnsupportedError UNSUPPORTED_DISK of a server without range requests. */
export async function openHttp(userUrl: URL, options: RemoteOptions): Promise<SourceHandle> {
  const shown = withoutSecrets(userUrl.href);
  const isInner = options.isInner ?? isInnerAddress;
  const free = agents();
  const guarded = agents(guardedLookup(isInner, () => ledInside(shown)));
  const close = async (): Promise<void> => {
    for (const agent of [...Object.values(free), ...Object.values(guarded)]) agent.destroy();
  };
  const get: Get = async ({ url, isGuarded }, firstByte, lengthBytes) => {
    // An address is not looked up, so the guarded agent does not see it.
    if (isGuarded && isInner(url.hostname)) throw ledInside(shown);
    const agent = (isGuarded ? guarded : free)[url.protocol === 'https:' ? 'https:' : 'http:'];
    const asked: HttpAsked = { url, agent, shown, firstByte, lengthBytes };
    return retried(options, async () => checkedStatus(await httpGet(asked, options), shown));
  };
  try {
    const first = (place: Place) => get(place, 0, REMOTE_PAGE_BYTES);
    const isOutside = (address: string) => options.allowsRedirects !== true && !isInner(address);
    const { place, answer } = await followed(userUrl, first, isOutside);
    const identity = identityOf(answer, shown);
    const isEmpty = identity.sizeBytes === 0;
    const head = isEmpty
      ? new Uint8Array(0)
      : ranged(answer, 0, REMOTE_PAGE_BYTES, identity, shown);
    return { ...handle(place, shown, identity, head, get), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where a file is asked for. A server outside led to a guarded one, which must be outside as well. */
interface Place {
  readonly url: URL;
  readonly isGuarded: boolean;
}

type Get = (place: Place, firstByte: number, lengthBytes: number) => Promise<HttpAnswer>;

/** Connections stay open for the next request; those of guarded places have agents of their own. */
function agents(lookup?: LookupFunction) {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, ...(lookup && { lookup }) };
  return { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
}

function ledInside(shown: string): SourceError {
  const message = `${shown} is redirected from a public address to one of this host or its networks (--allow-redirects allows it)`;
  return new SourceError('NOT_ALLOWED', message);
}

function handle(
  place: Place,
  shown: string,
  identity: Identity,
  head: Uint8Array,
  get: Get,
): Omit<SourceHandle, 'close'> {
  const { sizeBytes, etag, lastModified } = identity;
  return {
    location: shown,
    pageBytes: REMOTE_PAGE_BYTES,
    allocationBytes: null,
    sizeBytes: async () => sizeBytes,
    // Without a date the age is NaN, which counts as lively; each answer must still have the first one's ETag.
    isLively: !(identity.ageMs > LIVELY_MS),
    async isUnwritten() {
      if (etag === null && lastModified === null) return null;
      const answer = await get(place, 0, 1);
      if (!isSame(identity, identityOf(answer, shown))) return false;
      return identity.ageMs > CLOCK_TICK_MS ? true : null;
    },
    async fill(buffer, offset) {
      const wanted = Math.max(0, Math.min(buffer.length, sizeBytes - offset));
      // The answer that told the size brought the first page along.
      if (offset + wanted <= head.length) {
        buffer.set(head.subarray(offset, offset + wanted));
        return wanted;
      }
      for (let filled = 0; filled < wanted; ) {
        const length = Math.min(wanted - filled, MAX_BODY_BYTES);
        const answer = await get(place, offset + filled, length);
        buffer.set(ranged(answer, offset + filled, length, identity, shown), filled);
        filled += length;
      }
      return wanted;
    },
  };
}

/**
 * Follows the redirections of a URL to their end. User and password go only to the server that the user named. From a server
 * outside none leads to one inside: it would have us ask what only this host can reach.
 */
async function followed(
  userUrl: URL,
  get: (place: Place) => Promise<HttpAnswer>,
  isOutside: (address: string) => boolean,
) {
  let place: Place = { url: userUrl, isGuarded: false };
  for (let count = 0; ; count++) {
    const answer = await get(place);
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) {
      return { place, answer };
    }
    const shown = withoutSecrets(userUrl.href);
    if (count === MAX_REDIRECTS) {
      throw new FormatError('LOOP', `${shown} is redirected more than ${MAX_REDIRECTS} times`);
    }
    const next = redirected(place.url, location, shown);
    const isSameServer = next.origin === userUrl.origin;
    next.username = isSameServer ? userUrl.username : '';
    next.password = isSameServer ? userUrl.password : '';
    place = { url: next, isGuarded: place.isGuarded || isOutside(answer.address) };
  }
}

function redirected(url: URL, location: string, shown: string): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
  if (next === null || !['http:', 'https:'].includes(next.protocol)) {
    const message = `${shown} is redirected to a URL that is not http or https`;
    throw new SourceError('NOT_ALLOWED', message);
  }
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    throw new SourceError('NOT_ALLOWED', `${shown} is redirected from https to http`);
  }
  return next;
}

/** The answer, if its status is one that can be used; otherwise throws the error for that status. */
function checkedStatus(answer: HttpAnswer, shown: string): HttpAnswer {
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
function identityOf({ status, headers }: HttpAnswer, shown: string): Identity {
  return {
    sizeBytes: totalBytes(status, headers, shown),
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
    ageMs: Date.parse(headers.date ?? '') - Date.parse(headers['last-modified'] ?? ''),
  };
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
function ranged(
  answer: HttpAnswer,
  firstByte: number,
  lengthBytes: number,
  identity: Identity,
  shown: string,
): Uint8Array {
  if (answer.status === 200 || !isSame(identity, identityOf(answer, shown))) {
    throw new SourceError('IO', `${shown} was changed on its server while it was read`);
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

function isSame(a: Identity, b: Identity): boolean {
  return a.sizeBytes === b.sizeBytes && a.etag === b.etag && a.lastModified === b.lastModified;
}
