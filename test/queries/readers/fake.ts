// A program that reads guests as src/queries/readers/serve.ts does, and does with each what its name says. It ends when its
// parent is gone only where it is asked to: what kills it otherwise is what the tests are about.
import type { Answer, FromReader, ToReader } from '../../../src/queries/readers/protocol.js';

const send = (message: FromReader) => process.send?.(message);
const held: Uint8Array[] = [];
const ahead = new Map<number, string>();

function answerOf(guest: string, problems: Answer['problems'] = []): Answer {
  const statistics = { readCount: process.pid, bytesRead: 0 };
  return { guest, uuid: null, state: null, uri: null, statistics, partFiles: [], problems };
}

function done(id: number, name: string): void {
  const [next] = ahead.keys();
  send({ kind: 'done', id, answer: answerOf(name), started: next ?? null });
  start(next);
}

function start(id: number | undefined): void {
  const name = id === undefined ? undefined : ahead.get(id);
  if (id === undefined || name === undefined) return;
  ahead.delete(id);
  read(id, name);
}

function read(id: number, name: string): void {
  send({ kind: 'found', id, answer: answerOf(`${name}, of which a part was read`) });
  const [what] = name.split(' ');
  switch (what) {
    case 'hangs':
      // The message is written before the loop begins.
      setTimeout(() => {
        for (;;);
      }, 20);
      return;
    case 'works': {
      // Some guests need half a second of work.
      const end = process.cpuUsage().user + Number.parseFloat(name.split(' ')[1] ?? '') * 1e6;
      while (process.cpuUsage().user < end);
      done(id, name);
      return;
    }
    case 'waits':
      return;
    case 'swells':
      setInterval(() => held.push(new Uint8Array(64 * 1024 * 1024).fill(1)), 20);
      return;
    case 'crashes':
      setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 20);
      return;
    case 'slow':
      setTimeout(() => done(id, name), 1500);
      return;
    default:
      setTimeout(() => done(id, name), 5);
  }
}

process.on('message', (message: ToReader) => {
  if (message.kind === 'settings') {
    send({ kind: 'ready', landlock: null, isNobody: false });
    setInterval(() => send({ kind: 'load', isIdle: true }), 30);
  } else if (message.kind === 'start') start(message.id);
  else if (message.kind === 'guest') {
    if (message.isAhead) ahead.set(message.id, message.guest.name);
    else read(message.id, message.guest.name);
  }
});
process.on('disconnect', () => process.exit());
