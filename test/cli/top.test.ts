// `virt-df top` as it is typed, at libvirt's test driver, which needs no daemon and counts nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as Library from '../../src/index.js';
import { missing } from '../tools.js';
import { BIN, ENV, noTerminal, onTerminal, virtDf } from './support.js';

const name: string = 'virt-df';
const { scanLibvirtTop }: typeof Library = await import(name);

const TEST = ['-c', 'test:///default'];
const noLibvirt = missing({ virsh: 'libvirt-clients' });
const skip = noLibvirt;

test('what a driver does not count is unknown, a name that means no guest is a row', {
  skip,
}, () => {
  const { code, stdout } = virtDf(['top', ...TEST, '-d', '0.1', '--no-jobs', 'test', 'nosuch']);
  const rows = stdout.split('\n').map((line) => line.replace(/ {3,}/gu, '  '));
  assert.equal(code, 1);
  assert.match(rows[1] ?? '', /^nosuch .*NO_SUCH_GUEST: /u);
  assert.equal(rows[2], 'test  running  -  -  -  -  -  -  -  -');
});

/** Runs it, interrupts it once `isTime` says so of what it has printed, and gives that and its exit status. */
async function interrupted(args: readonly string[], isTime: (text: string) => boolean, ms = 0) {
  const child = spawn(process.execPath, [BIN, 'top', ...TEST, ...args], {
    env: ENV,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let [text, error] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    error += piece;
  });
  const timer = ms === 0 ? undefined : setTimeout(() => child.kill('SIGINT'), ms);
  for await (const piece of child.stdout.setEncoding('utf8')) {
    text += piece;
    if (isTime(text)) child.kill('SIGINT');
  }
  clearTimeout(timer);
  const [code] = await exited;
  return { code, text, error };
}

test('Ctrl-C ends a stream of tables behind a whole one', { skip }, async () => {
  const tables = (text: string) => text.split('GUEST').length - 1;
  const args = ['--stream', '-d', '0.6', '--no-jobs', '--no-filesystems'];
  const { code, text } = await interrupted(args, (soFar) => tables(soFar) > 1);
  assert.deepEqual([code, text.endsWith('\n')], [130, true]);
  assert.match(text, /^GUEST.*\ntest .*\n\nGUEST.*\ntest .*\n$/u);
});

test('a terminal gets a screen, and has the last table when it is over', {
  skip: skip || noTerminal,
}, () => {
  // A terminal is a session of its own, which a busy machine may let wait.
  const args = ['-n', '1', '-d', '0.1', '--no-jobs', '--timeout', '120'];
  const text = onTerminal(['top', ...TEST, ...args], { NO_COLOR: '1' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal is sent.
  const [before, screen = '', after] = text.split(/\u001b\[\?1049[hl]/u);
  assert.equal(before, '');
  assert.match(screen, /\d\d:\d\d:\d\d {2}1 guest, 1 running {2}by cpu .* \? help/u);
  assert.ok(screen.startsWith('\u001b[?25l') && screen.endsWith('\u001b[?25h'));
  assert.match(after ?? '', /^GUEST .*\ntest +running .*\n$/u);
});

test('the library has the records', { skip }, async () => {
  const { guests, seconds } = await scanLibvirtTop({ uris: [TEST[1] ?? ''], intervalSeconds: 0.1 });
  assert.deepEqual(
    guests.map(({ guest, state, disks }) => [guest, state, disks]),
    [['test', 'running', []]],
  );
  assert.ok(seconds !== null && seconds >= 0.09);
});

test('lines for a collector go on too, until so many tables', { skip }, () => {
  const args = ['--csv', '--stream', '-n', '2', '-d', '0.1', '--no-jobs', '--no-filesystems'];
  const { code, stdout } = virtDf(['top', ...TEST, ...args]);
  assert.deepEqual([code, stdout.match(/^[^,]+,test,/gmu)?.length], [0, 2]);
});

test('as virt-top is typed: a file for the lines, its words for orders', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-top-'));
  const file = join(folder, 'x.csv');
  try {
    const few = ['-n', '2', '-d', '0.1', '--no-jobs', '--no-filesystems'];
    const { code, stdout } = virtDf(['top', ...TEST, '--script', '--csv', file, ...few]);
    assert.deepEqual([code, stdout], [0, '']);
    assert.deepEqual(
      readFileSync(file, 'utf8').match(/^(?:time,guest,|[^,]+,test,)/gmu)?.length,
      3,
    );
    const bad = virtDf(['top', ...TEST, '--csv', join(folder, 'no', 'x.csv'), ...few]);
    assert.deepEqual([bad.code, bad.stdout], [1, '']);
    assert.match(bad.stderr, /--csv .*cannot be written: ENOENT/u);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const sorted = virtDf(['top', ...TEST, '-o', 'mem', '-d', '0.1', '--no-jobs', '--csv', 'test']);
  assert.equal(sorted.code, 2);
  assert.match(virtDf(['top', ...TEST, '-o', 'nothing']).stderr, /--sort is one of cpu, .*netrx/u);
});

test('flags that contradict each other, and delays that are none, are refused', () => {
  for (const args of [
    ['--json', '--csv'],
    ['-d', 'soon'],
    ['-d', '0'],
    ['--csv', '--sort', 'cpu'],
    [''],
  ]) {
    assert.equal(virtDf(['top', ...TEST, ...args]).code, 2, args.join(' '));
  }
});
