// The fuzzer's command line. Usage: npm run fuzz -- TARGET... [--time 10m] [--runs N] [--seed WORD] [--first], where TARGET is a
// name or the beginning of one (`filesystem/`), `all`, or one of these words: `list` prints the targets, `seeds` makes the seeds anew,
// `exhaustive` changes each byte, `again FILE` runs one crash. --time and --runs are of each target; --first
// ends with the first failure.
// References: docs/fuzzing.md.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { fuzz, type Result } from './engine.js';
import { failureOf, slowness } from './execute.js';
import { exhaustive, SEED_COUNT } from './exhaustive.js';
import { type Input, inputOf } from './input.js';
import { makeSeeds, SEEDS, seedsOf } from './seeds.js';
import type { Target } from './target.js';
import { targets, toy } from './targets/index.js';
import { type Watchdog, watch, watchdog } from './watchdog.js';

const RESULTS = 'build/fuzz/results.jsonl';
const HOW_TO_SEED = '`npm run fuzz -- seeds` makes seeds of the recorded images';
const NUMBERS = 'build/fuzz/numbers.json';
const DEFAULT_TIME = '1m';
const LONG_TIME = '1000h';
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `10m`, `1h`, as milliseconds. */
function milliseconds(text: string): number {
  const { count, unit = '' } = /^(?<count>\d+)(?<unit>[smh])$/u.exec(text)?.groups ?? {};
  if (count === undefined) throw new Error(`${text} is no time: 90s, 10m, 1h`);
  return Number(count) * (UNITS[unit] ?? 0);
}

function chosen(names: readonly string[]): readonly Target[] {
  return names.flatMap((name) => {
    const found = [...targets, toy].filter(
      (target) => target.name === name || target.name.startsWith(name.endsWith('/') ? name : '\0'),
    );
    if (found.length === 0 && name !== 'all') throw new Error(`no target is called ${name}: list`);
    return name === 'all' ? targets : found;
  });
}

function line({
  target,
  seedCount,
  runs,
  milliseconds: ms,
  edgeCount,
  keptCount,
  slowestMs,
  failures,
}: Result): string {
  const rate = Math.round(runs / (ms / 1000));
  return (
    `${target}: ${runs} executions in ${(ms / 1000).toFixed(1)} s (${rate}/s), ${edgeCount} edges, ` +
    `${keptCount} kept of ${seedCount} seeds, slowest ${Math.round(slowestMs)} ms, ${failures.length} failures`
  );
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      time: { type: 'string' },
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      first: { type: 'boolean', default: false },
    },
  });
  const [word = 'list', file = ''] = positionals;
  if (word === 'list') {
    console.log(targets.map(({ name }) => name).join('\n'));
    return 0;
  }
  if (word === 'again') return again(file);
  if (word === 'seeds') {
    await makeSeeds(targets);
    return 0;
  }
  if (!existsSync(SEEDS)) console.error(`there are only signatures to begin with: ${HOW_TO_SEED}`);
  // Most executions throw, and a stack costs more than all else.
  Error.stackTraceLimit = 0;
  if (word === 'exhaustive') return everyByte(file === '' ? 'df' : file);
  const maxRuns = Number(values.runs ?? Number.POSITIVE_INFINITY);
  const time = values.time ?? (values.runs === undefined ? DEFAULT_TIME : LONG_TIME);
  const dictionary: readonly bigint[] = JSON.parse(readFileSync(NUMBERS, 'utf8')).map(BigInt);
  const taken = new Set<number>();
  let [failureCount, branchCount] = [0, 0];
  for (const target of chosen(positionals)) {
    const seeds = seedsOf(target);
    const result = await watched(target, (watchdog) =>
      fuzz({
        ...{ target, seeds, seed: values.seed, maxRuns, watchdog, taken },
        // The toy is run by a test, which must not depend on what numbers the program happens to have.
        dictionary: target === toy ? [] : dictionary,
        isFirstEnough: values.first,
        maxMilliseconds: milliseconds(time),
      }),
    );
    console.log(line(result));
    noteResult({ ...result, seed: values.seed });
    failureCount += result.failures.length;
    branchCount = result.branchCount;
  }
  console.log(`${taken.size} of ${branchCount} branches were taken`);
  return failureCount === 0 ? 0 : 1;
}

async function watched<T>(target: Target, work: (dog: Watchdog) => Promise<T>): Promise<T> {
  const dog = watchdog(new URL(import.meta.url), target.name);
  try {
    return await work(dog);
  } finally {
    await dog.close();
  }
}

function noteResult(result: object): void {
  mkdirSync('build/fuzz', { recursive: true });
  appendFileSync(RESULTS, `${JSON.stringify(result)}\n`);
}

async function everyByte(name: string): Promise<number> {
  const [target] = chosen([name]);
  if (target === undefined) throw new Error('there is no target');
  const sweep = await watched(target, (dog) => exhaustive(target, SEED_COUNT, dog));
  console.log(JSON.stringify(sweep, null, 2));
  noteResult({ exhaustive: name, ...sweep });
  return sweep.failures.length === 0 ? 0 : 1;
}

async function again(file: string): Promise<number> {
  const crash: { readonly target: string; readonly input: unknown } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const target = [...targets, toy].find(({ name }) => name === crash.target);
  if (target === undefined) throw new Error(`no target is called ${crash.target}`);
  const input: Input = inputOf(JSON.stringify(crash.input));
  const failure =
    (await failureOf(target, input)) ?? (await slowness(target, input, Number.POSITIVE_INFINITY));
  console.log(failure === null ? 'it does not fail' : `${failure.name}\n${failure.detail}`);
  return failure === null ? 0 : 1;
}

if (isMainThread) process.exitCode = await main();
else watch();
