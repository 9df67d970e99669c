// Fast commits: what the kernel refuses or leaves out, names' hashes, and notes that lie. That the numbers are the
// kernel's is held by the images of filesystems with fast commits (test/images).
// References: Linux 6.18 fs/ext4/fast_commit.c: ext4_fc_replay_scan; debugfs(8), dx_hash.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { crc32c } from '../../src/bytes/crc32c.js';
import { VirtDfError } from '../../src/errors.js';
import { nameHash } from '../../src/filesystem/ext/fast-commit/name-hash.js';
import { ext } from '../../src/filesystem/ext.js';
import { cpuTime } from '../cpu-time.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { missing } from '../tools.js';

const skip = missing({ 'qemu-img': 'qemu-utils' });
const BLOCK = 1024;
const HEAD = Buffer.from([9, 0, 8, 0, 0, 0, 0, 0]);
const PAD = 7;
const TAIL = 8;

let folder = '';
const images = new Map<string, Buffer>();

before(() => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'virt-df-fast-'));
  for (const name of ['names-1k', 'extents-1k', 'directories-1k', 'orphans']) {
    const raw = join(folder, name);
    execFileSync('qemu-img', ['convert', '-O', 'raw', `images/ext4-fast-${name}.qcow2`, raw]);
    images.set(name, readFileSync(raw));
  }
});
after(() => (folder === '' ? undefined : rmSync(folder, { recursive: true })));

function image(name: string): Buffer {
  const bytes = images.get(name);
  assert.ok(bytes);
  return Buffer.from(bytes);
}

/** Where the fast commits begin: only their first block begins so. */
function fastCommits(bytes: Buffer): number {
  for (let at = bytes.indexOf(HEAD); at >= 0; at = bytes.indexOf(HEAD, at + 1)) {
    if (at % BLOCK === 0) return at;
  }
  return assert.fail('there are no fast commits');
}

interface Tag {
  readonly at: number;
  readonly tag: number;
  readonly length: number;
}

/** All tags up to and with the last tail. */
function tagsOf(bytes: Buffer): Tag[] {
  const tags: Tag[] = [];
  let complete = 0;
  for (let block = fastCommits(bytes); ; block += BLOCK) {
    for (let at = block; at + 4 <= block + BLOCK; ) {
      const tag = { at, tag: bytes.readUInt16LE(at), length: bytes.readUInt16LE(at + 2) };
      if (tag.tag === 0 || tag.tag > 9 || (tag.tag === 9 && at !== fastCommits(bytes))) {
        return tags.slice(0, complete);
      }
      tags.push(tag);
      if (tag.tag === TAIL) complete = tags.length;
      at += 4 + tag.length;
    }
    const last = tags.at(-1);
    if (last?.tag !== TAIL && last?.tag !== PAD && bytes.readUInt16LE(block + BLOCK) === 0) {
      return tags.slice(0, complete);
    }
  }
}

/** Puts the checksums of all commits right. */
function heal(bytes: Buffer, tags: readonly Tag[]): void {
  let sum = 0;
  for (const { at, tag, length } of tags) {
    sum = crc32c(sum, bytes, at, at + (tag === TAIL ? 8 : 4 + length));
    if (tag !== TAIL) continue;
    bytes.writeUInt32LE(sum, at + 8);
    sum = 0;
  }
}

async function usageOf(bytes: Buffer) {
  return (await ext.open(memorySource(bytes))).usage('guest');
}

describe('what the kernel refuses is stale', { skip }, () => {
  const stale = async (change: (bytes: Buffer, tags: Tag[]) => void): Promise<void> => {
    const bytes = image('names-1k');
    change(bytes, tagsOf(bytes));
    const usage = await usageOf(bytes);
    assert.equal(usage.isStale, true);
    assert.equal(usage.basis, 'metadata');
  };

  test('a wrong checksum of the first commit', () =>
    stale((bytes, tags) => {
      const tail = tags.find(({ tag }) => tag === TAIL)?.at ?? 0;
      bytes.writeUInt32LE(1, tail + 8);
    }));

  test('an unknown feature', () =>
    stale((bytes, tags) => {
      bytes.writeUInt32LE(4, fastCommits(bytes) + 4);
      heal(bytes, tags);
    }));

  test('an unknown tag in the first commit', () =>
    stale((bytes, tags) => bytes.writeUInt16LE(77, tags[1]?.at ?? 0)));

  test('an inode that has no name', () =>
    stale((bytes, tags) => {
      const inode = tags.find(({ tag }) => tag === 6)?.at ?? 0;
      bytes.writeUInt16LE(0, inode + 8 + 26);
      heal(bytes, tags);
    }));
});

