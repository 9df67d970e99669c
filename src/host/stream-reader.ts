// Reads exactly so many bytes from a stream, and waits for them as long as a server may stay silent.
import type { Readable } from 'node:stream';
import { LostError, type RemoteOptions, silenceLimitMs } from './retry.js';

export interface StreamReader {
  /** The caller bounds the length: so much lies in memory. @throws LostError when the stream ends or stays silent. */
  read(lengthBytes: number): Promise<Buffer>;
}

/** Bytes that nobody asked for stay with the sender: the stream is never read ahead beyond its own small buffer. */
export function streamReader(
  stream: Readable,
  shown: string,
  options: RemoteOptions,
): StreamReader {
  let failure: Error | null = null;
  let wake = (): void => {};
  const fail = (reason: string): void => {
    failure ??= new LostError('IO', `${shown}: the connection was lost (${reason})`);
    wake();
  };
  stream.on('readable', () => wake());
  stream.on('end', () => fail('the server closed it'));
  stream.on('close', () => fail('it was closed'));
  stream.on('error', (error) => fail('code' in error ? String(error.code) : 'unknown'));
  options.signal.addEventListener('abort', () => fail('the guest was given up'));

  function more(): Promise<void> {
    return new Promise((resolve) => {
      const silent = () => {
        failure ??= new LostError('TIMEOUT', `${shown}: the server does not answer`);
        wake();
      };
      const timer = setTimeout(silent, silenceLimitMs(options));
      wake = () => {
        clearTimeout(timer);
        wake = () => {};
        resolve();
      };
      stream.read(0);
    });
  }

  return {
    async read(lengthBytes) {
      const parts: Buffer[] = [];
      for (let got = 0; got < lengthBytes; ) {
        const ready = Math.min(lengthBytes - got, stream.readableLength);
        const part: unknown = ready > 0 ? stream.read(ready) : null;
        if (Buffer.isBuffer(part)) {
          parts.push(part);
          got += part.length;
          continue;
        }
        if (failure !== null) throw failure;
        await more();
      }
      return Buffer.concat(parts);
    },
  };
}
