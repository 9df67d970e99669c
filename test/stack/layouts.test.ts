// Layouts of disks that were reported to others' trackers: nothing on them is silently absent, and nothing is wrongly named.
// The tools make the disks; the numbers expected are the kernel's (loop mounts) or the sizes that the tools were given.
import assert from 'node:assert/strict';
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { scanImages } from '../../src/index.js';
import { diskFolder, put, run } from '../disks.js';
import { missing } from '../tools.js';

const KIB = 1024;
const MIB = 1024 * KIB;

const { folder, sparse, made } = diskFolder('layouts');

/** An MBR with these entries: type, first sector, sectors. sfdisk refuses such tables as must be told here. */
function putMbr(path: string, entries: readonly (readonly [number, number, number])[]): void {
  const sector = Buffer.alloc(66);
  for (const [index, [type, first, count]] of entries.entries()) {
    sector.writeUInt8(type, 16 * index + 4);
    sector.writeUInt32LE(first, 16 * index + 8);
    sector.writeUInt32LE(count, 16 * index + 12);
  }
  sector.set([0x55, 0xaa], 64);
  put(path, 446, sector);
}

/** Each row as `device type`, or `device CODE`. */
async function rows(path: string): Promise<readonly string[]> {
  const [report] = await scanImages([path]);
  assert.ok(report !== undefined);
  return report.filesystems.map(
    ({ device, type, problem }) => `${device} ${problem?.code ?? type}`,
  );
}

/** That all of a disk is empty, and nothing is wrong with it. */
async function assertEmpty(path: string): Promise<void> {
  const { filesystems, volumes, problems } = await report(path);
  assert.deepEqual([filesystems, problems], [[], []]);
  assert.deepEqual(
    volumes.map(({ type }) => type),
    ['empty'],
  );
}

async function report(path: string) {
  const [found] = await scanImages([path]);
  assert.ok(found !== undefined);
  return found;
}

const gdisk = missing({ sgdisk: 'gdisk', 'mkfs.ext4': 'e2fsprogs' });

describe('what lies behind a filesystem', () => {
  const skip =
    gdisk ||
    missing({
      mksquashfs: 'squashfs-tools',
      'mkfs.erofs': 'erofs-utils',
      'mkfs.f2fs': 'f2fs-tools',
    });

  const systems = {
    squashfs: () => {
      const path = join(folder, 'system.squashfs');
      rmSync(path, { force: true });
      run('mksquashfs', 'docs', path, '-quiet', '-no-progress');
      return path;
    },
    erofs: () => {
      const path = join(folder, 'system.erofs');
      run('mkfs.erofs', path, 'docs');
      return path;
    },
  };
  const overlays = {
    ext4: () => made('overlay.ext4', 8 * MIB, 'mkfs.ext4', '-q', '-F'),
    f2fs: () => made('overlay.f2fs', 64 * MIB, 'mkfs.f2fs', '-q'),
  };
  for (const [system, makeSystem] of Object.entries(systems)) {
    for (const [overlay, makeOverlay] of Object.entries(overlays)) {
      for (const stepBytes of [64 * KIB, MIB]) {
        it(`is ${overlay} at a multiple of ${stepBytes} behind ${system}`, { skip }, async () => {
          const disk = sparse('disk.img', 128 * MIB);
          run('sgdisk', '-n1:2048:+1M', '-t1:ef02', '-n2:4096:0', disk);
          const from = makeSystem();
          const offset = Math.ceil(statSync(from).size / stepBytes) * stepBytes;
          put(disk, 2 * MIB, from);
          put(disk, 2 * MIB + offset, makeOverlay());
          assert.deepEqual(await rows(disk), [
            `/dev/sda2 ${system}`,
            `/dev/sda2@${offset} ${overlay}`,
          ]);
          const [row] = (await report(disk)).filesystems;
          assert.equal(row?.endBytes, null, 'what it leaves is taken');
        });
      }
    }
  }

  it('is said where it is nothing but room', { skip: gdisk }, async () => {
    const disk = sparse('grown.img', 64 * MIB);
    run('sgdisk', '-n1:2048:+40M', disk);
    put(disk, MIB, made('small.ext4', 32 * MIB, 'mkfs.ext4', '-q', '-F'));
    const { filesystems } = await report(disk);
    const [row] = filesystems;
    assert.deepEqual([row?.volumeBytes, row?.endBytes], [40 * MIB, 32 * MIB]);
    assert.equal(filesystems.length, 1);
  });
});

