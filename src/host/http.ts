// An image on a web server, by range requests: only the ranges that are read are transferred.
// References: RFC 9110 (13.1 conditional requests, 14 range requests).
import type { ByteRange } from '../bytes/source.js';
import type { SourceHandle } from './handle.js';
import { REMOTE_PAGE_BYTES } from './handle.js';
import { type HttpAgents, newHttpAgents } from './http-agents.js';
import { checkedStatus, identityOf, isSame } from './http-answer.js';
import { firstAnswer, firstGet, heldAt } from './http-first.js';
import { MAX_BODY_BYTES, pieceFiller, sendsMany } from './http-ranges.js';
import { followed, ledInside, type Place } from './http-redirects.js';
import { type HttpAnswer, type HttpAsked, httpGet, StaleError } from './http-request.js';
import { guardedLookup, isInnerAddress } from './inner-address.js';
import { limiter } from './limiter.js';
import { withoutSecrets } from './location.js';
import { type RemoteOptions, retried } from './retry.js';

/** Requests of one guest to one server at a time. */
const MAX_REQUESTS = 4;
/** A request takes one of few connections or a round trip, and is counted by whoever rents out a bucket. */
const REQUEST_GAP_BYTES = 64 * 1024;
/** A range of several in one request costs its head. */
const RANGE_GAP_BYTES = 4 * 1024;
/** A file that was written less long before may well be written again. */
const LIVELY_MS = 60_000;
/** Last-Modified counts seconds, and so do most servers' ETags: a second write within one leaves no trace. */
const CLOCK_TICK_MS = 2000;

/** @throws SourceError, FormatError INVALID; UnsupportedError UNSUPPORTED_DISK of a server without range requests. */
export async function openHttp(userUrl: URL, options: RemoteOptions): Promise<SourceHandle> {
  const shown = withoutSecrets(userUrl.href);
  const isInner = options.isInner ?? isInnerAddress;
  const agents = options.servers?.httpAgents(newHttpAgents) ?? newHttpAgents();
  const close = async (): Promise<void> => {
    if (options.servers === undefined) agents.close();
    else agents.trim();
  };
  const inTurn = limiter(MAX_REQUESTS);
  const lookup = guardedLookup(isInner, () => ledInside(shown));
  const get: Get = async ({ url, isGuarded }, ranges) => {
    // An address is not looked up, so the guarded look-up does not see it.
    if (isGuarded && isInner(url.hostname)) throw ledInside(shown);
    const agent = agents.agentFor(url, isGuarded);
    const asked: HttpAsked = { url, agent, shown, ranges, ...(isGuarded && { lookup }) };
    const attempt = async () => checkedStatus(await answered(asked, options), shown);
    return retried(options, () => inTurn(attempt));
  };
  try {
    const isOutside = (address: string) => options.allowsRedirects !== true && !isInner(address);
    const first = (next: Place) => firstGet(get, next, agents.sendOne);
    const { place, answer } = await followed(userUrl, first, isOutside);
    return { ...handle(place, shown, answer, agents, get), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const FIRST_BYTE: readonly ByteRange[] = [{ offsetBytes: 0, lengthBytes: 1 }];

type Get = (place: Place, ranges: readonly ByteRange[]) => Promise<HttpAnswer>;

/** A connection that the server closed while it was idle says nothing about the server: another one is taken at once. */
async function answered(asked: HttpAsked, options: RemoteOptions): Promise<HttpAnswer> {
  for (;;) {
    try {
      return await httpGet(asked, options);
    } catch (error) {
      // Each takes one away of those that are idle, whose number has a bound.
      if (!(error instanceof StaleError)) throw error;
    }
  }
}

/** @param first the answer that told the size, and brought the first bytes along. */
function handle(
  place: Place,
  shown: string,
  first: HttpAnswer,
  { sendOne }: HttpAgents,
  get: Get,
): Omit<SourceHandle, 'close'> {
  const { identity, hasSentMany, ...brought } = firstAnswer(first, shown);
  let { parts } = brought;
  const { sizeBytes, etag, lastModified, ageMs, isObject } = identity;
  const mayAskMany = () =>
    (hasSentMany || sendsMany(first.headers)) && !sendOne.has(place.url.origin);
  const fillPiece = pieceFiller({
    shown,
    identity,
    get: (ranges) => get(place, ranges),
    sendsMany: mayAskMany,
    refuseMany: () => sendOne.add(place.url.origin),
  });
  return {
    location: shown,
    pageBytes: REMOTE_PAGE_BYTES,
    gapBytes: () => (mayAskMany() ? RANGE_GAP_BYTES : REQUEST_GAP_BYTES),
    allocationBytes: null,
    sizeBytes: async () => sizeBytes,
    // Without a date the age is NaN, which counts as lively; each answer must still have the first one's ETag.
    isLively: !(ageMs > LIVELY_MS),
    async isUnwritten() {
      parts = []; // What is read again from now on is to be compared with what was read before.
      if (etag === null && lastModified === null) return null;
      if (isObject && etag !== null) return true; // Each answer had this ETag.
      const answer = await get(place, FIRST_BYTE);
      if (!isSame(identity, identityOf(answer, shown))) return false;
      return ageMs > CLOCK_TICK_MS ? true : null;
    },
    async fill(buffer, offset) {
      const wanted = Math.max(0, Math.min(buffer.length, sizeBytes - offset));
      const held = heldAt(parts, offset, wanted);
      buffer.set(held);
      for (let filled = held.length; filled < wanted; filled += MAX_BODY_BYTES) {
        const piece = buffer.subarray(filled, Math.min(wanted, filled + MAX_BODY_BYTES));
        await fillPiece(piece, offset + filled);
      }
      return wanted;
    },
  };
}
