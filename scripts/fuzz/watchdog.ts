// A thread that sees whether one execution never ends: it writes the input down, and ends the process.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { CRASHES } from './crashes.js';
import { type Input, inputBytes, inputText } from './input.js';

const MAX_SECONDS = 30;
const TICK_MS = 1000;
const SHARED_BYTES = 256 * 1024;
/** Of the shared memory: how many executions began, 0 while there is none; then the input's size and its pieces. */
const HEAD_NUMBERS = 4;

export interface Watchdog {
  begin(input: Input): void;
  end(): void;
  close(): Promise<void>;
}

/** @param script the program itself, which calls `watch` in a thread. */
export function watchdog(script: URL, target: string): Watchdog {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const numbers = new Float64Array(shared);
  const worker = new Worker(script, { workerData: { shared, target } });
  worker.unref();
  let count = 0;
  return {
    begin(input) {
      const { sizeBytes, pieces } = input;
      numbers[1] = sizeBytes;
      numbers[2] = pieces.length;
      let at = HEAD_NUMBERS;
      let byteAt = 8 * (HEAD_NUMBERS + 2 * pieces.length);
      if (byteAt + inputBytes(input) > SHARED_BYTES) return;
      const bytes = new Uint8Array(shared);
      for (const piece of pieces) {
        numbers[at++] = piece.offsetBytes;
        numbers[at++] = piece.bytes.length;
        bytes.set(piece.bytes, byteAt);
        byteAt += piece.bytes.length;
      }
      numbers[0] = ++count;
    },
    end() {
      numbers[0] = 0;
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** In the thread. */
export function watch(): void {
  if (isMainThread) return;
  const { shared, target }: { shared: SharedArrayBuffer; target: string } = workerData;
  const numbers = new Float64Array(shared);
  let [last, seconds] = [0, 0];
  setInterval(() => {
    const count = numbers[0] ?? 0;
    seconds = count === last && count !== 0 ? seconds + TICK_MS / 1000 : 0;
    last = count;
    if (seconds < MAX_SECONDS) return;
    const folder = join(CRASHES, target);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `never-ends-${process.pid}.json`);
    writeFileSync(
      path,
      `{"target":"${target}","kind":"slow","input":${inputText(heldInput(shared))}}\n`,
    );
    console.error(`${target}: it does not end: ${path}`);
    process.kill(process.pid, 'SIGKILL');
  }, TICK_MS);
}

function heldInput(shared: SharedArrayBuffer): Input {
  const numbers = new Float64Array(shared);
  const pieceCount = numbers[2] ?? 0;
  let byteAt = 8 * (HEAD_NUMBERS + 2 * pieceCount);
  const pieces = Array.from({ length: pieceCount }, (_, i) => {
    const length = numbers[HEAD_NUMBERS + 2 * i + 1] ?? 0;
    const bytes = Uint8Array.from(new Uint8Array(shared, byteAt, length));
    byteAt += length;
    return { offsetBytes: numbers[HEAD_NUMBERS + 2 * i] ?? 0, bytes };
  });
  return { sizeBytes: numbers[1] ?? 0, pieces };
}
