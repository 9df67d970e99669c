// A host's chains as virt-df chain reports them: one of four layers with everything that is told, and one that fails.
import type { ChainReport, LayerRecord } from '../../src/queries/chain/record.js';

export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;

const FOLDER = '/var/lib/libvirt/images';

/** A qcow2 of 20 GiB of which 1 GiB is data. */
export function layer(name: string, more: Partial<LayerRecord> = {}): LayerRecord {
  const path = name.startsWith('/') ? name : `${FOLDER}/${name}`;
  const allocationBytes = GIB + 5 * MIB;
  const file = { path, role: 'image' as const, allocationBytes, physicalBytes: GIB + 6 * MIB };
  return {
    path,
    format: 'qcow2',
    version: '3',
    features: [],
    clusterBytes: 65_536,
    capacityBytes: 20 * GIB,
    allocationBytes,
    physicalBytes: file.physicalBytes,
    watermarkBytes: file.physicalBytes,
    deviceFreeBytes: null,
    dataBytes: GIB,
    compressedBytes: 0,
    compressedClusterCount: 0,
    zeroBytes: 0,
    zeroClusterCount: 0,
    hiddenBytes: 0,
    commitBytes: null,
    commitGrowthBytes: null,
    bounds: [],
    leakedClusterCount: 0,
    snapshots: [],
    files: [file],
    stale: false,
    problem: null,
    backing: null,
    ...more,
  };
}

const UNREAD = {
  format: null,
  version: null,
  clusterBytes: null,
  capacityBytes: null,
  allocationBytes: null,
  physicalBytes: null,
  watermarkBytes: null,
  dataBytes: null,
  compressedBytes: null,
  compressedClusterCount: null,
  zeroBytes: null,
  zeroClusterCount: null,
  hiddenBytes: null,
  leakedClusterCount: null,
  files: [],
  stale: null,
} as const;

const RAW = layer('base.raw', {
  format: 'raw',
  version: null,
  clusterBytes: null,
  physicalBytes: 20 * GIB,
  watermarkBytes: null,
  hiddenBytes: 700 * MIB,
  bounds: ['dataBytes', 'hiddenBytes'],
  leakedClusterCount: null,
});

const DEVICE = layer('/dev/vg/web1', {
  features: ['zstd', 'extended-l2'],
  allocationBytes: null,
  physicalBytes: 25 * GIB,
  deviceFreeBytes: 25 * GIB - (GIB + 6 * MIB),
  compressedBytes: 12 * 65_536,
  compressedClusterCount: 12,
  zeroBytes: 65_536,
  zeroClusterCount: 1,
  hiddenBytes: 300 * MIB,
  commitBytes: 900 * MIB,
  commitGrowthBytes: 0,
  bounds: ['commitBytes'],
  leakedClusterCount: 3,
  snapshots: [
    {
      id: '1',
      name: 'before the upgrade',
      capacityBytes: 20 * GIB,
      vmStateBytes: 512 * MIB,
      createdMs: Date.UTC(2020, 1, 3, 4, 5, 6),
      ownBytes: 20 * MIB,
    },
  ],
  files: [
    {
      path: '/dev/vg/web1',
      role: 'image',
      allocationBytes: null,
      physicalBytes: 25 * GIB,
      isDevice: true,
    },
    {
      path: '/dev/vg/web1-data',
      role: 'data',
      allocationBytes: null,
      physicalBytes: 25 * GIB,
      isDevice: true,
    },
  ],
  backing: RAW,
});

const MIDDLE = layer('web1.snap1', {
  stale: true,
  commitBytes: 640 * MIB,
  commitGrowthBytes: 0,
  backing: DEVICE,
});

const PROBLEM = {
  code: 'NOT_ALLOWED',
  message:
    'disk.qcow2 names the file "../../etc/shadow", which is not opened: it is outside of the directory of that image',
} as const;

export const CHAINS: readonly ChainReport[] = [
  {
    guest: 'web1',
    uuid: '6a1f0c62-3c5e-4e0c-9a57-0d3b1c6f5e10',
    state: 'running',
    uri: 'qemu:///system',
    disks: [
      {
        disk: '/dev/sda',
        target: 'vda',
        chain: layer('web1.snap2', {
          capacityBytes: 30 * GIB,
          commitBytes: 0,
          commitGrowthBytes: 10 * GIB,
          backing: MIDDLE,
        }),
      },
    ],
    problems: [],
    partFiles: [],
    statistics: { readCount: 12, bytesRead: 98_304 },
  },
  {
    guest: 'disk.qcow2',
    uuid: null,
    state: null,
    uri: null,
    disks: [
      {
        disk: '/dev/sda',
        target: null,
        chain: layer('/home/somebody/disk.qcow2', {
          backing: {
            ...layer('x', UNREAD),
            path: '../../etc/shadow',
            format: 'raw',
            problem: PROBLEM,
          },
        }),
      },
    ],
    problems: [{ guest: 'disk.qcow2', disk: '/dev/sda', device: '/dev/sda', ...PROBLEM }],
    partFiles: [],
    statistics: { readCount: 2, bytesRead: 4096 },
  },
  {
    guest: 'diskless',
    uuid: '0b4f5d1e-8a8f-4f7f-8d55-6d1f2f7f9a11',
    state: 'running',
    uri: 'qemu:///system',
    disks: [],
    problems: [],
    partFiles: [],
    statistics: { readCount: 0, bytesRead: 0 },
  },
  {
    guest: 'net1',
    uuid: 'b7e1c2d3-0000-4000-8000-0123456789ab',
    state: 'running',
    uri: 'qemu:///system',
    disks: [
      {
        disk: '/dev/sda',
        target: 'vda',
        chain: {
          ...layer('x', UNREAD),
          path: null,
          format: 'raw',
          problem: { code: 'UNSUPPORTED_DISK', message: 'this is a network disk (rbd)' },
        },
      },
    ],
    problems: [
      {
        guest: 'net1',
        disk: '/dev/sda',
        device: '/dev/sda',
        code: 'UNSUPPORTED_DISK',
        message: 'this is a network disk (rbd)',
      },
    ],
    partFiles: [],
    statistics: { readCount: 0, bytesRead: 0 },
  },
];
