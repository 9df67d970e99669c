// Fields that hold a power of two by its exponent, each with all 256 values, checksums right again: a shift by as much wraps
// around at 32 bits (`1 << 32` is 1), so that a size is small where it should be refused.
// References: CVE-2026-48095 (NTFS); Linux fs/ext4/ext4.h, fs/xfs/libxfs/xfs_format.h, fs/exfat/exfat_raw.h,
// include/linux/f2fs_fs.h, fs/ntfs3/ntfs.h, fs/squashfs/squashfs_fs.h, fs/erofs/erofs_fs.h.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { checkDoubts } from '../doubts.js';
import { dfOfSources } from '../queries/sources.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { memoryEditor } from './memory-editor.js';

const SUPERBLOCK = 1024;
const MAX_CPU_MS = 1000;

/** The copy that stands in where the first superblock is wrong, so that both are changed: its distance, or from the end. */
const COPIES: Readonly<Record<string, number>> = { 'f2fs-default': 4096, 'ntfs-default': -512 };

/** Where the fields lie: each is the lowest byte of its number. */
const FIELDS: Readonly<Record<string, readonly number[]>> = {
  'ext4-default': [SUPERBLOCK + 0x18, SUPERBLOCK + 0x1c],
  'xfs-default': [120, 121, 122, 123, 124],
  'exfat-default': [108, 109],
  'f2fs-default': [8, 12, 16, 20].map((field) => SUPERBLOCK + field),
  'ntfs-default': [0x0d, 0x40],
  'squashfs-xz': [22],
  'erofs-plain': [SUPERBLOCK + 12],
};

for (const [image, fields] of Object.entries(FIELDS)) {
  const path = join(resolve('images'), `${image}.qcow2`);
  const skip = existsSync(path) ? false : `needs images/${image}.qcow2`;
  test(`${image}: exponents of 0 to 255`, { skip }, async () => {
    const scope = openScope();
    try {
      const { content } = await openDisk(path, { format: 'auto', scope });
      const file = await memoryEditor(image, content, async (source) => {
        await dfOfSources([source]);
      });
      const seals = await filesystemSeals(file);
      const distance = COPIES[image] ?? null;
      const copy = distance !== null && distance < 0 ? content.sizeBytes + distance : distance;
      for (const field of fields) {
        const refused = new Set<number>();
        for (let exponent = 0; exponent < 256; exponent += 1) {
          file.write(field, Buffer.of(exponent));
          if (copy !== null) file.write(copy + field, Buffer.of(exponent));
          resealContent(file, seals);
          const where = `${exponent} at ${field}`;
          const start = process.cpuUsage();
          const { filesystems } = await dfOfSources([file.source]);
          const { user, system } = process.cpuUsage(start);
          assert.ok(user + system < MAX_CPU_MS * 1000, where);
          file.undo();
          const [row] = filesystems;
          assert.ok(row !== undefined && filesystems.length === 1, where);
          checkDoubts(row);
          // The last block may be a part of one; a size beyond that is told as a doubt.
          const most = content.sizeBytes + (row.blockSizeBytes ?? 0);
          assert.ok((row.sizeBytes ?? 0) <= most || row.doubts.length > 0, where);
          if (row.problem !== null) refused.add(exponent);
        }
        // What a shift of 32 bits takes for the exponent that is right: it plus 32, 64 and so on.
        const right = file.read(field, 1)[0] ?? 0;
        assert.ok(!refused.has(right), `${right} at ${field}`);
        for (let same = right + 32; same < 256; same += 32) {
          assert.ok(refused.has(same), `${same} at ${field} is not ${right}`);
        }
      }
    } finally {
      await scope.close();
    }
  });
}
