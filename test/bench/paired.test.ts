// What the comparison of two commits says: its statistics against values worked out by hand, and that no process is left out.
// References: Conover, Practical Nonparametric Statistics, 3.2 (confidence interval of a quantile).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';

interface Interval {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

interface Paired {
  medianInterval(values: readonly number[]): Interval;
  change(before: readonly number[], after: readonly number[]): Interval;
  verdict(interval: Interval): string;
}

const { medianInterval, change, verdict }: Paired = await import(
  resolve('scripts/bench/paired.mjs')
);

/** What a process of the bench says of a command. */
function taken(...command: readonly string[]): { readonly cpuMs: number } {
  const args = ['scripts/bench/reaper.mjs', ...command];
  return JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
}

test('a median has the interval of the sixth and the sixteenth of 21 values', () => {
  const values = Array.from({ length: 21 }, (_, i) => ((i * 8) % 21) + 1);
  assert.deepEqual(medianInterval(values), { middle: 11, low: 6, high: 16 });
  assert.deepEqual(medianInterval([3, 1, 2]), { middle: 2, low: 1, high: 3 });
});

test('a machine that is slow in some turns changes nothing', () => {
  const before = [100, 200, 400, 100, 200, 400, 100];
  const after = before.map((ms) => ms * 1.1);
  const { middle, low, high } = change(before, after);
  assert.deepEqual([middle, low, high].map(Math.round), [10, 10, 10]);
});

test('what is worse is told from what is not known', () => {
  assert.equal(verdict({ middle: 5, low: 1, high: 9 }), 'worse');
  assert.equal(verdict({ middle: 5, low: -1, high: 9 }), 'unclear');
  assert.equal(verdict({ middle: 2, low: 1, high: 4 }), 'unclear');
  assert.equal(verdict({ middle: 2, low: 1, high: 3 }), 'same');
  assert.equal(verdict({ middle: -5, low: -9, high: -1 }), 'better');
});

test('the CPU time of a child counts that its parent left behind', () => {
  const wanted = 300;
  const burn = `while (process.cpuUsage().user < ${wanted * 1000});`;
  const { cpuMs } = taken('sh', '-c', `"$0" -e "${burn}" > /dev/null 2>&1 &`, process.execPath);
  assert.ok(cpuMs >= wanted, `${cpuMs} ms`);
});
