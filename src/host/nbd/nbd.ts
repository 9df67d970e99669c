// A disk that an NBD server exports: `nbd://HOST[:PORT]/EXPORT`, `nbd+unix:///EXPORT?socket=PATH`.
// References: NetworkBlockDevice doc/proto.md, doc/uri.md.
import { connect, type Socket } from 'node:net';
import { SourceError, UsageError } from '../../errors.js';
import type { SourceHandle } from '../handle.js';
import { REMOTE_GAP_BYTES, REMOTE_PAGE_BYTES } from '../handle.js';
import { withoutSecrets } from '../location.js';
import { LostError, type RemoteOptions, silenceLimitMs } from '../retry.js';
import { openSessions, type Session, type Sessions } from '../session.js';
import { streamReader } from '../stream-reader.js';
import { type NbdExport, negotiate } from './negotiate.js';
import { disconnect, readBlocks } from './transmission.js';

const DEFAULT_PORT = 10809;

type Address = { readonly path: string } | { readonly host: string; readonly port: number };

/** @throws UsageError for a URL without a server; SourceError, FormatError, UnsupportedError. */
export async function openNbd(url: URL, options: RemoteOptions): Promise<SourceHandle> {
  const shown = withoutSecrets(url.href);
  const address = addressOf(url, shown);
  const name = exportName(url, shown);
  const sessions = await openSessions(shown, options, () =>
    openSession(address, name, shown, options),
  );
  return exportHandle(shown, sessions);
}

/** An export that is spoken to by `sessions`. */
export function exportHandle(shown: string, sessions: Sessions<NbdSession>): SourceHandle {
  const { sizeBytes } = sessions.first;
  return {
    location: shown,
    pageBytes: REMOTE_PAGE_BYTES,
    gapBytes: () => REMOTE_GAP_BYTES,
    allocationBytes: null,
    sizeBytes: async () => sizeBytes,
    // An export tells no time: whether somebody writes to it is seen only by reading again.
    isLively: true,
    isUnwritten: async () => null,
    fill: (buffer, offset) => {
      const wanted = Math.max(0, Math.min(buffer.length, sizeBytes - offset));
      return sessions.fill(buffer.subarray(0, wanted), offset);
    },
    close: () => sessions.close(),
  };
}

function addressOf(url: URL, shown: string): Address {
  if (url.protocol === 'nbd:') {
    if (url.hostname === '') throw new UsageError('USAGE', `${shown} names no host`);
    const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
    return { host: url.hostname.replace(/^\[(.*)\]$/u, '$1'), port };
  }
  const path = url.searchParams.get('socket') ?? '';
  if (path !== '' && url.host === '') return { path };
  const message = `${shown} names no socket; it is given as nbd+unix:///EXPORT?socket=/PATH`;
  throw new UsageError('USAGE', message);
}

function exportName(url: URL, shown: string): string {
  try {
    return decodeURIComponent(url.pathname.replace(/^\//u, ''));
  } catch (cause) {
    throw new UsageError('USAGE', `${shown} has a malformed percent-encoding`, { cause });
  }
}

export interface NbdSession extends Session {
  readonly sizeBytes: number;
}

/** @throws LostError, SourceError, FormatError, UnsupportedError. */
export async function openSession(
  address: Address,
  name: string,
  shown: string,
  options: RemoteOptions,
): Promise<NbdSession> {
  const socket = await connected(address, shown, options);
  const stream = streamReader(socket, shown, options);
  try {
    const disk: NbdExport = await negotiate(socket, stream, name, shown);
    let cookie = 0n;
    return {
      sizeBytes: disk.sizeBytes,
      read: (pieces) => readBlocks({ socket, stream, shown, disk }, pieces, () => ++cookie),
      end: () => disconnect(socket),
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function connected(address: Address, shown: string, options: RemoteOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, noDelay: true });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new LostError('TIMEOUT', `${shown}: the server does not answer`)),
      silenceLimitMs(options),
    );
    const giveUp = () => fail(new SourceError('TIMEOUT', 'the guest was given up'));
    options.signal.addEventListener('abort', giveUp);
    socket.once('error', (error) => fail(refused(shown, error)));
    socket.once('connect', () => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', giveUp);
      socket.on('error', () => {}); // The reader of the stream reports it.
      resolve(socket);
    });
  });
}

function refused(shown: string, error: Error): SourceError {
  const errno = 'code' in error ? String(error.code) : 'unknown';
  const data = { errno };
  if (errno === 'ENOENT' || errno === 'ENOTFOUND') {
    const message = `${shown}: there is no such server (is its socket or host name right?)`;
    return new SourceError('NOT_FOUND', message, { data });
  }
  if (errno === 'EACCES') {
    return new SourceError('PERMISSION', `${shown}: its socket may not be used by this user`, {
      data,
    });
  }
  return new LostError('IO', `${shown}: the connection failed (${errno})`, { data });
}
