// The filesystems that agents tell of, and the rows that they are.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disks, fields, found, recorded, row, told } from './recorded.js';

const MIB = 2 ** 20;
const TARGETS = disks('vda', 'vdb', 'vdc', 'vdd');

/** A filesystem of Linux's on a disk. */
const linux = (name: string, target: string, mountpoint: string, more: object = {}) => ({
  ...{ name, mountpoint, fstype: 'ext4', 'total-bytes': 100n, 'used-bytes': 10n },
  disks: [{ alias: target }],
  ...more,
});

describe('what a kernel and its agent said (scripts/images/agent_guest.py)', () => {
  const rows = () => [
    row('/dev/sda1', 'ext4', 10_240, 110_611_456, { sizeBytes: 120_015_872 }),
    row('/dev/sdb', 'xfs', 18_919_424, 249_516_032),
    row('/dev/sdd', 'btrfs', 6_062_080, 183_500_800, { sizeBytes: 268_435_456 }),
    row('/dev/vg/one', 'ext4', 1_325_056, 80_195_584, { sizeBytes: 88_566_784, disk: '/dev/sdc' }),
    row('/dev/vg/two', 'ext4', 14_336, 81_506_304, { sizeBytes: 88_566_784, disk: '/dev/sdc' }),
  ];

  test('disks by their aliases, whatever the guest calls them; second mounts once', () => {
    assert.deepEqual(found(told(rows(), TARGETS, recorded('reversed'))), [
      ['/dev/sda1', 'device', '/mnt/part /mnt/bind', 15_360],
      ['/dev/sdb', 'device', '/mnt/xfs /mnt/again', 18_919_424],
      ['/dev/sdd', 'device', '/mnt/btrfs', 6_062_080],
      ['/dev/vg/one', 'numbers', '/mnt/one', 1_325_056],
      ['/dev/vg/two', 'numbers', '/mnt/two', 14_336],
    ]);
  });

  test('the size stays the disk’s, the rest is the agent’s', () => {
    const [part] = told(rows(), TARGETS, recorded('reversed')).filesystems;
    assert.deepEqual(
      [part?.sizeBytes, part?.usedBytes, part?.freeBytes, part?.availBytes, part?.basis],
      [120_015_872, 15_360, 120_000_512, 110_606_336, 'agent'],
    );
    assert.deepEqual(part?.live?.numbers, ['usedBytes', 'freeBytes', 'availBytes']);
    assert.deepEqual(
      [part?.live?.diskUsedBytes, part?.live?.diskAvailBytes],
      [10_240, 110_611_456],
    );
  });

  test('volumes of one size are ambiguous while the numbers of one differ', () => {
    const [part, xfs, btrfs, one, two] = rows() as [never, never, never, never, never];
    const written = { ...(one as object), usedBytes: 1_000_000, availBytes: 80_520_640 };
    const report = told([part, xfs, btrfs, written as never, two], TARGETS, recorded('reversed'));
    assert.deepEqual(found(report).slice(3), [
      ['/dev/vg/one', 'ambiguous', '/mnt/one /mnt/two', 1_000_000],
      ['/dev/vg/two', 'ambiguous', '/mnt/one /mnt/two', 14_336],
    ]);
    assert.match(report.filesystems[3]?.remark ?? '', /one of \/mnt\/one, \/mnt\/two/u);
    assert.deepEqual(report.problems, []);
  });

  test('without a disk read, each is a row of its own', () => {
    const report = told([], TARGETS, recorded('reversed'));
    assert.deepEqual(found(report), [
      ['/dev/sda1', 'agent', '/mnt/part /mnt/bind', 15_360],
      ['/dev/sdb', 'agent', '/mnt/xfs /mnt/again', 18_919_424],
      ['dm-0', 'agent', '/mnt/one', 1_325_056],
      ['dm-1', 'agent', '/mnt/two', 14_336],
      ['/dev/sdd', 'agent', '/mnt/btrfs', 6_062_080],
    ]);
    const sizes = report.filesystems.map(({ sizeBytes }) => sizeBytes);
    assert.deepEqual(sizes, [null, 268_435_456, null, null, null]);
  });
});

