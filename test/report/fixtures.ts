// Reports made by hand: a small host with a full guest, a stale one, an encrypted disk and an image that is missing.
import type {
  DiskRecord,
  FilesystemRecord,
  GuestReport,
  ProblemRecord,
  VolumeRecord,
} from '../../src/queries/report.js';

export const KIB = 1024;
export const GIB = 1024 ** 3;

/** A filesystem of 4 KiB blocks; sizes are given in blocks. */
export function filesystem(
  guest: string,
  device: string,
  blocks: { size: number; free: number; avail: number },
  more: Partial<FilesystemRecord> = {},
): FilesystemRecord {
  const bytes = (count: number) => count * 4096;
  return {
    guest,
    uuid: null,
    disk: '/dev/sda',
    device,
    offsetBytes: 1_048_576,
    partitionBytes: null,
    type: 'ext4',
    label: null,
    fsUuid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    fsVersion: '1.0',
    blockSizeBytes: 4096,
    volumeBytes: bytes(blocks.size),
    endBytes: bytes(blocks.size),
    remark: null,
    sizeBytes: bytes(blocks.size),
    usedBytes: bytes(blocks.size - blocks.free),
    freeBytes: bytes(blocks.free),
    availBytes: bytes(blocks.avail),
    files: 655_360,
    filesUsed: 131_072,
    filesFree: 524_288,
    basis: 'metadata',
    stale: false,
    readOnly: false,
    reclaimableBytes: null,
    deletedOpenBytes: null,
    view: null,
    doubts: [],
    problem: null,
    ...more,
  };
}

/** A place that could not be read. */
export function unread(
  guest: string,
  device: string,
  problem: NonNullable<FilesystemRecord['problem']>,
): FilesystemRecord {
  return {
    ...filesystem(guest, device, { size: 0, free: 0, avail: 0 }),
    type: null,
    fsUuid: null,
    fsVersion: null,
    blockSizeBytes: null,
    sizeBytes: null,
    usedBytes: null,
    freeBytes: null,
    availBytes: null,
    files: null,
    filesUsed: null,
    filesFree: null,
    basis: null,
    stale: null,
    readOnly: null,
    problem,
  };
}

export function disk(path: string, name = '/dev/sda'): DiskRecord {
  return {
    disk: name,
    target: null,
    path,
    format: 'qcow2',
    capacityBytes: 20 * GIB,
    allocationBytes: 9 * GIB,
    physicalBytes: 10 * GIB,
    layerCount: 2,
    access: 'file',
    isShareable: false,
  };
}

/** A report whose problems are those of its rows, as scan makes it, and `more`. */
export function report(
  guest: string,
  filesystems: readonly FilesystemRecord[],
  more: {
    readonly volumes?: readonly VolumeRecord[];
    readonly problems?: readonly ProblemRecord[];
    readonly disks?: readonly DiskRecord[];
    readonly state?: string;
    readonly uri?: string;
    readonly uuid?: string;
  } = {},
): GuestReport {
  const { volumes = [], problems = [], disks = [disk(`/images/${guest}.qcow2`)] } = more;
  const { uuid = null, state = null, uri = null } = more;
  const ofRows = filesystems.flatMap(({ disk, device, problem }) =>
    problem === null ? [] : [{ guest, disk, device, ...problem }],
  );
  return {
    guest,
    uuid,
    state,
    uri,
    disks,
    filesystems: filesystems.map((record) => ({ ...record, uuid })),
    volumes,
    problems: [...ofRows, ...problems],
    partFiles: [],
    statistics: { readCount: 12, bytesRead: 98_304 },
  };
}

const LIBVIRT = { uri: 'qemu:///system', state: 'running' };

/** What most tests show. */
export const HOST: readonly GuestReport[] = [
  report(
    'web1',
    [
      filesystem('web1', '/dev/sda1', { size: 2_569_011, free: 235_930, avail: 107_776 }),
      filesystem(
        'web1',
        '/dev/vg/data',
        { size: 26_201_600, free: 23_068_672, avail: 23_068_672 },
        { type: 'xfs', label: 'data', disk: null, files: null, filesUsed: null, filesFree: null },
      ),
    ],
    {
      ...LIBVIRT,
      uuid: '6a1f0c62-3c5e-4e0c-9a57-0d3b1c6f5e10',
      volumes: [
        {
          guest: 'web1',
          disk: '/dev/sda',
          device: '/dev/sda2',
          type: 'LVM2_member',
          offsetBytes: 1_048_576,
          partitionBytes: 100 * GIB,
          sizeBytes: 100 * GIB,
          label: null,
          fsUuid: 'W3kZ1u-1111-2222-3333-4444-5555-666666',
          fsVersion: 'LVM2 001',
        },
      ],
    },
  ),
  report(
    'win7',
    [
      filesystem(
        'win7',
        '/dev/sda2',
        { size: 15_728_640, free: 4_980_736, avail: 4_980_736 },
        {
          type: 'ntfs',
          stale: true,
          doubts: [{ code: 'IN_USE', message: 'ntfs: $LogFile was not closed' }],
        },
      ),
    ],
    { ...LIBVIRT, uuid: '0b4f5d1e-8a8f-4f7f-8d55-6d1f2f7f9a11' },
  ),
  report(
    'db2',
    [
      unread('db2', '/dev/sdb', {
        code: 'ENCRYPTED',
        message: 'this is a LUKS2 volume, and it is encrypted',
      }),
    ],
    { ...LIBVIRT, uuid: 'b7e1c2d3-0000-4000-8000-0123456789ab' },
  ),
  report('gone.img', [], {
    problems: [
      {
        guest: 'gone.img',
        disk: null,
        device: null,
        code: 'NOT_FOUND',
        message: '/images/gone.img does not exist',
      },
    ],
    disks: [],
  }),
];