describe('empty is a claim about all of it', () => {
  it('that a sparse file proves', async () => {
    await assertEmpty(sparse('empty.img', 100 * 1024 * MIB));
  });

  it('that zeros which are stored prove', async () => {
    const path = sparse('zeros.img', 8 * MIB);
    writeFileSync(path, Buffer.alloc(8 * MIB));
    await assertEmpty(path);
  });

  function behindZeros(): string {
    const path = sparse('behind.img', 400 * MIB);
    put(path, 300 * MIB, Buffer.alloc(4096, 7));
    return path;
  }

  it('that data behind the zeros refute', async () => {
    const path = behindZeros();
    const { filesystems } = await report(path);
    assert.equal(filesystems[0]?.problem?.code, 'UNKNOWN_FILESYSTEM');
    assert.match(
      filesystems[0]?.problem?.message ?? '',
      /begin with zeros; \d+ bytes of data are stored, the first of them at byte 314572800/u,
    );
  });

  it('and an image in clusters', { skip: missing({ 'qemu-img': 'qemu-utils' }) }, async () => {
    const path = join(folder, 'behind.qcow2');
    run('qemu-img', 'convert', '-O', 'qcow2', behindZeros(), path);
    assert.deepEqual(await rows(path), ['/dev/sda UNKNOWN_FILESYSTEM']);
    run('qemu-img', 'create', '-f', 'qcow2', path, '2T');
    await assertEmpty(path);
  });
});

describe('a table that was lost', () => {
  it('is read from its backup, and that is said', { skip: gdisk }, async () => {
    const disk = sparse('wiped.img', 64 * MIB);
    run('sgdisk', '-n1:2048:+20M', '-n2:0:0', disk);
    put(disk, MIB, made('one.ext4', 20 * MIB, 'mkfs.ext4', '-q', '-F'));
    put(disk, 21 * MIB, made('two.ext4', 8 * MIB, 'mkfs.ext4', '-q', '-F'));
    put(disk, 0, Buffer.alloc(MIB));
    assert.deepEqual(await rows(disk), ['/dev/sda1 ext4', '/dev/sda2 ext4']);
    const messages = (await report(disk)).problems.map(({ message }) => message);
    assert.ok(messages.some((message) => /the backup at byte \d+ is used/u.test(message)));
  });

  for (const [name, offsetBytes] of [
    ['1 MiB', MIB],
    ['63 sectors', 63 * 512],
  ] as const) {
    it(`leaves a filesystem at ${name}, which the reason names`, { skip: gdisk }, async () => {
      const disk = sparse('bare.img', 64 * MIB);
      put(disk, offsetBytes, made('root.ext4', 20 * MIB, 'mkfs.ext4', '-q', '-F', '-L', 'root'));
      const { problems } = await report(disk);
      assert.match(
        problems[0]?.message ?? '',
        new RegExp(`ext4 'root' begins at byte ${offsetBytes}`, 'u'),
      );
    });
  }
});

describe('a partition', () => {
  it('of a boot loader’s type is looked into', { skip: gdisk }, async () => {
    const disk = sparse('types.img', 64 * MIB);
    run(
      'sgdisk',
      '-n1:2048:+20M',
      '-t1:ef02',
      '-n2:0:+1M',
      '-t2:ef02',
      '-n3:0:0',
      '-t3:0c01',
      disk,
    );
    put(disk, MIB, made('in-boot.ext4', 20 * MIB, 'mkfs.ext4', '-q', '-F'));
    const { filesystems, volumes } = await report(disk);
    assert.deepEqual(
      filesystems.map(({ device, type }) => `${device} ${type}`),
      ['/dev/sda1 ext4'],
    );
    assert.deepEqual(
      volumes.map(({ device, type }) => `${device} ${type}`).filter((row) => /sda[23]/u.test(row)),
      ['/dev/sda2 reserved', '/dev/sda3 reserved'],
    );
  });

  it('that shares bytes with another is a problem', {
    skip: missing({ 'mkfs.ext4': 'e2fsprogs' }),
  }, async () => {
    const disk = sparse('overlap.img', 64 * MIB);
    putMbr(disk, [
      [0x83, 2048, 40960],
      [0x83, 20480, 40960],
    ]);
    put(disk, MIB, made('first.ext4', 20 * MIB, 'mkfs.ext4', '-q', '-F'));
    const overlaps = (await report(disk)).problems.filter(({ code }) => code === 'OVERLAP');
    assert.equal(overlaps.length, 1);
    // 40960 + 2048 - 20480 sectors.
    assert.match(overlaps[0]?.message ?? '', /partitions 1 and 2 share 11534336 bytes/u);
  });
});

describe('a disc with a table around it', () => {
  it('has its row, and those of its partitions', {
    skip: missing({ xorriso: 'xorriso', 'mkfs.vfat': 'dosfstools' }),
  }, async () => {
    const path = join(folder, 'rescue.iso');
    run('xorriso', '-as', 'mkisofs', '-quiet', '-V', 'RESCUE', '-o', path, 'src');
    assert.ok(statSync(path).size > 1.2 * MIB);
    const esp = made('esp.fat', 2 * MIB, 'mkfs.vfat');
    truncateSync(path, 4 * MIB);
    put(path, MIB, esp);
    putMbr(path, [
      [0xcd, 1, 8191],
      [0xef, 2048, 4096],
    ]);
    const { filesystems, problems } = await report(path);
    assert.deepEqual(
      filesystems.map(({ device, type, label }) => [device, type, label]),
      [
        ['/dev/sda', 'iso9660', 'RESCUE'],
        ['/dev/sda2', 'vfat', null],
      ],
    );
    assert.deepEqual(problems, []);
  });
});
