// A file on a server that is spoken to over one connection: one read after the other, and a new connection for a lost one.
import { SourceError } from '../errors.js';
import { MIB } from '../limits.js';
import { type RemoteOptions, retried } from './retry.js';

/** An open file on an open connection. */
export interface Session {
  /** null where the server does not tell (a device over SFTP). */
  readonly sizeBytes: number | null;
  /** Fewer bytes than the buffer has only at the end. */
  read(buffer: Uint8Array, offsetBytes: number): Promise<number>;
  /** Ends the connection; nothing is waited for. */
  end(): void;
}

/** The most bytes that one request asks for: all of them must come within the time limit of one answer. */
const MAX_PIECE_BYTES = 8 * MIB;

interface Sessions<S extends Session> {
  readonly first: S;
  /** Runs `work` after all work that was asked for before, and again on a new connection if this one is lost. */
  ask<T>(work: (session: S) => Promise<T>): Promise<T>;
  fill(buffer: Uint8Array, offsetBytes: number): Promise<number>;
  close(): Promise<void>;
}

/** @throws whatever `connect` throws. */
export async function openSessions<S extends Session>(
  shown: string,
  options: RemoteOptions,
  connect: () => Promise<S>,
): Promise<Sessions<S>> {
  const first = await retried(options, connect);
  let current: S | null = first;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  async function connected(): Promise<S> {
    if (current !== null) return current;
    const session = await connect();
    if (isClosed || session.sizeBytes !== first.sizeBytes) {
      session.end();
      throw new SourceError('IO', `${shown} was changed on its server while it was read`);
    }
    current = session;
    return session;
  }

  /** A failed answer may leave unread bytes in the connection, which would be taken for the next one: it is closed. */
  async function attempt<T>(work: (session: S) => Promise<T>): Promise<T> {
    if (isClosed) throw new SourceError('IO', `${shown} was closed`);
    const session = await connected();
    try {
      return await work(session);
    } catch (error) {
      session.end();
      current = null;
      throw error;
    }
  }

  const ask = <T>(work: (session: S) => Promise<T>): Promise<T> => {
    const answer = queue.then(() => retried(options, () => attempt(work)));
    queue = answer.catch(() => {});
    return answer;
  };
  return {
    first,
    ask,
    async fill(buffer, offset) {
      for (let filled = 0; filled < buffer.length; ) {
        const piece = buffer.subarray(filled, filled + MAX_PIECE_BYTES);
        const count = await ask((session) => session.read(piece, offset + filled));
        filled += count;
        if (count < piece.length) return filled;
      }
      return buffer.length;
    },
    async close() {
      isClosed = true;
      current?.end();
      current = null;
    },
  };
}
