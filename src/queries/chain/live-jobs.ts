// What goes on with the layers of a running guest, and which files beside them belong to it.
import { VirtDfError } from '../../errors.js';
import type { DomainLive } from '../../guests/libvirt/domain-live.js';
import type { BlockInfo } from '../../guests/libvirt/job-protocol.js';
import { exact } from '../jobs/fields.js';
import type { JobFileRecord } from '../jobs/record.js';
import { jobRecords } from '../jobs/translate.js';
import type { BesideFile, BlockNumbers, ChainDisk, ChainReport } from './record.js';

/** @param live undefined, or why it is not known: `jobs` tells why; here it is beside what was asked for. */
export function withJobs(
  report: ChainReport,
  live: DomainLive | VirtDfError | undefined,
): ChainReport {
  if (live === undefined || live instanceof VirtDfError) return report;
  const running = jobRecords({ ...live.jobs, ended: null }).flatMap((job) => job.disks);
  const disks = report.disks.map((disk): ChainDisk => {
    const own = running.filter((job) => job.disk === disk.target);
    const files = own.flatMap(({ file }) => file ?? []);
    const beside = (disk.beside ?? []).map((one) => besideOf(one, files));
    return {
      ...disk,
      ...withInfo(disk, live.infos.get(disk.target ?? '')),
      ...(beside.length === 0 ? {} : { beside }),
      ...(own.length === 0 ? {} : { jobs: own }),
    };
  });
  return { ...report, disks };
}

/** The call is about the layer that the guest writes to alone. */
function withInfo(
  { chain, user }: ChainDisk,
  info: BlockInfo | undefined,
): Pick<ChainDisk, 'chain'> {
  if (info === undefined || user?.isActive === false) return { chain };
  return { chain: { ...chain, blockInfo: numbersOf(info) } };
}

function numbersOf({ capacity, allocation, physical }: BlockInfo): BlockNumbers {
  return {
    capacityBytes: exact(capacity),
    allocationBytes: exact(allocation),
    physicalBytes: exact(physical),
  };
}

function besideOf(one: BesideFile, files: readonly JobFileRecord[]): BesideFile {
  const file = files.find(({ path }) => path !== null && path === one.path);
  if (file === undefined) return one;
  const { role, format, isDevice } = file;
  return { ...one, role, format, isDevice };
}
