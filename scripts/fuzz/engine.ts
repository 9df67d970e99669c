// The loop of the fuzzer: an input that was worth keeping is damaged and run; if it took a new way it is kept, if it failed it is
// made small and written down. With the same seed the same inputs are run in the same order.
import type { Seal } from '../../test/hostile/seal.js';
import { random } from '../../test/random.js';
import { coverage } from './coverage.js';
import { execute } from './execute.js';
import type { Input } from './input.js';
import { judgeOf } from './judge.js';
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
  /** Gets the branches that were taken. */
  readonly taken: Set<number>;
}

export interface Result {
  readonly target: string;
  readonly seedCount: number;
  readonly runs: number;
  readonly milliseconds: number;
  readonly edgeCount: number;
  readonly branchCount: number;
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
  seen.addTo(plan.taken);
  await judge.end();
  return {
    target: target.name,
    seedCount: seeds.length,
    runs,
    milliseconds: performance.now() - start,
    edgeCount: seen.edgeCount,
    branchCount: seen.branchCount,
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
