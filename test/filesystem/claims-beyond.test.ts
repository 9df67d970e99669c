// Read-only filesystems whose superblocks claim more than their volumes can hold: each has a problem or a doubt that says so,
// with both numbers, and the sound image has neither.
// References: the superblocks of Linux include/uapi/linux/cramfs_fs.h, fs/romfs, fs/squashfs/squashfs_fs.h, fs/erofs/erofs_fs.h.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanImages } from '../../src/index.js';
import { missing, toolEnv } from '../tools.js';

const skip = missing({
  'mkfs.cramfs': 'util-linux',
  genromfs: 'genromfs',
  mksquashfs: 'squashfs-tools',
  'mkfs.erofs': 'erofs-utils',
});

/** Where a number lies in the superblock, and what is written there. */
interface Claim {
  readonly at: number;
  readonly value: number | bigint;
  readonly isBigEndian?: boolean;
  readonly says: RegExp;
}

const FORMATS: Readonly<
  Record<string, { readonly make: readonly string[]; readonly claims: readonly Claim[] }>
> = {
  cramfs: {
    make: ['mkfs.cramfs', 'DIR', 'IMAGE'],
    claims: [
      { at: 4, value: 0xffff_ffff, says: /ends at byte 4294967295, .* only 4096 bytes/u },
      { at: 40, value: 0xffff_ffff, says: /4294967295 blocks, more than the 4096 bytes/u },
      { at: 44, value: 0xffff_ffff, says: /4294967295 files, more than the 4096 bytes/u },
    ],
  },
  romfs: {
    make: ['genromfs', '-d', 'DIR', '-f', 'IMAGE'],
    claims: [
      { at: 8, value: 0xffff_fff0, isBigEndian: true, says: /4194304 blocks .* only 1024 bytes/u },
    ],
  },
  squashfs: {
    make: ['mksquashfs', 'DIR', 'IMAGE', '-quiet', '-no-progress'],
    claims: [
      { at: 4, value: 0xffff_ffff, says: /4294967295 files, more than the 4096 bytes/u },
      { at: 40, value: 2n ** 50n, says: /8589934592 blocks of 131072 bytes, .* only 4096 bytes/u },
    ],
  },
  erofs: {
    make: ['mkfs.erofs', '-zlz4', 'IMAGE', 'DIR'],
    claims: [{ at: 1024 + 36, value: 0xffff_ffff, says: /4294967295 blocks .* only 4096 bytes/u }],
  },
};

for (const [format, { make, claims }] of Object.entries(FORMATS)) {
  test(`${format}: what cannot be is said`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'virt-df-claims-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const [files, image] = [join(folder, 'files'), join(folder, 'image')];
    mkdirSync(files);
    writeFileSync(join(files, 'a'), 'hi');
    const words = make.map((word) => (word === 'DIR' ? files : word === 'IMAGE' ? image : word));
    execFileSync(words[0] ?? '', words.slice(1), { env: toolEnv, stdio: 'ignore' });
    const reasons = async () => {
      const [report] = await scanImages([image], { format: 'raw' });
      const [row] = report?.filesystems ?? [];
      assert.equal(row?.type, format);
      return [...(row?.problem ? [row.problem] : []), ...(row?.doubts ?? [])];
    };
    assert.deepEqual(await reasons(), []);
    const sound = readFileSync(image);
    for (const { at, value, isBigEndian = false, says } of claims) {
      const claiming = Buffer.from(sound);
      if (typeof value === 'bigint') claiming.writeBigUInt64LE(value, at);
      else if (isBigEndian) claiming.writeUInt32BE(value, at);
      else claiming.writeUInt32LE(value, at);
      writeFileSync(image, claiming);
      const [reason] = await reasons();
      assert.match(reason?.message ?? 'nothing', says);
    }
  });
}
