// What real mkfs programs write is named as blkid names it, and what two of them leave is judged as docs/signatures.md
// says. The oracle is `blkid -p`, which exits with 8 for what it finds ambivalent.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import { filesystems } from '../../src/filesystem/registry.js';
import type { SpecProbe } from '../../src/kaitai/index.js';
import { detect } from '../../src/usage/detect.js';
import { memorySource } from '../memory-source.js';
import { missing } from '../tools.js';

const env = { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` };
const MIB = 1024 * 1024;

let folder: string;
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-signatures-'));
  path = join(folder, 'image');
});
after(() => rmSync(folder, { recursive: true, force: true }));

function empty(sizeMib: number): void {
  writeFileSync(path, '', { mode: 0o600 });
  truncateSync(path, 0);
  truncateSync(path, sizeMib * MIB);
}

function run([tool = '', ...args]: readonly string[]): void {
  execFileSync(tool, [...args, path], { env, input: 'yes\n', stdio: ['pipe', 'ignore', 'ignore'] });
}

/** What blkid says: its values, or `ambivalent`. */
function blkid(): Readonly<Record<string, string>> | 'ambivalent' {
  const { status, stdout } = spawnSync('blkid', ['-p', '-o', 'export', path], { env });
  if (status === 8) return 'ambivalent';
  const lines = stdout.toString().trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
}

async function found() {
  const detected = await detect(memorySource(readFileSync(path)), true, filesystems);
  assert.equal(detected.kind, 'filesystem');
  assert.ok(detected.kind === 'filesystem');
  return detected.filesystem;
}

/** Where libblkid 2.38 says otherwise, and why it is not followed. */
const OTHERWISE: Readonly<Record<string, readonly ('LABEL' | 'UUID')[]>> = {
  bcache: ['LABEL'], // It came to know the label later.
  zonefs: ['LABEL', 'UUID'], // Its label has 32 bytes, that of Linux (ZONEFS_LABEL_LEN) has 64.
};
const PATTERN_MIB = 8;
const PAGE_BYTES = 4096;
/** Fewer would mean that blkid accepts hardly any of the patterns any more. */
const MIN_COMPARED = 15;

/** The signatures, and around them letters that tell by their order which bytes a label or a UUID was taken from. */
function patternOf({ all }: SpecProbe): Buffer {
  const bytes = Buffer.alloc(PATTERN_MIB * MIB);
  const placed = all.map(({ at, magic }) => ({ at: at < 0 ? bytes.length + at : at, magic }));
  for (const { at } of placed) {
    const start = Math.floor(at / PAGE_BYTES) * PAGE_BYTES;
    for (let i = start; i < Math.min(start + PAGE_BYTES, bytes.length); i++) {
      bytes[i] = 0x41 + ((i * 7 + Math.floor(i / 32)) % 26);
    }
  }
  for (const { at, magic } of placed) bytes.set(magic, at);
  return bytes;
}

it('labels and UUIDs are taken from where blkid takes them', {
  skip: missing({ blkid: 'util-linux' }),
}, async (t) => {
  const compared: string[] = [];
  for (const { name, layer, understood, probes } of catalog) {
    if (layer !== 'filesystem' || understood !== 'detected') continue;
    for (const probe of probes.filter(({ all }) => all.every(({ align }) => align === undefined))) {
      const bytes = patternOf(probe);
      writeFileSync(path, bytes);
      const theirs = blkid();
      const ours = await detect(memorySource(bytes), false, filesystems).catch(() => null);
      // Most have more to be right than letters: then neither takes it for anything.
      if (theirs === 'ambivalent' || theirs.TYPE === undefined || ours?.kind !== 'filesystem')
        continue;
      const { type, label, uuid } = ours.filesystem;
      assert.equal(type, theirs.TYPE, name);
      const known = OTHERWISE[name] ?? [];
      if (label !== null && /^[A-Z]+$/u.test(label) && !known.includes('LABEL')) {
        assert.equal(label, theirs.LABEL, `${name}: label`);
      }
      if (uuid !== null && !known.includes('UUID'))
        assert.equal(uuid, theirs.UUID, `${name}: UUID`);
      compared.push(name);
    }
  }
  t.diagnostic(`${new Set(compared).size} formats: ${[...new Set(compared)].join(' ')}`);
  assert.ok(new Set(compared).size >= MIN_COMPARED, compared.join(' '));
});

describe('what is only recognised', () => {
  const cases: readonly (readonly [string, number, readonly string[]])[] = [
    ['jfsutils', 16, ['mkfs.jfs', '-q', '-L', 'hello']],
    ['nilfs-tools', 16, ['mkfs.nilfs2', '-q', '-B', '16', '-L', 'hello']],
    ['ocfs2-tools', 200, ['mkfs.ocfs2', '-q', '-F', '-M', 'local', '-L', 'hello']],
    ['f2fs-tools', 64, ['mkfs.f2fs', '-q', '-l', 'hello']],
    ['reiserfsprogs', 48, ['mkreiserfs', '-q', '-f', '-f', '-l', 'photos']],
    ['hfsutils', 8, ['hformat', '-l', 'hello']],
    ['bcache-tools', 16, ['make-bcache', '-B']],
  ];
  for (const [debianPackage, sizeMib, command] of cases) {
    const [tool = ''] = command;
    it(`has the type, label and UUID that blkid prints: ${tool}`, {
      skip: missing({ [tool]: debianPackage, blkid: 'util-linux' }),
    }, async () => {
      empty(sizeMib);
      run(command);
      const expected = blkid();
      assert.ok(expected !== 'ambivalent');
      const { type, label, uuid, version } = await found();
      assert.equal(type, expected.TYPE);
      assert.equal(label, expected.LABEL ?? null);
      assert.equal(uuid, expected.UUID ?? null);
      if (expected.VERSION !== undefined && type !== 'reiserfs')
        assert.equal(version, expected.VERSION);
    });
  }
});

describe('two signatures', () => {
  const ext4 = ['mkfs.ext4', '-q', '-F'];
  const skip = missing({ 'mkfs.ext4': 'e2fsprogs', 'mkfs.jfs': 'jfsutils', blkid: 'util-linux' });

  it('is named with both where blkid is ambivalent', { skip }, async () => {
    empty(64);
    run(ext4);
    const head = readFileSync(path).subarray(1024, 2048);
    run(['mkfs.jfs', '-q']);
    const bytes = readFileSync(path);
    bytes.set(head, 1024);
    writeFileSync(path, bytes);
    assert.equal(blkid(), 'ambivalent');
    await assert.rejects(found(), {
      code: 'AMBIGUOUS',
      message: /ext4.*ext.* or jfs with the UUID/u,
    });
  });

  it('is an array that begins behind an old superblock', { skip }, async () => {
    empty(16);
    run(ext4);
    const bytes = readFileSync(path);
    bytes.set([0xfc, 0x4e, 0x2b, 0xa9, 1, 0, 0, 0], 4096);
    bytes.fill(7, 4096 + 16, 4096 + 32);
    writeFileSync(path, bytes);
    const { type, isUnread } = await found();
    assert.deepEqual({ type, isUnread }, { type: 'linux_raid_member', isUnread: true });
  });

  it('is the new one after every mkfs over ext4', {
    skip: skip || missing({ 'mkfs.xfs': 'xfsprogs', mkswap: 'util-linux' }),
  }, async () => {
    for (const [type, ...command] of [
      ['xfs', 'mkfs.xfs', '-q', '-f'],
      ['swap', 'mkswap', '-q'],
    ]) {
      empty(320);
      run(ext4);
      run(command);
      assert.equal((await found()).type, type);
      const verdict = blkid();
      assert.ok(verdict !== 'ambivalent');
      assert.equal(verdict.TYPE, type);
      run(ext4);
      assert.equal((await found()).type, 'ext4');
    }
  });
});
