// What real mkfs programs write is named as blkid names it, and what two of them leave is judged as docs/signatures.md
// says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import { AmbiguousError } from '../../src/errors.js';
import { detect } from '../../src/stack/detect.js';
import { memorySource } from '../memory-source.js';
import { missing, toolEnv } from '../tools.js';
import { blkid } from './blkid.js';

const MIB = 1024 * 1024;

let folder: string;
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-signatures-'));
  path = join(folder, 'image');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What `wipefs --json` prints. */
interface Wipefs {
  readonly signatures: readonly { readonly offset: string; type: string; uuid: string }[];
}

function empty(sizeMib: number): void {
  writeFileSync(path, '', { mode: 0o600 });
  truncateSync(path, 0);
  truncateSync(path, sizeMib * MIB);
}

function run([tool = '', ...args]: readonly string[]): void {
  execFileSync(tool, [...args, path], { env: toolEnv, stdio: 'ignore' });
}

async function found() {
  const detected = await detect(memorySource(readFileSync(path)), true, filesystems);
  assert.equal(detected.kind, 'filesystem');
  assert.ok(detected.kind === 'filesystem');
  return detected.filesystem;
}

/** The same of what is a member of something. */
async function identity() {
  const source = memorySource(readFileSync(path));
  const detected = await detect(source, true, filesystems);
  return detected.kind === 'member' ? detected.group.member(source) : found();
}

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
    it(`has the type, label, UUID and version that blkid prints: ${tool}`, {
      skip: missing({ [tool]: debianPackage, blkid: 'util-linux' }),
    }, async () => {
      empty(sizeMib);
      run(command);
      const expected = blkid(path);
      assert.ok(expected !== 'ambivalent');
      const { type, label, uuid, version } = await identity();
      assert.equal(type, expected.TYPE);
      assert.equal(label, expected.LABEL ?? null);
      assert.equal(uuid, expected.UUID ?? null);
      if (expected.VERSION !== undefined) assert.equal(version, expected.VERSION);
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
    assert.equal(blkid(path), 'ambivalent');
    const error = await found().then(
      () => null,
      (reason) => reason,
    );
    assert.ok(error instanceof AmbiguousError);
    assert.equal(error.code, 'AMBIGUOUS');
    const shown: Wipefs = JSON.parse(
      execFileSync('wipefs', ['--json', path], { env: toolEnv }).toString(),
    );
    assert.deepEqual(
      error.signatures.map(({ offsetBytes, type, uuid }) => ({ offsetBytes, type, uuid })),
      shown.signatures.map(({ offset, type, uuid }) => ({
        offsetBytes: Number(offset),
        type,
        uuid,
      })),
    );
    assert.match(
      error.message,
      /ext4 \(ext\) .* at byte 0x438, or jfs with the UUID .* at byte 0x8000/u,
    );
    // It names no command that erases one of them: nobody but the guest knows which one is in use.
    assert.doesNotMatch(error.message, /--offset/u);
    run(['wipefs', '--quiet', '--offset', `${error.signatures[0]?.offsetBytes}`]);
    assert.equal((await found()).type, 'jfs');
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
      const verdict = blkid(path);
      assert.ok(verdict !== 'ambivalent');
      assert.equal(verdict.TYPE, type);
      run(ext4);
      assert.equal((await found()).type, 'ext4');
    }
  });
});