describe('disks and partitions', () => {
  const one = (name: string, disk: object) =>
    fields([{ ...linux(name, '', '/'), disks: [disk as never] }]);
  const rows = [row('/dev/sda2', 'ext4', 1, 99), row('/dev/sdb2', 'ext4', 2, 98)];

  test('names of partitions', () => {
    for (const name of ['sda2', 'xvdz2', 'nvme0n1p2', 'mmcblk0p2', 'hdc2']) {
      const report = told(rows, TARGETS, one(name, { alias: 'vdb' }));
      assert.deepEqual(found(report)[1], ['/dev/sdb2', 'device', '/', 10], name);
    }
  });

  test('by the serial number where libvirt does not know the disk', () => {
    const own = disks(
      { target: 'vda', serial: 'A' },
      { target: 'sda', serial: 'SYSTEM-0123456789-ABCDEF' },
    );
    for (const serial of [
      'SYSTEM-0123456789-ABCDEF',
      'SYSTEM-0123456789-AB',
      '0QEMU_QEMU_HARDDISK_SYSTEM-0123456789-ABCDEF',
    ]) {
      assert.deepEqual(found(told(rows, own, one('sdq2', { serial })))[1], [
        '/dev/sdb2',
        'device',
        '/',
        10,
      ]);
    }
    const twice = disks({ target: 'vda', serial: 'S' }, { target: 'vdb', serial: 'S' });
    const report = told(
      [rows[0] as never, row('/dev/sdb1', 'ext4', 2, 99)],
      twice,
      one('sda2', { serial: 'S' }),
    );
    assert.deepEqual(found(report)[0], ['/dev/sda2', 'numbers', '/', 10]);
  });

  test('a disk that is not known is found by the numbers, or has a row of its own', () => {
    const strange = told(rows, TARGETS, one('sdq1', {}));
    assert.deepEqual(found(strange).slice(0, 2), [
      ['/dev/sda2', 'ambiguous', '/', 1],
      ['/dev/sdb2', 'ambiguous', '/', 2],
    ]);
    const other = told(
      rows,
      TARGETS,
      fields([{ ...linux('sdq1', '', '/data'), fstype: 'xfs', disks: [{}] }]),
    );
    assert.deepEqual(found(other)[2], ['sdq1', 'agent', '/data', 10]);
  });

  test('a btrfs over several disks may be called by any of them', () => {
    const own = [
      row('/dev/sda', 'btrfs', 1, 99, { disk: null, offsetBytes: null }),
      row('/dev/sdc', 'btrfs', 1, 99),
    ];
    const btrfs = { fstype: 'btrfs' };
    for (const name of ['vda', 'vdb']) {
      const report = told(own, TARGETS, fields([linux(name, name, '/', btrfs)]));
      assert.deepEqual(found(report)[0]?.[2], '/', name);
      assert.equal(report.filesystems.length, 2);
    }
    const alone = told(own.slice(1), TARGETS, fields([linux('vdb', 'vdb', '/', btrfs)]));
    assert.deepEqual(found(alone)[1], ['/dev/sdb', 'agent', '/', 10]);
  });

  test('another type than the disk has is a problem, and no number', () => {
    const report = told(rows, TARGETS, fields([linux('vda2', 'vda', '/', { fstype: 'xfs' })]));
    assert.deepEqual(found(report)[0], ['/dev/sda2', null, '', 1]);
    assert.deepEqual(
      report.problems.map(({ device, code }) => [device, code]),
      [['/dev/sda2', 'AGENT']],
    );
  });

  test('other words for a type', () => {
    for (const [type, word] of [
      ['ntfs', 'fuseblk'],
      ['exfat', 'fuseblk'],
      ['ntfs', 'ntfs3'],
      ['vfat', 'msdos'],
      ['ext3', 'ext4'],
    ] as const) {
      const own = [row('/dev/sda1', type, 1, 99)];
      const report = told(own, TARGETS, fields([linux('vda1', 'vda', '/', { fstype: word })]));
      assert.deepEqual(found(report), [['/dev/sda1', 'device', '/', 10]], `${type} ${word}`);
    }
  });

  test('what cannot be read keeps its problem, and has the agent’s numbers', () => {
    const problem = { code: 'UNKNOWN_FILESYSTEM', message: 'nothing known' } as const;
    const own = row('/dev/sda1', 'zfs', 0, 0, {
      ...{ type: null, sizeBytes: null, usedBytes: null },
      freeBytes: null,
      availBytes: null,
      problem,
    });
    const report = told([own], TARGETS, fields([linux('vda1', 'vda', '/tank', { fstype: 'zfs' })]));
    assert.deepEqual(found(report), [['/dev/sda1', 'device', '/tank', 10]]);
    assert.deepEqual(report.filesystems[0]?.problem, problem);
  });
});

