// Which process is sent a guest before it is done with another one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { give, hasRoomAhead, kill, newProcess } from '../../../src/queries/readers/process.js';
import { GUEST } from '../sources.js';

const job = (index: number) => ({
  index,
  guest: GUEST,
  isAlone: false,
  isLate: false,
  timeoutSeconds: null,
});

test('a guest is sent ahead of one that is read, not behind several that wait', () => {
  const process = newProcess({ pid: undefined, send: () => {}, kill: () => {} }, 64);
  process.isReady = true;
  assert.ok(hasRoomAhead(process, job(9)));
  give(process, job(1), () => {});
  assert.ok(hasRoomAhead(process, job(9)));
  give(process, job(2), () => {});
  assert.ok(!hasRoomAhead(process, job(9)));
  kill(process);
});
