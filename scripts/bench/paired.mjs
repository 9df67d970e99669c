// Two programs measured in turns: what changed is told by the pairs of each turn, since a machine that is busy slows both.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './measure.mjs';

const REAPER = join(import.meta.dirname, 'reaper.mjs');
const run = promisify(execFile);

/** CPU time of a command with all its children, wall time, and the memory of the largest process. */
export async function cpuOf([command, args]) {
  const { stdout } = await run(process.execPath, [REAPER, command, ...args]);
  const { status, stderr, ...taken } = JSON.parse(stdout);
  if (status !== 0) {
    const words = [command, ...args].join(' ').slice(0, 200);
    throw new Error(`${words}: exit status ${status}: ${stderr.slice(0, 500)}`);
  }
  return taken;
}

/** Of each command the runs in their order. Each is run once before, so that files and code caches are there. */
export async function inTurns(commands, turns) {
  for (const command of commands) await cpuOf(command);
  const runs = commands.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    // There and back: what comes first in a turn may have it better.
    const order = commands.map((_, i) => (turn % 2 === 0 ? i : commands.length - 1 - i));
    for (const i of order) runs[i].push(await cpuOf(commands[i]));
  }
  return runs;
}

/**
 * The median, and an interval that holds the true one in 19 of 20 cases, whatever the distribution: between two of the sorted values.
 * Below six values there is none, and it is all that was seen.
 */
export function medianInterval(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const low = outside(sorted.length);
  return { middle: median(values), low: sorted[low], high: sorted[sorted.length - 1 - low] };
}

/** How many values lie on each side of the interval: so few are below the true median once in forty cases. */
function outside(count) {
  let term = 0.5 ** count;
  let sum = term;
  let low = 0;
  for (let k = 1; k < count; k++) {
    term *= (count - k + 1) / k;
    sum += term;
    if (sum > 0.025) break;
    low = k;
  }
  return low;
}

/** What became of the second beside the first, in percent. */
export function change(before, after) {
  return medianInterval(after.map((value, i) => (value / before[i] - 1) * 100));
}

/** More than this much is worth a word. */
const WORSE_PERCENT = 3;

/** `worse`: by more than 3 %, for certain; `unclear`: the noise hides whether it is. */
export function verdict({ middle, low, high }) {
  if (low > 0 && middle > WORSE_PERCENT) return 'worse';
  if (high > WORSE_PERCENT) return 'unclear';
  return high < 0 ? 'better' : 'same';
}