describe('volumes without a name', () => {
  const volume = (number: number, total: bigint, used: bigint, more: object = {}) =>
    linux(`dm-${number}`, 'vdc', `/v${number}`, {
      'total-bytes': total,
      'used-bytes': used,
      ...more,
    });

  test('by their sizes, though all of them were written to', () => {
    const rows = [
      row('/dev/vg/a', 'xfs', 10, 90),
      row('/dev/vg/b', 'xfs', 10, 190),
      row('/dev/vg/c', 'ext4', 10, 90),
    ];
    const answer = [
      volume(2, 200n, 50n, { fstype: 'xfs' }),
      volume(1, 100n, 60n),
      volume(0, 100n, 70n, { fstype: 'xfs' }),
    ];
    assert.deepEqual(found(told(rows, TARGETS, fields(answer))), [
      ['/dev/vg/a', 'numbers', '/v0', 70],
      ['/dev/vg/b', 'numbers', '/v2', 50],
      ['/dev/vg/c', 'numbers', '/v1', 60],
    ]);
  });

  test('of one size: only where all fit to the byte', () => {
    // One file ahead of each other, as replicas are: what is used of the first now was used of the second before.
    const rows = [row('/dev/vg/a', 'xfs', 20, 80), row('/dev/vg/b', 'xfs', 30, 70)];
    const xfs = { fstype: 'xfs' };
    const ahead = told(
      rows,
      TARGETS,
      fields([volume(0, 100n, 30n, xfs), volume(1, 100n, 40n, xfs)]),
    );
    assert.deepEqual(
      found(ahead).map(([, match]) => match),
      ['ambiguous', 'ambiguous'],
    );
    const equal = told(
      rows,
      TARGETS,
      fields([volume(0, 100n, 30n, xfs), volume(1, 100n, 20n, xfs)]),
    );
    assert.deepEqual(
      found(equal).map(([, , path]) => path),
      ['/v1', '/v0'],
    );
    const same = told(
      [row('/dev/vg/a', 'xfs', 20, 80), row('/dev/vg/b', 'xfs', 20, 80)],
      TARGETS,
      fields([volume(0, 100n, 20n, xfs)]),
    );
    assert.deepEqual(
      found(same).map(([, match]) => match),
      ['ambiguous', 'ambiguous'],
    );
  });

  test('one that is not mounted stays the disk’s', () => {
    const rows = [row('/dev/vg/a', 'xfs', 20, 80), row('/dev/vg/b', 'xfs', 30, 70)];
    const report = told(rows, TARGETS, fields([volume(0, 100n, 30n, { fstype: 'xfs' })]));
    assert.deepEqual(found(report), [
      ['/dev/vg/a', null, '', 20],
      ['/dev/vg/b', 'numbers', '/v0', 30],
    ]);
  });

  test('one over several disks, and a full one, whose reserve is no part of its total', () => {
    const rows = [row('/dev/vg/a', 'ext4', 100, 0), row('/dev/vg/b', 'xfs', 30, 70)];
    const on = (...all: readonly string[]) => ({ disks: all.map((alias) => ({ alias })) });
    const answer = [
      volume(0, 98n, 98n, on('vda', 'vdb')),
      volume(1, 100n, 40n, { fstype: 'xfs', ...on('vdb', 'vdc') }),
    ];
    assert.deepEqual(
      found(told(rows, TARGETS, fields(answer))).map(([, match, path]) => [match, path]),
      [
        ['numbers', '/v0'],
        ['numbers', '/v1'],
      ],
    );
  });

  test('what is in an encrypted volume is a row of its own', () => {
    const problem = { code: 'ENCRYPTED', message: 'no key' } as const;
    const locked = row('/dev/sdc', 'crypto_LUKS', 0, 0, {
      ...{ sizeBytes: null, usedBytes: null },
      freeBytes: null,
      availBytes: null,
      problem,
    });
    const report = told([locked], TARGETS, fields([volume(0, 100n, 30n)]));
    assert.deepEqual(found(report), [
      ['/dev/sdc', null, '', null],
      ['dm-0', 'agent', '/v0', 30],
    ]);
    assert.equal(report.filesystems[1]?.disk, '/dev/sdc');
  });

  test('where the total tells nothing, nothing is taken for what only looks alike', () => {
    // The disc in a drive, and the disk that the guest was set up from.
    const seed = row('/dev/sdb', 'iso9660', 700, 0);
    const disc = linux('sr0', 'hdc', '/media', {
      ...{ fstype: 'iso9660', 'total-bytes': 366n, 'used-bytes': 366n },
    });
    assert.deepEqual(found(told([seed], TARGETS, fields([disc]))), [
      ['/dev/sdb', null, '', 700],
      ['sr0', 'agent', '/media', 366],
    ]);
    // A partition that is not mounted, beside one that is encrypted.
    const idle = row('/dev/sdc2', 'btrfs', 20, 80);
    const locked = volume(0, 90n, 30n, { fstype: 'btrfs' });
    assert.deepEqual(found(told([idle], TARGETS, fields([locked]))), [
      ['/dev/sdc2', null, '', 20],
      ['dm-0', 'agent', '/v0', 30],
    ]);
  });

  test('paths to one disk are its device mapper’s', () => {
    const rows = [row('/dev/sdc', 'ext4', 20, 80)];
    assert.deepEqual(found(told(rows, TARGETS, fields([volume(0, 100n, 30n)]))), [
      ['/dev/sdc', 'numbers', '/v0', 30],
    ]);
  });
});

