// The files of ext filesystems in use, after the replay of their journal in memory, against what the kernel had after its own:
// scripts/images/ext_recovered.py asked it. The reader is e2fsprogs' debugfs, on a copy of the replayed source.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { contextOf, readHead } from '../../src/filesystem/ext/context.js';
import { recoveredVolume, replayJournal } from '../../src/filesystem/ext/recovery.js';
import { NOTHING, usageOf } from '../../src/filesystem/ext/statfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { MIB } from '../../src/limits.js';
import { missing } from '../tools.js';

/** Inode, mode, links, size, and the target of a link or a hash of the content. */
type Facts = readonly [number, number, number, number, string | null];

const { images }: { readonly images: Readonly<Record<string, Readonly<Record<string, Facts>>>> } =
  JSON.parse(gunzipSync(readFileSync('images/ext-recovered.json.gz')).toString('utf8'));

const skip = missing({ debugfs: 'e2fsprogs' });
const TYPE = 0o170000;
const [FOLDER, FILE, LINK] = [0o040000, 0o100000, 0o120000];

const folder = mkdtempSync(join(tmpdir(), 'virt-df-recovered-'));
after(() => rmSync(folder, { recursive: true }));

async function copyTo(path: string, source: ByteSource): Promise<void> {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, source.sizeBytes);
  for (let at = 0; at < source.sizeBytes; at += MIB) {
    const bytes = await source.read(at, Math.min(MIB, source.sizeBytes - at));
    if (bytes.some((byte) => byte !== 0)) writeSync(fd, bytes, 0, bytes.length, at);
  }
  closeSync(fd);
}

/** Inode and mode of every path, as debugfs lists directories. */
function listed(path: string, folders: readonly string[]): Map<string, readonly [number, number]> {
  const commands = join(folder, 'commands');
  writeFileSync(commands, folders.map((name) => `ls -p "/${name}"\n`).join(''));
  const text = execFileSync('debugfs', ['-n', '-f', commands, path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * MIB,
  });
  const found = new Map<string, readonly [number, number]>();
  let index = -1;
  for (const line of text.split('\n')) {
    if (line.startsWith('debugfs: ')) index++;
    const entry = /^\/(\d+)\/(\d+)\/\d+\/\d+\/(.*)\/\d*\/$/u.exec(line);
    if (entry === null || entry[1] === '0' || entry[3] === '.' || entry[3] === '..') continue;
    const above = folders[index] ?? '';
    const name = above === '' ? String(entry[3]) : `${above}/${entry[3]}`;
    found.set(name, [Number(entry[1]), Number.parseInt(String(entry[2]), 8)]);
  }
  return found;
}

function contentOf(path: string, mode: number): string {
  if ((mode & TYPE) === LINK) return readlinkSync(path);
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

async function recovered(name: string, work: (content: ByteSource) => Promise<void>) {
  const scope = openScope();
  try {
    const path = resolve('images', `${name}.qcow2`);
    await work((await openDisk(path, { format: 'auto', scope })).content);
  } finally {
    await scope.close();
  }
}

/** Directories within their inodes are not followed, and the row is an estimate. */
const UNFOLLOWED = 'ext4-fast-inline';

test('what is not followed is a doubt', () =>
  recovered(UNFOLLOWED, async (content) => {
    const { doubts } = await recoveredVolume(content, null);
    assert.ok(doubts.length > 0);
    for (const { code } of doubts) assert.equal(code, 'ESTIMATE');
  }));

describe('the descriptors of groups', () => {
  for (const name of Object.keys(images)) {
    test(`${name}: say what is free after the replay`, () =>
      recovered(name, async (content) => {
        const context = contextOf(content, await readHead(content));
        const counted = await replayJournal(context, null, 'counters');
        const { source } = await recoveredVolume(content, null);
        const whole = contextOf(source, await readHead(source));
        assert.deepEqual(
          await usageOf(whole, NOTHING, 'log', 'guest'),
          await usageOf(counted.context, counted.freed, 'log', 'guest'),
        );
      }));
  }
});

describe('the replayed journal', { skip }, () => {
  for (const [name, files] of Object.entries(images)) {
    if (name === UNFOLLOWED) continue;
    test(`${name}: has the files that the kernel has`, () =>
      recovered(name, async (content) => {
        const { source, doubts } = await recoveredVolume(content, null);
        assert.deepEqual(doubts, []);
        await assertFiles(source, files);
      }));
  }
});

async function assertFiles(
  source: ByteSource,
  files: Readonly<Record<string, Facts>>,
): Promise<void> {
  const raw = join(folder, 'raw');
  await copyTo(raw, source);
  const folders = Object.entries(files).filter(([, [, mode]]) => (mode & TYPE) === FOLDER);
  const found = listed(raw, ['', ...folders.map(([path]) => path)]);
  const known = Object.entries(files).map(([path, [inode, mode]]) => [path, [inode, mode]]);
  assert.deepEqual([...found].sort(), known.sort());
  const out = mkdtempSync(join(folder, 'out-'));
  execFileSync('debugfs', ['-n', '-R', `rdump / ${out}`, raw], { stdio: 'ignore' });
  for (const [path, [, mode, , size, content]] of Object.entries(files)) {
    if ((mode & TYPE) !== FILE && (mode & TYPE) !== LINK) continue;
    assert.equal(lstatSync(join(out, path)).size, size, path);
    assert.equal(contentOf(join(out, path), mode), content, path);
  }
  rmSync(out, { recursive: true });
}
