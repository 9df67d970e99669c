// Ctrl-C in the middle of a run: what was read is printed. A server that never answers keeps the run from its end.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BIN, ENV, EXT4, noImages } from './support.js';

/** Longer than it takes a run to listen for the signal, on a busy machine too. */
const LONG_MS = 3000;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function started(args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...args], { env: ENV });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

function firstLine({ stdout }: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => stdout?.once('data', resolve));
}

test('Ctrl-C prints what was read, says how many were not, and exits with 130', {
  skip: noImages,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  const socket = join(folder, 'nbd.sock');
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const runs: ReturnType<typeof started>[] = [];
  t.after(() => {
    for (const { child } of runs) child.kill('SIGKILL');
    server.close();
    rmSync(folder, { recursive: true });
  });
  const images = ['-t', EXT4, '-t', `nbd+unix:///?socket=${socket}`, '--timeout', '600'];
  for (const output of [[], ['--ndjson'], ['--json']]) runs.push(started([...output, ...images]));
  const [plain, ndjson, json] = runs;
  assert.ok(plain && ndjson && json);
  await firstLine(ndjson.child);
  await wait(LONG_MS);
  for (const { child } of runs) child.kill('SIGINT');
  for (const { ended } of runs) {
    const { code, stderr } = await ended;
    assert.deepEqual([code, stderr], [130, 'virt-df: interrupted, 1 not read\n']);
  }
  assert.match((await plain.ended).stdout, /^Filesystem .*\next4-default\.qcow2:\/dev\/sda .*\n$/u);
  assert.equal(JSON.parse((await json.ended).stdout).filesystems.length, 1);
  const last = (await ndjson.ended).stdout.trimEnd().split('\n').at(-1) ?? '';
  assert.deepEqual([JSON.parse(last).kind, JSON.parse(last).guests], ['summary', 1]);
});
