// Damaged images of every container: rows or coded errors, nothing else, within bounds of time and memory, and no file is
// opened beside the image's own. The seeds are fixed: a failure names the case that shows it again.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missing } from '../tools.js';
import { makeRaw, seeds } from './container-seeds.js';
import type { Order, Outcome } from './container-worker.js';

/** Some cases of the matrix write at 1 MiB and behind it. */
const RAW_BYTES = 1536 * 1024;
const MIN_CASES = 20_000;
/** More are tried by setting the variable: cases are numbered, and the first ones stay the same. */
const CASES_OF_AN_IMAGE = Number(process.env.VIRT_DF_HOSTILE_CASES ?? 230);
const MAX_CASE_CPU_MS = 1000;
const MAX_MEMORY_MIB = 300;
const WORKERS = 2;

const needsFilesystem = { mke2fs: 'e2fsprogs' };
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'virt-df-containers-')));
const raw = join(folder, 'raw');
const idle: ChildProcess[] = [];
const outcomes: Outcome[] = [];
let skippedCount = 0;

before(async () => {
  for (let i = 0; i < WORKERS; i++) {
    idle.push(fork(join(import.meta.dirname, 'container-worker.js'), { stdio: 'inherit' }));
  }
  if (missing(needsFilesystem) === false) await makeRaw(raw, RAW_BYTES);
});
after(() => {
  for (const worker of idle) worker.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** What an idle worker says of the image; there are as many workers as tests at a time. */
async function ordered(order: Order): Promise<Outcome> {
  const worker = idle.pop();
  if (worker === undefined) throw new Error('no worker is idle');
  const done = new AbortController();
  const { signal } = done;
  const answer = once(worker, 'message', { signal });
  const ended = once(worker, 'exit', { signal }).then(() =>
    assert.fail(`the worker of ${order.seed} died`),
  );
  ended.catch(() => undefined); // It is no longer waited for once there is an answer.
  worker.send(order);
  const [outcome]: Outcome[] = await Promise.race([answer, ended]);
  done.abort();
  if (outcome === undefined) throw new Error('the worker said nothing');
  idle.push(worker);
  return outcome;
}

describe('damaged images', { concurrency: WORKERS }, () => {
  for (const [number, { name: seed, needs, make }] of seeds.entries()) {
    const skip = missing({ ...needsFilesystem, ...needs });
    if (skip !== false) skippedCount++;
    test(seed, { skip }, async () => {
      const home = join(folder, String(number));
      mkdirSync(home);
      const made = await make(home, raw);
      const format = made.format ?? seed.split(/[ ,]/u)[0] ?? 'auto';
      const counts = { caseCount: CASES_OF_AN_IMAGE, maxCpuMs: MAX_CASE_CPU_MS };
      const outcome = await ordered({ seed, made, format, home, ...counts });
      outcomes.push(outcome);
      assert.equal(outcome.failure, null);
      rmSync(home, { recursive: true });
    });
  }
});

test('enough was tried, within the memory that a guest may take', (t) => {
  const caseCount = outcomes.reduce((sum, outcome) => sum + outcome.caseCount, 0);
  const slowestMs = Math.max(...outcomes.map((outcome) => outcome.slowestMs));
  const peakMib = Math.max(...outcomes.map((outcome) => outcome.peakMib));
  t.diagnostic(
    `${caseCount} cases of ${outcomes.length} images (${skippedCount} skipped), ` +
      `the slowest took ${Math.round(slowestMs)} ms, peak memory was ${Math.round(peakMib)} MiB`,
  );
  assert.ok(outcomes.length === 0 || peakMib < MAX_MEMORY_MIB, `peak memory was ${peakMib} MiB`);
  if (skippedCount === 0) assert.ok(caseCount >= MIN_CASES, `only ${caseCount} cases`);
});
