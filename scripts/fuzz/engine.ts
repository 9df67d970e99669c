// The loop of the fuzzer: an input that was worth keeping is damaged and run; if it took a new way it is kept, if it failed it is
// made small and written down. With the same seed the same inputs are run in the same order.
import type { Seal } from '../../test/hostile/seal.js';
import { random } from '../../test/random.js';
import { coverage } from './coverage.js';
import { keepCrash, minimised } from './crashes.js';
import {
  execute,
  type Failure,
  failureOf,
  growth,
  hasGrown,
  peakBytes,
  resetPeak,
  slowness,
} from './execute.js';
import { type Input, isZeroTorn } from './input.js';
import { sealsOfInput } from './mend.js';
import { type Dictionary, type Kept, mutated, type Next } from './mutate.js';
import type { Target } from './target.js';
import type { Watchdog } from './watchdog.js';

export interface Plan {
  readonly target: Target;
  readonly seeds: readonly Input[];
  readonly seed: string;
  /** Whether it ends with the first failure. */
  readonly isFirstEnough: boolean;
  /** Ends with whichever comes first. */
  readonly maxRuns: number;
  readonly maxMilliseconds: number;
  readonly dictionary: Dictionary;
  readonly watchdog: Watchdog;
}

export interface Result {
  readonly target: string;
  readonly seedCount: number;
  readonly runs: number;
  readonly milliseconds: number;
  readonly edgeCount: number;
  /** Inputs that are kept, seeds among them. */
  readonly keptCount: number;
  readonly slowestMs: number;
  /** How often each code, or the first word of what was read, came out. */
  readonly words: Readonly<Record<string, number>>;
  readonly failures: readonly {
    readonly name: string;
    readonly path: string;
    readonly run: number;
  }[];
}

/** Between two looks at the memory of the process, and at promises that nobody waited for. */
const LOOK_RUNS = 256;
/** An input that takes much longer than others is rarely gone on from. */
const LONG_MS = 20;
const FIRST: Input = { sizeBytes: 4096, pieces: [{ offsetBytes: 0, bytes: new Uint8Array(4) }] };

export async function fuzz(plan: Plan): Promise<Result> {
  const { target, maxRuns, maxMilliseconds, dictionary } = plan;
  const next = random(`${plan.seed} ${target.name}`);
  const seeds = plan.seeds.length === 0 ? [FIRST] : plan.seeds;
  const seen = coverage();
  const kept: Kept[] = [];
  const words: Record<string, number> = {};
  const judge = judgeOf(plan);
  let [runs, slowestMs] = [0, 0];
  const start = performance.now();
  const sealsOf = sealsOnDemand(target);
  for (; runs < maxRuns && performance.now() - start < maxMilliseconds; runs++) {
    if (plan.isFirstEnough && judge.failures.length > 0) break;
    const parent = runs < seeds.length || kept.length === 0 ? null : pick(kept, next);
    const root = parent?.root ?? seeds[runs % seeds.length] ?? FIRST;
    const input =
      parent === null
        ? root
        : mutated(parent, pick(kept, next), next, { dictionary, seals: await sealsOf(root) });
    plan.watchdog.begin(input);
    seen.reset();
    const { word, milliseconds, isBug } = await execute(target, input);
    const isNew = seen.isNew();
    const first = word.split(' ', 1)[0] ?? '';
    words[first] = (words[first] ?? 0) + 1;
    slowestMs = Math.max(slowestMs, milliseconds);
    if (isNew && !isBug) kept.push({ input, root, milliseconds });
    await judge.look(input, { isBug, milliseconds, run: runs });
  }
  plan.watchdog.end();
  await judge.end();
  return {
    target: target.name,
    seedCount: seeds.length,
    runs,
    milliseconds: performance.now() - start,
    edgeCount: seen.edgeCount,
    keptCount: kept.length,
    slowestMs,
    words,
    failures: judge.failures,
  };
}

/** The checksums of a seed are looked for when something is made of it. */
function sealsOnDemand(target: Target): (root: Input) => Promise<readonly Seal[]> {
  const known = new Map<Input, readonly Seal[]>();
  return async (root) => {
    const found = known.get(root) ?? (await sealsOfInput(root, (source) => target.run(source)));
    known.set(root, found);
    return found;
  };
}

/** The last ones are what is new. */
function pick(kept: readonly Kept[], next: Next): Kept {
  const from = next(3) === 0 ? Math.floor(kept.length * 0.9) : 0;
  let found: Kept | undefined;
  for (let tries = 0; tries < 3; tries++) {
    found = kept[from + next(kept.length - from)];
    if (found !== undefined && found.milliseconds < LONG_MS) break;
  }
  if (found === undefined) throw new Error('nothing is kept');
  return found;
}

interface Seen {
  readonly isBug: boolean;
  readonly milliseconds: number;
  readonly run: number;
}

/** Looks at what was run: bugs and slow inputs at once, memory and promises that nobody waits for now and then. */
function judgeOf({ target, watchdog }: Plan) {
  const failures: { readonly name: string; readonly path: string; readonly run: number }[] = [];
  const names = new Set<string>();
  let recent: Input[] = [];
  let baseBytes = peakBytes();
  let isOrphaned = false;
  process.on('unhandledRejection', onRejection);
  function onRejection(): void {
    isOrphaned = true;
  }
  const note = async (
    input: Input,
    run: number,
    look: (input: Input) => Promise<Failure | null>,
  ) => {
    const failure = await look(input);
    if (failure === null || names.has(failure.name)) return;
    names.add(failure.name);
    watchdog.end();
    const smallest = await minimised(
      input,
      async (one) => (await look(one))?.name === failure.name,
    );
    const path = keepCrash(target.name, (await look(smallest)) ?? failure, smallest);
    failures.push({ name: failure.name, path, run });
    console.error(`${target.name}: run ${run}: ${failure.name}: ${path}`);
  };
  const orphan = async (input: Input): Promise<Failure | null> => {
    isOrphaned = false;
    await execute(target, input);
    await turn();
    return isOrphaned ? { kind: 'throws', name: 'a promise nobody waits for', detail: '' } : null;
  };
  const lookBack = async (run: number): Promise<void> => {
    await turn();
    if (isZeroTorn())
      throw new Error(`${target.name}: run ${run} or one before wrote to what it read`);
    const inputs = recent;
    recent = [];
    if (isOrphaned) for (const input of inputs) await note(input, run, orphan);
    isOrphaned = false;
    if (!hasGrown(baseBytes)) return;
    for (const input of inputs) await note(input, run, (one) => growth(target, one));
    resetPeak();
    baseBytes = peakBytes();
  };
  return {
    failures,
    async look(input: Input, { isBug, milliseconds, run }: Seen): Promise<void> {
      if (isBug) await note(input, run, (one) => failureOf(target, one));
      const slow = await slowness(target, input, milliseconds);
      if (slow !== null)
        await note(input, run, (one) => slowness(target, one, Number.POSITIVE_INFINITY));
      recent.push(input);
      if (recent.length === LOOK_RUNS) await lookBack(run);
    },
    async end(): Promise<void> {
      await lookBack(0);
      process.off('unhandledRejection', onRejection);
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
