// Every small change: of so many seeds each byte that a df reads is set to 00 and ff, raised by one, and given another top
// bit, with the checksums made right again; one after the other, so that nothing is left to chance.
import type { Seal } from '../../test/hostile/seal.js';
import { keepCrash } from './crashes.js';
import { execute, type Failure, failureOf, slowness } from './execute.js';
import { type Input, inputBytes, inputSource } from './input.js';
import { inputEditor } from './input-editor.js';
import { mend, sealsOfInput } from './mend.js';
import { evenly, seedsOf } from './seeds.js';
import type { Target } from './target.js';
import type { Watchdog } from './watchdog.js';

export const SEED_COUNT = 60;

const CHANGES: readonly ((byte: number) => number)[] = [
  () => 0,
  () => 0xff,
  (byte) => (byte + 1) & 0xff,
  (byte) => byte ^ 0x80,
];

export interface Sweep {
  readonly seedCount: number;
  readonly byteCount: number;
  readonly runs: number;
  readonly milliseconds: number;
  readonly slowestMs: number;
  /** How often each code came out, and `same` where the answer was that of the seed. */
  readonly words: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

export async function exhaustive(
  target: Target,
  count: number,
  watchdog: Watchdog,
): Promise<Sweep> {
  const seeds = spread(target, count);
  const state = { runs: 0, bytes: 0, slowestMs: 0, words: new Map<string, number>() };
  const failures = new Map<string, string>();
  const start = performance.now();
  for (const [number, seed] of seeds.entries()) {
    const seals = await sealsOfInput(seed, (source) => target.run(source));
    const same = (await execute(target, seed)).word;
    for (const at of await readBytes(target, seed)) {
      state.bytes++;
      for (const input of changed(seed, at, seals)) {
        watchdog.begin(input);
        const { word, milliseconds, isBug } = await execute(target, input);
        watchdog.end();
        state.runs++;
        state.slowestMs = Math.max(state.slowestMs, milliseconds);
        const short = word === same ? 'same' : (word.split(' ', 1)[0] ?? '');
        state.words.set(short, (state.words.get(short) ?? 0) + 1);
        const failure = isBug
          ? await failureOf(target, input)
          : await slowness(target, input, milliseconds);
        if (failure !== null) keep(target, failure, input, failures);
      }
    }
    console.log(`seed ${number + 1} of ${seeds.length}: ${state.runs} executions`);
  }
  return {
    seedCount: seeds.length,
    byteCount: state.bytes,
    runs: state.runs,
    milliseconds: performance.now() - start,
    slowestMs: state.slowestMs,
    words: Object.fromEntries(state.words),
    failures: [...failures.values()],
  };
}

/** Of the smaller half of its seeds, evenly spread: the larger ones have tables and bitmaps in which all entries are alike. */
function spread(target: Target, count: number): readonly Input[] {
  const all = seedsOf(target, Number.POSITIVE_INFINITY).filter((seed) => inputBytes(seed) > 0);
  const sizes = all.map(inputBytes).sort((a, b) => a - b);
  const limit =
    sizes[Math.max(Math.floor(sizes.length / 2), Math.min(count, sizes.length) - 1)] ?? 0;
  return evenly(
    all.filter((seed) => inputBytes(seed) <= limit),
    count,
  );
}

function keep(target: Target, failure: Failure, input: Input, failures: Map<string, string>): void {
  if (failures.has(failure.name)) return;
  const path = keepCrash(target.name, failure, input);
  failures.set(failure.name, path);
  console.error(`${failure.name}: ${path}`);
}

/** Where the bytes lie that the target reads and that the seed has. */
async function readBytes(target: Target, seed: Input): Promise<readonly number[]> {
  const read = new Set<number>();
  const source = inputSource(seed);
  const watched = {
    ...source,
    async read(offset: number, length: number) {
      const end = offset + length;
      for (const { offsetBytes, bytes } of seed.pieces) {
        const last = Math.min(end, offsetBytes + bytes.length);
        for (let at = Math.max(offset, offsetBytes); at < last; at++) read.add(at);
      }
      return source.read(offset, length);
    },
  };
  await target.run(watched).catch(() => undefined);
  return [...read].sort((a, b) => a - b);
}

/** What is no change is left out. */
function changed(seed: Input, at: number, seals: readonly Seal[]): readonly Input[] {
  const editor = inputEditor(seed);
  const old = editor.read(at, 1)[0] ?? 0;
  const values = new Set(CHANGES.map((change) => change(old)));
  values.delete(old);
  return [...values].map((value) => {
    editor.undo();
    editor.write(at, Uint8Array.of(value));
    mend(editor, seals);
    return editor.input();
  });
}
