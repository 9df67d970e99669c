// Measuring whole processes: median wall time, CPU time and peak memory, many commands interleaved in one run, because
// machines are noisy and only ratios within a run mean something.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.mjs')).href;

export function hasTool(name) {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Runs one command to its end; the exit status is the caller's to judge. */
export function run(command, args) {
  const start = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error) throw error;
  return { wallMs: Number(process.hrtime.bigint() - start) / 1e6, status, stderr: String(stderr) };
}

/** Median wall time in ms of each command, run in turns: A B C A B C ... */
export function compare(commands, turns) {
  const times = commands.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, [command, args]] of commands.entries()) {
      const { wallMs, status, stderr } = run(command, args);
      if (status !== 0)
        throw new Error(`${command} ${args.join(' ')}: exit status ${status}: ${stderr}`);
      times[i].push(wallMs);
    }
  }
  return times.map(median);
}

/** CPU time and peak memory of one run of a Node program, as it says itself when it ends. */
export function usage(script, args) {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-bench-'));
  try {
    const file = join(folder, 'usage.json');
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, ['--import', PRELOAD, script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, VIRT_DF_BENCH_FILE: file },
    });
    const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 0) throw new Error(`${script}: exit status ${status}: ${stderr}`);
    return { wallMs, ...JSON.parse(readFileSync(file, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
