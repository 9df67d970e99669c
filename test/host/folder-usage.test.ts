// Asking how full the filesystem of a directory is, where its server never answers, and where it is mounted twice.
// References: linux include/uapi/linux/fuse.h (fuse_in_header, fuse_out_header, fuse_init_out); mount(8)
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { folderUsage } from '../../src/host/folder-usage.js';
import { temporaryFolder } from '../guests/fixtures.js';

const skip =
  process.getuid?.() === 0 && existsSync('/dev/fuse') ? false : 'needs root and /dev/fuse to mount';
const HEADER_BYTES = 16;
const INIT_BYTES = 64;
const WAIT_MS = 300;

/** A FUSE server that begins as one does, takes the first question, and never answers. */
async function mountOfDeadServer(folder: string): Promise<{ unmount(): Promise<void> }> {
  const device = await open('/dev/fuse', 'r+');
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const args = ['-i', '-t', 'fuse', '-o', options, 'dead', folder];
  const mounted = spawnSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe', device.fd] });
  assert.equal(mounted.status, 0, `${mounted.stderr}`);
  const question = new Uint8Array(1024 * 1024);
  await device.read(question);
  const answer = new DataView(new ArrayBuffer(HEADER_BYTES + INIT_BYTES));
  answer.setUint32(0, answer.byteLength, true);
  answer.setBigUint64(8, new DataView(question.buffer).getBigUint64(8, true), true);
  for (const [at, value] of [
    [0, 7],
    [4, 31],
    [20, 4096],
  ] as const) {
    answer.setUint32(HEADER_BYTES + at, value, true);
  }
  await device.write(new Uint8Array(answer.buffer));
  const taken = device.read(question);
  return {
    async unmount() {
      execFileSync('umount', ['--lazy', folder]);
      await taken;
      await device.close();
    },
  };
}

describe('how full the filesystem of a directory is', { skip, timeout: 20_000 }, () => {
  const folder = temporaryFolder();
  after(folder.remove);

  test('a server that took the question and is gone, whose process no signal ends', async () => {
    const dead = await mountOfDeadServer(folder.path);
    try {
      const silent = /did not answer within 0\.3 s$/u;
      const startMs = performance.now();
      await assert.rejects(folderUsage(folder.path, WAIT_MS), silent);
      const middleMs = performance.now();
      assert.ok(middleMs - startMs < 10 * WAIT_MS);
      // No second process is added to the one that hangs.
      await assert.rejects(folderUsage(folder.path, WAIT_MS), silent);
      assert.ok(performance.now() - middleMs < WAIT_MS / 2);
    } finally {
      await dead.unmount();
    }
  });

  test('one filesystem that is mounted at two places is one', async () => {
    const other = join(folder.path, 'other');
    mkdirSync(other);
    execFileSync('mount', ['--bind', '/dev/shm', other]);
    try {
      const [first, second] = [await folderUsage('/dev/shm'), await folderUsage(other)];
      assert.notEqual(first.mountPoint, second.mountPoint);
      assert.ok(first.device !== null && first.device === second.device);
    } finally {
      execFileSync('umount', [other]);
    }
  });
});
