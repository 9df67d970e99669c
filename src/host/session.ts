// A file on a server that is spoken to over one connection: what is asked for while an answer is awaited goes together next, and
// a lost connection is made again.
import { SourceError } from '../errors.js';
import { MIB } from '../limits.js';
import { LostError, type RemoteOptions, retried } from './retry.js';

/** Bytes of a file that are read into a buffer. */
export interface Piece {
  readonly buffer: Uint8Array;
  readonly offsetBytes: number;
}

/** How many bytes of a piece were read, or why it cannot be read. */
export type PieceResult = number | SourceError;

/** An open file on an open connection. */
export interface Session {
  /** null where the server does not tell (a device over SFTP). */
  readonly sizeBytes: number | null;
  /** Asks for all pieces without waiting in between. Fewer bytes than a buffer has only at the end. */
  read(pieces: readonly Piece[]): Promise<readonly PieceResult[]>;
  /** Ends the connection; nothing is waited for. */
  end(): void;
}

/** The most bytes that are asked for together: all of them must come within the time limit of one answer. */
const MAX_TOGETHER_BYTES = 8 * MIB;

export interface Sessions<S extends Session> {
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
  const readPiece = pieceReader(ask);
  return {
    first,
    ask,
    async fill(buffer, offset) {
      for (let filled = 0; filled < buffer.length; ) {
        const part = buffer.subarray(filled, filled + MAX_TOGETHER_BYTES);
        const count = await readPiece({ buffer: part, offsetBytes: offset + filled });
        filled += count;
        if (count < part.length) return filled;
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

interface WaitingPiece extends Piece {
  readonly resolve: (count: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads pieces: those that come while others are read go together, when these are there. */
function pieceReader<S extends Session>(ask: Sessions<S>['ask']) {
  let waiting: WaitingPiece[] = [];
  let isReading = false;
  const readAlone = (piece: Piece): Promise<number> =>
    ask(async (session) => {
      const [result = 0] = await session.read([piece]);
      if (result instanceof SourceError) throw result;
      return result;
    });

  async function readTogether(pieces: readonly WaitingPiece[]): Promise<void> {
    try {
      const results = await ask((session) => session.read(pieces));
      for (const [i, piece] of pieces.entries()) {
        const result = results[i] ?? 0;
        // An error that may pass is asked about again, and alone: it says nothing of the others.
        if (result instanceof LostError) readAlone(piece).then(piece.resolve, piece.reject);
        else if (result instanceof SourceError) piece.reject(result);
        else piece.resolve(result);
      }
    } catch (error) {
      for (const { reject } of pieces) reject(error);
    }
  }

  async function readWaiting(): Promise<void> {
    isReading = true;
    while (waiting.length > 0) {
      const together = firstOf(waiting);
      waiting = waiting.slice(together.length);
      await readTogether(together);
    }
    isReading = false;
  }

  return (piece: Piece): Promise<number> =>
    new Promise((resolve, reject) => {
      waiting.push({ ...piece, resolve, reject });
      if (isReading) return;
      isReading = true;
      queueMicrotask(readWaiting);
    });
}

/** As many as may go together; one at least. */
function firstOf(pieces: readonly WaitingPiece[]): readonly WaitingPiece[] {
  let bytes = 0;
  const count = pieces.findIndex(({ buffer }) => {
    bytes += buffer.length;
    return bytes > MAX_TOGETHER_BYTES;
  });
  return count < 0 ? pieces : pieces.slice(0, Math.max(1, count));
}
