// The end of a connection by which guests are asked about their jobs, at libvirt's test driver.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openForJobs } from '../../src/guests/libvirt/job-connection.js';
import { missing } from '../tools.js';

const URI = 'test:///default';

const skip = missing({ virsh: 'libvirt-clients' });

describe('a connection for jobs', { skip, timeout: 20_000 }, () => {
  test('one that was given up while nothing was asked of it is not kept', async () => {
    const connection = await openForJobs(URI, null);
    assert.equal(connection.isBroken(), false);
    connection.giveUp(1);
    assert.equal(connection.isBroken(), true);
    await connection.close();
  });

  test('closing one that does not answer any more ends in time', async () => {
    const before = children();
    const opening = openForJobs(URI, null);
    const [helper] = children().filter((id) => !before.includes(id));
    assert.ok(helper !== undefined);
    const connection = await opening;
    process.kill(helper, 'SIGSTOP');
    const startMs = performance.now();
    await connection.close();
    assert.ok(performance.now() - startMs < 10_000);
  });
});

function children(): readonly number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return [...text.matchAll(/\d+/gu)].map(([id]) => Number(id));
}
