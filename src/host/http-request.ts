// One range request. The time and the memory that its answer may take are bounded, whatever the server sends.
// References: RFC 9110 (14.2), RFC 7617 (Basic).
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { FormatError, SourceError } from '../errors.js';
import { LostError, type RemoteOptions, silenceLimitMs } from './retry.js';

export interface HttpAsked {
  readonly url: URL;
  readonly agent: Agent;
  /** The URL as messages show it: without secrets. */
  readonly shown: string;
  readonly firstByte: number;
  readonly lengthBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The IP address that answered; empty if the connection is gone already. */
  readonly address: string;
  /** Empty unless the status is 206: no other body is received. */
  readonly body: Uint8Array;
}

/** A server that sends a byte now and then is never silent for long: one answer as a whole may take so many silences. */
const MAX_SILENCES = 4;

/** @throws LostError for a connection that fails; SourceError TIMEOUT; FormatError INVALID for a body that is too long. */
export function httpGet(asked: HttpAsked, options: RemoteOptions): Promise<HttpAnswer> {
  const { url, agent, shown, firstByte, lengthBytes } = asked;
  const silenceMs = silenceLimitMs(options);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? secureRequest : request;
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    const sent = send(bare, {
      agent,
      timeout: silenceMs,
      signal: options.signal,
      headers: {
        ...authorization(url),
        range: `bytes=${firstByte}-${firstByte + lengthBytes - 1}`,
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
    sent.on('error', (error) => fail(lost(shown, error)));
    sent.on('response', (response) => {
      receive(response, lengthBytes, shown).then((answer) => {
        clearTimeout(timer);
        if (answer.status !== 206) sent.destroy();
        resolve(answer);
      }, fail);
    });
    sent.end();
  });
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

/** An unknown host name stays unknown, so it is not asked again; other failures may pass: a LostError. */
function lost(shown: string, error: unknown): SourceError {
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
  return new LostError('IO', `${shown}: the connection failed (${errno})`, { data, cause: error });
}
