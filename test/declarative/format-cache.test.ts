// The cache of compiled formats believes what only the user can have written, whatever happens to names meanwhile.
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { readCache, writeCache } from '../../src/declarative/user-formats/cache.js';

const KEY = 'key.js';
const READS = 3000;
const notRoot = process.geteuid?.() === 0 ? false : 'needs root';

/** Gives the name of a folder to another one and back, until it is told to end. */
const SWAPPER = `
const { workerData } = require('node:worker_threads');
const { renameSync } = require('node:fs');
const { folder, other, aside, isDone } = workerData;
while (Atomics.load(isDone, 0) === 0) {
  renameSync(folder, aside); renameSync(other, folder);
  renameSync(folder, other); renameSync(aside, folder);
}`;

let root: string;
let folder: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'virt-df-cache-'));
});
after(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  folder = join(mkdtempSync(join(root, 'home-')), 'virt-df');
});

describe('the cache of compiled formats', () => {
  it('gives back what was kept', () => {
    assert.equal(readCache(folder, KEY), null);
    writeCache(folder, KEY, 'code\nof two lines');
    assert.equal(readCache(folder, KEY), 'code\nof two lines');
    assert.deepEqual(readdirSync(folder), [KEY]);
  });

  it('does not believe a file that others can read, write or replace', () => {
    writeCache(folder, KEY, 'code');
    chmodSync(join(folder, KEY), 0o620);
    assert.equal(readCache(folder, KEY), null);
    chmodSync(join(folder, KEY), 0o600);
    renameSync(join(folder, KEY), join(folder, 'other'));
    symlinkSync('other', join(folder, KEY));
    assert.equal(readCache(folder, KEY), null);
  });

  it('does not believe another user’s file or folder', { skip: notRoot }, () => {
    writeCache(folder, KEY, 'code');
    chownSync(join(folder, KEY), 65534, 65534);
    assert.equal(readCache(folder, KEY), null);
    chownSync(join(folder, KEY), 0, 0);
    assert.equal(readCache(folder, KEY), 'code');
    chownSync(folder, 65534, 65534);
    assert.equal(readCache(folder, KEY), null);
  });

  it('does not follow a link, neither to read nor to write', () => {
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, folder);
    writeCache(folder, KEY, 'code');
    assert.deepEqual(readdirSync(elsewhere), []);
    writeCache(elsewhere, KEY, 'code');
    assert.equal(readCache(folder, KEY), null);
  });

  it('reads the folder that it looked at, though its name is given to another one', async () => {
    const [other, aside] = [`${folder}-other`, `${folder}-aside`];
    writeCache(folder, KEY, 'own');
    writeCache(other, KEY, 'foreign');
    chmodSync(other, 0o755);
    const isDone = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(SWAPPER, {
      eval: true,
      workerData: { folder, other, aside, isDone },
    });
    await new Promise((resolve) => worker.once('online', resolve));
    const found = new Set<string | null>();
    for (let turn = 0; turn < READS; turn++) found.add(readCache(folder, KEY));
    Atomics.store(isDone, 0, 1);
    await new Promise((resolve) => worker.once('exit', resolve));
    assert.equal(found.has('foreign'), false);
  });
});