describe('Windows, as its agent names volumes (QEMU qga/commands-win32.c)', () => {
  const windows = (guid: string, mountpoint: string, total: number, disk: object) => ({
    ...{ name: `\\\\?\\Volume{${guid}}\\`, mountpoint, fstype: 'NTFS' },
    ...{ 'total-bytes': BigInt(total), 'used-bytes': BigInt(MIB) },
    disks: [{ device: '\\\\.\\PhysicalDrive0', ...disk }],
  });
  const rows = () => [
    row('/dev/sda1', 'ntfs', 40 * MIB, 9 * MIB),
    row('/dev/sda2', 'ntfs', 40 * MIB, 59 * MIB),
    row('/dev/sdb1', 'ntfs', 40 * MIB, 59 * MIB),
  ];

  test('by its partition: a GPT has its identifier, and of an MBR it says where it begins', () => {
    const own = [
      row('/dev/sda1', 'ntfs', 40 * MIB, 59 * MIB, { offsetBytes: 0x100000 }),
      row('/dev/sda2', 'ntfs', 40 * MIB, 59 * MIB, { offsetBytes: 0x1f500000 }),
      row('/dev/sdb2', 'ntfs', 40 * MIB, 59 * MIB, {
        partitionUuid: '5a1c21a0-3f4e-4d22-a0d7-2dfc5cbc1f1e',
      }),
      row('/dev/sdb3', 'ntfs', 40 * MIB, 59 * MIB),
    ];
    const answer = [
      windows('0BA0C3D2-0000-0000-0000-501F00000000', 'C:\\', 99 * MIB, { alias: 'sda' }),
      windows('5a1c21a0-3f4e-4d22-a0d7-2dfc5cbc1f1e', 'D:\\', 99 * MIB, {}),
      windows('0ba0c3d2-0000-0000-0000-100000000000', 'System', 99 * MIB, { alias: 'sda' }),
    ];
    assert.deepEqual(found(told(own, disks('sda', 'sdb'), fields(answer))), [
      ['/dev/sda1', 'device', 'System', MIB],
      ['/dev/sda2', 'device', 'C:\\', MIB],
      ['/dev/sdb2', 'device', 'D:\\', MIB],
      ['/dev/sdb3', null, '', 40 * MIB],
    ]);
  });

  test('by disk, type and size', () => {
    const answer = [
      windows('0ba0c3d2-0000-0000-0000-100000000000', 'System Reserved', 49 * MIB, {
        alias: 'sda',
      }),
      windows('5a1c21a0-3f4e-4d22-a0d7-2dfc5cbc1f1e', 'C:\\', 99 * MIB, { alias: 'sda' }),
      windows('e1b7ab2f-7d2c-4a3c-8a52-0d8a6f0a7d11', 'D:\\', 99 * MIB, { serial: 'DATA' }),
    ];
    const own = disks('sda', { target: 'sdb', serial: 'DATA' });
    assert.deepEqual(found(told(rows(), own, fields(answer))), [
      ['/dev/sda1', 'numbers', 'System Reserved', MIB],
      ['/dev/sda2', 'numbers', 'C:\\', MIB],
      ['/dev/sdb1', 'numbers', 'D:\\', MIB],
    ]);
  });
});

test('numbers that cannot be are a doubt, and the disk’s stay', () => {
  const rows = [row('/dev/sda1', 'ext4', 1, 9)];
  for (const [total, used] of [
    [100n, 10n],
    [5n, 10n],
  ]) {
    const report = told(
      rows,
      TARGETS,
      fields([linux('vda1', 'vda', '/', { 'total-bytes': total, 'used-bytes': used })]),
    );
    assert.deepEqual(found(report), [['/dev/sda1', 'device', '/', 1]]);
    assert.deepEqual(
      report.filesystems[0]?.doubts.map(({ code }) => code),
      ['INVALID'],
    );
  }
});

test('an agent that tells no sizes tells where it is mounted', () => {
  const { 'total-bytes': _, 'used-bytes': __, ...old } = linux('vda1', 'vda', '/');
  const report = told([row('/dev/sda1', 'ext4', 1, 9)], TARGETS, fields([old]));
  assert.deepEqual(found(report), [['/dev/sda1', 'device', '/', 1]]);
  const alone = told([], TARGETS, fields([old]));
  assert.deepEqual(
    alone.problems.map(({ device, code }) => [device, code]),
    [['/dev/sda1', 'AGENT']],
  );
});
