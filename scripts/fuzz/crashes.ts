// Keeps what failed: one input for each bug, by its name, with as little in it as shows the bug still.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from './execute.js';
import { type Input, inputBytes, inputText, type Piece } from './input.js';

export const CRASHES = 'build/fuzz/crashes';

/** Writes it to CRASHES/TARGET/NAME-HASH.json; gives the path. */
export function keepCrash(target: string, failure: Failure, input: Input): string {
  const folder = join(CRASHES, target);
  mkdirSync(folder, { recursive: true });
  const text = inputText(input);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const path = join(folder, `${failure.name.replaceAll(/[^\w.-]+/gu, '_')}-${hash}.json`);
  const crash: object = { target, ...failure, input: JSON.parse(text) };
  writeFileSync(path, `${JSON.stringify(crash)}\n`);
  return path;
}

const MAX_TRIES = 600;
const MAX_MILLISECONDS = 5000;

/** The smallest input found within some tries for which `fails` still holds: pieces left out, cut, and made zero. */
export async function minimised(
  input: Input,
  fails: (input: Input) => Promise<boolean>,
): Promise<Input> {
  const end = Date.now() + MAX_MILLISECONDS;
  let best = input;
  let tries = 0;
  const attempt = async (pieces: readonly Piece[]): Promise<boolean> => {
    const smaller = { sizeBytes: best.sizeBytes, pieces };
    if (tries++ > MAX_TRIES || Date.now() > end || !(await fails(smaller))) return false;
    best = smaller;
    return true;
  };
  for (let share = Math.ceil(best.pieces.length / 2); share > 0; share = Math.floor(share / 2)) {
    for (let i = best.pieces.length - share; i >= 0; i -= share) {
      await attempt([...best.pieces.slice(0, i), ...best.pieces.slice(i + share)]);
    }
  }
  for (let bytes = 1024; bytes >= 16 && inputBytes(best) > 16; bytes /= 4) {
    for (let i = best.pieces.length - 1; i >= 0; i--) await shorten(i, bytes);
  }
  return best;

  /** Takes bytes from its end, then from its beginning, while it still fails. */
  async function shorten(index: number, bytes: number): Promise<void> {
    for (const isTail of [true, false]) {
      let isShorter = true;
      while (isShorter) {
        const piece = best.pieces[index];
        if (piece === undefined || piece.bytes.length <= bytes) return;
        const less = {
          offsetBytes: piece.offsetBytes + (isTail ? 0 : bytes),
          bytes: isTail ? piece.bytes.slice(0, -bytes) : piece.bytes.slice(bytes),
        };
        isShorter = await attempt(best.pieces.with(index, less));
      }
    }
  }
}
