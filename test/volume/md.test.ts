// A guest with a mirror: its halves are members, and what they hold is one row, whatever the metadata.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { scanImages } from '../../src/index.js';
import { blkid } from '../stack/blkid.js';
import { type MdMember, type MdVersion, mdOffset, mdSuperblock } from '../stack/md-superblock.js';
import { missing, toolEnv } from '../tools.js';

const MIB = 1024 * 1024;
const SIZE_BYTES = 64 * MIB;
/** A level that is only recognised. */
const MULTIPATH = -4;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-md-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A filesystem that an array of this metadata has room for. */
function content(version: MdVersion, label: string): Buffer {
  const path = join(folder, 'content');
  writeFileSync(path, '');
  truncateSync(path, version === '1.0' || version === '0.90' ? 62 * MIB : 63 * MIB);
  execFileSync('mkfs.ext4', ['-q', '-F', '-L', label, path], { env: toolEnv });
  return readFileSync(path);
}

/** A disk of the array; its path. */
function half(name: string, bytes: Buffer, member: Omit<MdMember, 'sizeBytes'>): string {
  const { version } = member;
  const disk = Buffer.alloc(SIZE_BYTES);
  bytes.copy(disk, version === '1.1' || version === '1.2' ? MIB : 0);
  mdSuperblock({ ...member, sizeBytes: SIZE_BYTES }).copy(disk, mdOffset(version, SIZE_BYTES));
  const path = join(folder, name);
  writeFileSync(path, disk);
  return path;
}

async function rows(paths: readonly string[]) {
  const [report] = await scanImages(paths, { sameGuest: true });
  assert.ok(report);
  return report;
}

const skip = missing({ 'mkfs.ext4': 'e2fsprogs', blkid: 'util-linux' });

describe('a mirror', () => {
  for (const version of ['0.90', '1.0', '1.1', '1.2'] as const) {
    it(`with metadata ${version} is one row`, { skip }, async () => {
      const bytes = content(version, 'mirrored');
      const disks = [0, 1].map((role) => half(`disk${role}`, bytes, { version, role }));
      const report = await rows(disks);
      assert.deepEqual(
        report.filesystems.map(({ device, type, label, problem }) => [
          device,
          type,
          label,
          problem,
        ]),
        [['/dev/md127', 'ext4', 'mirrored', null]],
      );
      const alone = await rows([join(folder, 'content')]);
      for (const key of ['sizeBytes', 'freeBytes', 'availBytes', 'files', 'filesFree'] as const)
        assert.equal(report.filesystems[0]?.[key], alone.filesystems[0]?.[key], key);
      const theirs = blkid(disks[0] ?? '');
      assert.ok(theirs !== 'ambivalent');
      assert.deepEqual(
        report.volumes.map(({ device, type, label, fsUuid, fsVersion }) => [
          ...[device, type, label, fsUuid, fsVersion],
        ]),
        ['/dev/sda', '/dev/sdb'].map((device) => [
          ...[device, theirs.TYPE, theirs.LABEL ?? null, theirs.UUID, theirs.VERSION],
        ]),
      );
    });
  }

  it('is read from the half that was written last', { skip }, async () => {
    for (const version of ['0.90', '1.2'] as const) {
      const disks = [
        half('disk0', content(version, 'old'), { version, role: 0, events: 5 }),
        half('disk1', content(version, 'new'), { version, role: 1, events: 6 }),
      ];
      assert.equal((await rows(disks)).filesystems[0]?.label, 'new');
      assert.equal((await rows(disks.slice(0, 1))).filesystems[0]?.label, 'old');
    }
  });

  it('of another level is recognised as blkid does, whatever the metadata', { skip }, async () => {
    for (const version of ['0.90', '1.0', '1.1', '1.2'] as const) {
      const path = half('striped', Buffer.alloc(0), { version, level: MULTIPATH });
      const [row] = (await rows([path])).filesystems;
      const theirs = blkid(path);
      assert.ok(theirs !== 'ambivalent');
      assert.equal(row?.type, theirs.TYPE);
      assert.equal(row?.fsVersion, theirs.VERSION);
      assert.equal(row?.label, theirs.LABEL ?? null);
      assert.equal(row?.fsUuid, theirs.UUID);
    }
  });

  it('of metadata 0.90 in the other byte order is recognised as blkid does', { skip }, async () => {
    const path = half('other-order', Buffer.alloc(0), { version: '0.90', level: MULTIPATH });
    const bytes = readFileSync(path);
    const at = bytes.length - (bytes.length % (64 * 1024)) - 64 * 1024;
    bytes.subarray(at, at + 4096).swap32();
    writeFileSync(path, bytes);
    const theirs = blkid(path);
    assert.ok(theirs !== 'ambivalent' && theirs.TYPE === 'linux_raid_member');
    const [row] = (await rows([path])).filesystems;
    assert.deepEqual(
      [row?.type, row?.fsVersion, row?.fsUuid],
      [theirs.TYPE, theirs.VERSION, theirs.UUID],
    );
  });

  it('is not what has another level or a wrong checksum', { skip }, async () => {
    const bytes = content('1.2', 'x');
    const striped = await rows([half('disk0', bytes, { version: '1.2', level: MULTIPATH })]);
    assert.equal(striped.filesystems[0]?.problem?.code, 'UNSUPPORTED_FEATURE');
    assert.equal(striped.filesystems[0]?.type, 'linux_raid_member');
    assert.equal(striped.filesystems[0]?.sizeBytes, SIZE_BYTES);
    const path = half('disk1', bytes, { version: '1.2' });
    const damaged = readFileSync(path);
    damaged[4096 + 200] = 99;
    writeFileSync(path, damaged);
    assert.equal((await rows([path])).filesystems[0]?.type, 'linux_raid_member');
  });
});
