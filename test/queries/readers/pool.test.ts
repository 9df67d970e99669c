// Guests that are read in other processes: what hangs, crashes or swells costs its own row only. The processes are of fake.ts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { MIB } from '../../../src/limits.js';
import type { PoolOptions } from '../../../src/queries/readers/options.js';
import { readInProcesses } from '../../../src/queries/readers/pool.js';
import type { Answer } from '../../../src/queries/readers/protocol.js';
import { GUEST } from '../sources.js';

const PROGRAM = join(import.meta.dirname, 'fake.js');
const NOTHING: Answer = {
  guest: 'nothing is known',
  uuid: null,
  state: null,
  uri: null,
  statistics: { readCount: 0, bytesRead: 0 },
  partFiles: [],
  problems: [],
};

/** What is said of guests of these names, in their order: the name, and the code of a problem. */
async function read(
  names: readonly string[],
  options: Partial<PoolOptions> = {},
  messages: string[] = [],
  arrived: string[] = [],
): Promise<readonly string[]> {
  const answers: string[] = [];
  await readInProcesses(
    names.map((name) => ({ ...GUEST, name })),
    {
      parallel: null,
      timeoutSeconds: 4,
      deadlineMs: null,
      memoryBytes: 512 * MIB,
      program: PROGRAM,
      settings: {
        question: { kind: 'chain' },
        formats: null,
        disks: {},
        keys: { selected: [], others: [] },
        needsPrograms: false,
        needsRoot: true,
      },
      failed: (guest, found, { code, message }) => ({
        ...(found ?? NOTHING),
        guest: found?.guest ?? `${guest.name}, of which nothing is known`,
        problems: [{ guest: guest.name, disk: null, device: null, code, message }],
      }),
      onAnswer(index, { guest, problems }) {
        assert.equal(answers[index], undefined, `${guest} has two answers`);
        answers[index] = [guest, ...problems.map(({ code }) => code)].join(': ');
        arrived.push(answers[index]);
        messages.push(...problems.map(({ message }) => message));
      },
      ...options,
    },
  );
  assert.equal(answers.length, names.length);
  return answers;
}

const good = (count: number) => Array.from({ length: count }, (_, index) => `good ${index}`);
const part = (name: string, code: string) => `${name}, of which a part was read: ${code}`;

test('each guest has its answer', async () => {
  assert.deepEqual(await read(good(100)), good(100));
  assert.deepEqual(await read(good(30), { parallel: 1 }), good(30));
  assert.deepEqual(await read([]), []);
});

test('one that hangs is killed, and has what was found of it', async () => {
  const names = ['hangs', ...good(40)];
  assert.deepEqual(await read(names), [part('hangs', 'TIMEOUT'), ...good(40)]);
});

test('one that hangs does not cost those that wait beside it', async () => {
  const names = [...good(3), 'waits 1', 'waits 2', 'hangs', 'waits 3', ...good(20)];
  const answers = await read(names, { parallel: 4 });
  const late = (name: string) => part(name, 'TIMEOUT');
  assert.deepEqual(answers, [
    ...good(3),
    late('waits 1'),
    late('waits 2'),
    late('hangs'),
    late('waits 3'),
    ...good(20),
  ]);
});

test('those that wait hold up nobody', async () => {
  const waiting = Array.from({ length: 20 }, (_, index) => `waits ${index}`);
  const late = waiting.map((name) => part(name, 'TIMEOUT'));
  const arrived: string[] = [];
  const answers = await read([...waiting, ...good(180)], {}, [], arrived);
  assert.deepEqual(answers, [...late, ...good(180)]);
  // With two at a time, all of them would have come to the end of their time before the first good one is read.
  const before = arrived.slice(0, arrived.indexOf('good 0'));
  assert.ok(before.length < waiting.length / 2, before.join('\n'));
});

test('one that takes much work is read to its end when the others are done', async () => {
  const others = Array.from({ length: 6 }, (_, index) => `slow ${index}`);
  const options = { parallel: 2, timeoutSeconds: 60 };
  assert.deepEqual(await read(['works 4', ...others], options), ['works 4', ...others]);
});

test('many that take much work share the time of one', async () => {
  const working = Array.from({ length: 12 }, (_, index) => `works 99 ${index}`);
  const messages: string[] = [];
  const names = [...working, ...good(40)];
  const answers = await read(names, { parallel: 2, timeoutSeconds: 6 }, messages);
  const late = working.map((name) => part(name, 'TIMEOUT'));
  assert.deepEqual(answers, [...late, ...good(40)]);
  const shared = messages.filter((message) => message.includes('share the time of one'));
  // The first ones may come to their own time before they are put back, where the machine is busy.
  assert.ok(shared.length >= working.length / 2, messages.join('\n'));
});

test('one that takes too much memory is killed', async () => {
  const names = ['swells', ...good(20)];
  assert.deepEqual(await read(names, { timeoutSeconds: 120 }), [
    part('swells', 'OVER_BUDGET'),
    ...good(20),
  ]);
});

test('of several that share a process, the one that swells is found', async () => {
  const names = ['slow', 'swells', ...good(10)];
  const answers = await read(names, { timeoutSeconds: 120, parallel: 8 });
  assert.deepEqual(answers, ['slow', part('swells', 'OVER_BUDGET'), ...good(10)]);
});

test('one whose process crashes has a row that says so', async () => {
  const names = [...good(5), 'crashes', ...good(5)];
  const answers = await read(names);
  assert.deepEqual(answers, [...good(5), part('crashes', 'INTERNAL'), ...good(5)]);
});

test('when the time of the run is over, what is known is told', async () => {
  const names = [...good(10), 'hangs', 'waits', 'hangs 2', 'hangs 3'];
  const messages: string[] = [];
  const deadlineMs = Date.now() + 3000;
  const answers = await read(names, { timeoutSeconds: 60, parallel: 2, deadlineMs }, messages);
  assert.equal(messages.length, 4);
  for (const message of messages) assert.match(message, /within the time of the whole run/u);
  assert.deepEqual(answers.slice(0, 10), good(10));
  for (const answer of answers.slice(10)) assert.match(answer, /: TIMEOUT$/u);
});

test('a program that does not start ends the run', async () => {
  await assert.rejects(read(good(3), { program: '/nowhere' }), { code: 'INTERNAL' });
});

test('an error of the one who takes the answers ends the run', async () => {
  const onAnswer = () => {
    throw new RangeError('full');
  };
  await assert.rejects(read(good(3), { onAnswer }), RangeError);
});