describe('what is left behind is left out', { skip }, () => {
  test('notes of another transaction', async () => {
    const bytes = image('names-1k');
    bytes.writeUInt32LE(1_000_000, fastCommits(bytes) + 8);
    const usage = await usageOf(bytes);
    assert.equal(usage.isStale, false);
    assert.equal(usage.basis, 'log');
  });

  test('a commit that is damaged, and all behind it', async () => {
    const tails = tagsOf(image('extents-1k')).filter(({ tag }) => tag === TAIL);
    assert.ok(tails.length >= 4, `${tails.length} commits`);
    const free = new Set<number | null>();
    for (const damaged of [tails.at(1), tails.at(3), undefined]) {
      const bytes = image('extents-1k');
      if (damaged !== undefined) bytes.writeUInt32LE(1, damaged.at + 8);
      const usage = await usageOf(bytes);
      assert.equal(usage.basis, 'log');
      free.add(usage.freeBlockCount);
    }
    assert.equal(free.size, 3, [...free].join(', '));
  });
});

const debugfs = missing({ debugfs: 'e2fsprogs' });

describe('hashes of names are those of debugfs', { skip: debugfs }, () => {
  for (const [version, algorithm] of ['legacy', 'half_md4', 'tea'].entries()) {
    test(algorithm, () => {
      const next = random(algorithm);
      const names = Array.from({ length: 60 }, (_, i) => {
        const letters = Array.from({ length: (i * 7) % 120 }, () => 'aZ09.-_äß€'[next(10)]);
        return ['n', ...letters].join('');
      });
      const seedBytes = Buffer.from('5eed5eed01025eed8ead5eed5eed5eff', 'hex');
      const seed = [0, 4, 8, 12].map((at) => seedBytes.readUInt32LE(at));
      const seedWord = '5eed5eed-0102-5eed-8ead-5eed5eed5eff';
      const requests = names.map((name) => `dx_hash -h ${algorithm} -s ${seedWord} ${name}\n`);
      const text = execFileSync('debugfs', ['-f', '-'], {
        input: Buffer.from(requests.join('')),
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString('latin1');
      const truth = [...text.matchAll(/ is 0x([0-9a-f]+) /gu)].map(([, hex]) => `0x${hex}`);
      const ours = (isUnsigned: boolean) =>
        names.map((name) => {
          const hash = nameHash({ version, isUnsigned, seed }, Buffer.from(name));
          return `0x${hash.toString(16)}`;
        });
      assert.deepEqual(ours(false), truth);
      // debugfs has characters of the type signed char; where both say the same, there are none above 127.
      for (const [i, hash] of ours(true).entries()) {
        assert.equal(hash === truth[i], /^[ -~]*$/u.test(names[i] ?? ''), names[i]);
      }
    });
  }
});

describe('notes that lie', { skip }, () => {
  const cases = { 'names-1k': 40, 'extents-1k': 10, 'directories-1k': 12, orphans: 40 };
  for (const [name, count] of Object.entries(cases)) {
    test(`${count} changes of ${name}, with checksums that are right`, async () => {
      const next = random(name);
      const tags = tagsOf(image(name));
      const odd = [0, 1, 2, 11, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];
      for (let i = 0; i < count; i++) {
        const bytes = image(name);
        for (let changes = 1 + next(6); changes > 0; changes--) {
          const { at, tag, length } = tags[next(tags.length)] ?? assert.fail();
          if (tag === TAIL || tag === PAD || tag === 9 || length < 4) continue;
          const where = at + 4 + next(length - 3);
          if (next(2) === 0) bytes.writeUInt32LE(odd[next(odd.length)] ?? 0, where);
          else bytes[where] = next(256);
        }
        heal(bytes, tags);
        const spentMs = cpuTime();
        try {
          const { freeBlockCount, blockCount } = await usageOf(bytes);
          assert.ok(Number.isSafeInteger(freeBlockCount), `${freeBlockCount} of ${blockCount}`);
        } catch (error) {
          assert.ok(error instanceof VirtDfError, String(error));
        }
        assert.ok(spentMs() < 5000, `case ${i} took ${spentMs()} ms`);
      }
    });
  }

  test('all is deleted, of a file that claims all blocks there can be', async () => {
    const bytes = image('extents-1k');
    const tags = tagsOf(bytes);
    for (const { at, tag } of tags) {
      if (tag !== 2) continue;
      bytes.writeUInt32LE(0, at + 8);
      bytes.writeUInt32LE(0xffffffff, at + 12);
    }
    heal(bytes, tags);
    await usageOf(bytes);
  });
});
