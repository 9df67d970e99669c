// What is left of a run that a signal ends while libvirt, or the program that reaches it, hangs: nothing, after two seconds.
// Each command is ended by one signal and each signal ends one command; what starts and ends processes is the same for all of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../guests/fixtures.js';
import { missing } from '../tools.js';
import { BIN, ENV } from './support.js';

const skip =
  missing({ virsh: 'libvirt-clients' }) ||
  (existsSync(`/proc/self/task/${process.pid}/children`) ? false : 'needs /proc');

const RUNS = [
  ['df', 'SIGKILL'],
  ['chain', 'SIGTERM'],
  ['jobs', 'SIGHUP'],
  ['pools', 'SIGINT'],
  ['top', 'SIGKILL'],
] as const;
/** With what a busy machine takes longer to look. */
const LEFT_MS = 2000;
const DEADLINE_MS = 60_000;

describe('a run that ends while a libvirt hangs leaves nothing', { skip }, () => {
  const folder = temporaryFolder();
  const socket = join(folder.path, 'hung.sock');
  const server = createServer(() => {}).listen(socket);
  // As an ssh whose host takes the connection and says nothing: it does not look at its input.
  const program = join(folder.path, 'reach');
  writeFileSync(program, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
  after(() => {
    server.close();
    folder.remove();
  });

  const uris = [
    `qemu+unix:///system?socket=${socket}`,
    `qemu+ext:///system?command=${program}`,
  ] as const;

  function start(command: string, timeout: string) {
    const args = [command, ...uris.flatMap((uri) => ['-c', uri]), '--timeout', timeout];
    return spawn(process.execPath, [BIN, ...args], { env: ENV, stdio: 'ignore' });
  }

  for (const [command, signal] of RUNS) {
    test(`${command}, ${signal}`, async () => {
      const child = start(command, '0');
      const started = await untilAllHang(child.pid ?? assert.fail());
      child.kill(signal);
      await once(child, 'exit');
      await assertGone(started);
    });
  }

  test('nor does one that gives up', async () => {
    const child = start('jobs', '8');
    const started = await untilAllHang(child.pid ?? assert.fail());
    const [code] = await once(child, 'exit');
    assert.equal(code, 3);
    await assertGone(started);
  });
});

/** All processes that it has started: two that call libvirt, a program with one of its own, and who looks after that. */
async function untilAllHang(pid: number): Promise<readonly number[]> {
  const endMs = Date.now() + DEADLINE_MS;
  while (Date.now() < endMs) {
    const found = below(pid);
    if (found.some((one) => nameOf(one) === 'sleep')) return found;
    await sleep(50);
  }
  assert.fail('libvirt starts the program');
}

async function assertGone(started: readonly number[]): Promise<void> {
  assert.ok(started.length >= 4, `${started.length}`);
  const endMs = Date.now() + LEFT_MS;
  const left = () => started.filter((one) => nameOf(one) !== null);
  while (left().length > 0 && Date.now() < endMs) await sleep(50);
  assert.deepEqual(left().map(nameOf), []);
}

function below(pid: number): readonly number[] {
  const own = tasks(pid).flatMap((task) => {
    const words = text(`/proc/${pid}/task/${task}/children`);
    return [...words.matchAll(/\d+/gu)].map(([digits]) => Number(digits));
  });
  return own.flatMap((child) => [child, ...below(child)]);
}

function tasks(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** null: it has ended, though nobody may have asked how. */
function nameOf(pid: number): string | null {
  const [, name = null, state = 'Z'] = /\((.*)\) (\w)/u.exec(text(`/proc/${pid}/stat`)) ?? [];
  return state === 'Z' ? null : name;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
