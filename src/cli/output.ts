// Standard output and standard error, written at once. process.stdout would load Node's streams and sockets, which takes
// longer than reading an image.
import { fstatSync, writeSync } from 'node:fs';
import { SourceError } from '../errors.js';
import { secretsHidden } from '../host/location.js';
import { isolated } from '../report/text.js';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const RETRY_MS = 5;
const DEFAULT_WIDTH = 80;

/** The reader has seen enough (head, less): no failure, but nothing is left to do. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** @throws OutputClosed; SourceError IO, the disk is full. */
export function printOut(text: string | Uint8Array): void {
  print(STDOUT, text);
}

/** Prints on stderr, for people. A stderr that is closed or full does not end the run: the message is lost. */
export function printError(text: string): void {
  try {
    print(STDERR, isolated(secretsHidden(text)));
  } catch (error) {
    if (!(error instanceof OutputClosed || error instanceof SourceError)) throw error;
  }
}

/** stdout as a terminal, or nothing of it. Only a character device can be one; for a pipe process.stdout is not loaded. */
export function standardOutput(): { readonly isTTY?: boolean; readonly columns?: number } {
  return isCharacterDevice(STDOUT) ? process.stdout : {};
}

/** stdin as a terminal, or nothing of it. */
export function standardInput(): { readonly isTTY?: boolean } {
  return isCharacterDevice(STDIN) ? process.stdin : {};
}

/** The columns of the terminal that stderr is; null if it is none. */
export function errorTerminalWidth(): number | null {
  if (!isCharacterDevice(STDERR) || !process.stderr.isTTY) return null;
  return process.stderr.columns || DEFAULT_WIDTH;
}

function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    return false; // It is closed.
  }
}

function notWritten(cause: unknown): SourceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SourceError('IO', `the output could not be written: ${reason}`, { cause });
}

function print(descriptor: number, text: string | Uint8Array): void {
  let rest: Uint8Array = typeof text === 'string' ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') throw new OutputClosed('', { cause: error });
      if (code !== 'EAGAIN') throw notWritten(error);
      // Somebody made the pipe non-blocking, and it is full.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
