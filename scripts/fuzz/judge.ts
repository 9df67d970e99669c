// Looks at what was run: bugs and slow inputs at once, memory, promises that nobody waits for and torn bytes now and then.
import { keepCrash, minimised } from './crashes.js';
import {
  execute,
  type Failure,
  failureOf,
  growth,
  hasGrown,
  newPeak,
  slowness,
} from './execute.js';
import { type Input, isZeroTorn } from './input.js';
import type { Target } from './target.js';
import type { Watchdog } from './watchdog.js';

/** Between two looks at the memory of the process, and at promises that nobody waited for. */
const LOOK_RUNS = 256;

interface Seen {
  readonly isBug: boolean;
  readonly milliseconds: number;
  readonly run: number;
}

/** The judge of one target, who writes down one input for each bug. */
export function judgeOf({
  target,
  watchdog,
}: {
  readonly target: Target;
  readonly watchdog: Watchdog;
}) {
  const failures: { readonly name: string; readonly path: string; readonly run: number }[] = [];
  const names = new Set<string>();
  let recent: Input[] = [];
  let baseBytes = newPeak();
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
    if (hasGrown(baseBytes)) {
      for (const input of inputs) await note(input, run, (one) => growth(target, one));
    }
    baseBytes = newPeak();
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
