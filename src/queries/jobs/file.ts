// The file that a job writes beside a disk, and the room that it has.
// Reference: https://libvirt.org/html/libvirt-libvirt-domain.html (VIR_DOMAIN_STATS_BLOCK; backingIndex joins its rows with XML)
import { dirname, isAbsolute } from 'node:path';
import type { DomainJobs } from '../../guests/libvirt/domain-jobs.js';
import type { Fields } from '../../guests/libvirt/job-protocol.js';
import type { JobFile } from '../../guests/libvirt/job-xml.js';
import { folderUsage } from '../../host/folder-usage.js';
import { bytes } from './fields.js';
import type { BlockJobType, HostFilesystem, JobFileRecord, JobRecord } from './record.js';

/** A filesystem that does not tell its room in this time (a dead server's) is left out. */
const MAX_WAIT_MS = 2000;

/** As libvirt tells of it; null: the job writes none beside the disk's own layers. */
export function jobFile(
  disk: string,
  type: BlockJobType,
  { backup, mirrors, blockStats }: DomainJobs,
): JobFileRecord | null {
  if (type === 'backup') {
    const file = backup?.disks.find((one) => one.disk === disk);
    return file === undefined ? null : fileRecord(file.role, file, rowOf(blockStats, disk, file));
  }
  if (type !== 'copy') return null;
  const mirror = mirrors.find((one) => one.disk === disk);
  if (mirror === undefined) return null;
  return fileRecord('target', mirror, rowOf(blockStats, disk, mirror));
}

type Sizes = Pick<JobFileRecord, 'capacityBytes' | 'allocationBytes' | 'physicalBytes'>;

function fileRecord(
  role: JobFileRecord['role'],
  { path, type, format }: JobFile,
  row: Sizes,
): JobFileRecord {
  const { allocationBytes, physicalBytes } = row;
  const isDevice = type === 'block';
  const isKnown = isDevice && physicalBytes !== null && allocationBytes !== null;
  return {
    role,
    path,
    isDevice,
    format,
    ...row,
    filesystem: null,
    leftBytes: isKnown ? Math.max(0, physicalBytes - allocationBytes) : null,
    growthBytes: null,
    fullInSeconds: null,
  };
}

/** The disk's row of this file: of the same number, or else of the same path. */
function rowOf(stats: Fields, disk: string, { path, index }: JobFile): Sizes {
  const count = bytes(stats, 'block.count') ?? 0;
  for (let row = 0; row < count; row++) {
    const at = `block.${row}.`;
    if (stats[`${at}name`] !== disk) continue;
    const own = bytes(stats, `${at}backingIndex`);
    const isIt = index === null ? stats[`${at}path`] === path : String(own) === index;
    if (!isIt) continue;
    return {
      capacityBytes: bytes(stats, `${at}capacity`),
      allocationBytes: bytes(stats, `${at}allocation`),
      physicalBytes: bytes(stats, `${at}physical`),
    };
  }
  return { capacityBytes: null, allocationBytes: null, physicalBytes: null };
}

/** The jobs with the room of their files, which lie on this host. */
export async function withRoom(jobs: readonly JobRecord[]): Promise<readonly JobRecord[]> {
  return Promise.all(
    jobs.map(async (job) => ({
      ...job,
      disks: await Promise.all(
        job.disks.map(async (disk) => {
          const { file } = disk;
          if (file === null || file.isDevice || file.path === null) return disk;
          const filesystem = await filesystemOf(file.path);
          if (filesystem === null) return disk;
          return { ...disk, file: { ...file, filesystem, leftBytes: filesystem.availBytes } };
        }),
      ),
    })),
  );
}

async function filesystemOf(path: string): Promise<HostFilesystem | null> {
  if (!isAbsolute(path)) return null;
  try {
    const folder = dirname(path);
    const { device, sizeBytes, availBytes } = await folderUsage(folder, MAX_WAIT_MS);
    return { device: device ?? folder, sizeBytes, availBytes };
  } catch {
    // Nobody may look there, or it is gone with its job.
    return null;
  }
}
