// One range request. The time and the memory that its answer may take are bounded, whatever the server sends.
// References: RFC 9110 (14.2), RFC 7617 (Basic).
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ByteRange } from '../bytes/source.js';
import { FormatError, SourceError } from '../errors.js';
import { MAX_PART_HEAD_BYTES } from './http-multipart.js';
import { LostError, type RemoteOptions, silenceLimitMs } from './retry.js';

export interface HttpAsked {
  readonly url: URL;
  readonly agent: Agent;
  /** Names are looked up by it; default: by the host's. */
  readonly lookup?: LookupFunction;
  /** The URL as messages show it: without secrets. */
  readonly shown: string;
  /** In ascending order. */
  readonly ranges: readonly ByteRange[];
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The IP address that answered; empty if the connection is gone already. */
  readonly address: string;
  /** Empty unless the status is 206: no other body is received. */
  readonly body: Uint8Array;
}

/** The connection was idle, and its server closed it before this request reached it. */
export class StaleError extends LostError {}

/** The bodies of other answers (redirections, errors) up to this length are received, and thrown away, to keep the connection. */
const MAX_DRAINED_BYTES = 16 * 1024;
/** A server that sends a byte now and then is never silent for long: one answer as a whole may take so many silences. */
const MAX_SILENCES = 4;

/** @throws LostError for a connection that fails; SourceError TIMEOUT; FormatError INVALID for a body that is too long. */
export function httpGet(asked: HttpAsked, options: RemoteOptions): Promise<HttpAnswer> {
  const { url, agent, lookup, shown, ranges } = asked;
  const silenceMs = silenceLimitMs(options);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? secureRequest : request;
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    const sent = send(bare, {
      agent,
      ...(lookup && { lookup }),
      timeout: silenceMs,
      signal: options.signal,
      headers: {
        ...authorization(url),
        range: `bytes=${ranges.map(rangeText).join(',')}`,
        'accept-encoding': 'identity',
        'user-agent': 'virt-df',
      },
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      sent.destroy();
      reject(error);
    };
    const tooSlow = () => fail(new LostError('TIMEOUT', `${shown}: the server does not answer`));
    const timer = setTimeout(tooSlow, silenceMs * MAX_SILENCES);
    sent.on('timeout', tooSlow);
    sent.on('error', (error) => fail(lost(shown, error, sent.reusedSocket)));
    sent.on('response', (response) => {
      receive(response, maxBodyBytes(ranges), shown).then((answer) => {
        clearTimeout(timer);
        if (answer.status !== 206 && !isShort(response)) sent.destroy();
        resolve(answer);
      }, fail);
    });
    sent.end();
  });
}

function rangeText({ offsetBytes, lengthBytes }: ByteRange): string {
  return `${offsetBytes}-${offsetBytes + lengthBytes - 1}`;
}

/** Several ranges have a head each, and a line behind the last. */
function maxBodyBytes(ranges: readonly ByteRange[]): number {
  const bytes = ranges.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  return ranges.length === 1 ? bytes : bytes + (ranges.length + 1) * MAX_PART_HEAD_BYTES;
}

async function receive(
  response: IncomingMessage,
  maxBytes: number,
  shown: string,
): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = response;
  const address = response.socket.remoteAddress ?? '';
  if (status !== 206) {
    response.on('error', () => {}); // The body is cut off later, which makes an error.
    response.resume();
    return { status, headers, address, body: new Uint8Array(0) };
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new FormatError(
      'INVALID',
      `${shown}: the server sends the bytes encoded, though not asked to`,
    );
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of response) {
      if (!(part instanceof Uint8Array)) continue;
      length += part.length;
      if (length > maxBytes) break;
      parts.push(part);
    }
  } catch (error) {
    throw lost(shown, error);
  }
  if (length <= maxBytes) return { status, headers, address, body: Buffer.concat(parts) };
  const message = `${shown}: the server sends more than the ${maxBytes} bytes that were asked for`;
  throw new FormatError('INVALID', message);
}

function isShort({ headers, complete }: IncomingMessage): boolean {
  return complete || Number(headers['content-length'] ?? Number.NaN) <= MAX_DRAINED_BYTES;
}

function authorization({ username, password }: URL): { readonly authorization?: string } {
  if (username === '' && password === '') return {};
  const words = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${Buffer.from(words).toString('base64')}` };
}

/** The text percent-decoded; a text that is no valid percent-encoding is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** An unknown host name stays unknown, so it is not asked again; other failures may pass: a LostError. */
function lost(shown: string, error: unknown, isReused = false): SourceError {
  if (error instanceof SourceError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const data = { errno };
  if (errno === 'ABORT_ERR') return new SourceError('TIMEOUT', 'the guest was given up');
  if (errno === 'ENOTFOUND') {
    return new SourceError('NOT_FOUND', `${shown}: there is no such host`, { data });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/u.test(errno)) {
    const message = `${shown}: its certificate is not trusted (${errno}); NODE_EXTRA_CA_CERTS names a file with another authority`;
    return new SourceError('PERMISSION', message, { data });
  }
  const LostOrStale = isReused && CLOSED.has(errno) ? StaleError : LostError;
  const message = `${shown}: the connection failed (${errno})`;
  return new LostOrStale('IO', message, { data, cause: error });
}
