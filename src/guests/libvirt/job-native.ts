// What is asked about a domain's jobs, through libvirt's C library. Runs in the child process only; every call blocks.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html
import type { LibvirtError } from '../../errors.js';
import type { LibvirtFunctions } from './binding.js';
import type { JobRequests, JobResults } from './job-protocol.js';
import type { Pointer } from './pointer.js';

/** VIR_DOMAIN_JOB_STATS_COMPLETED and _KEEP_COMPLETED: alone the first takes the record away from whoever comes after. */
const COMPLETED_AND_KEPT = 1 + 2;
/** VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES */
const IN_BYTES = 1;
/** VIR_DOMAIN_STATS_BLOCK; VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING */
const BLOCK = 2 ** 5;
const WITH_BACKING = 2 ** 30;

/** One operation, as the function that does it. */
type JobAnswers = {
  readonly [Op in keyof JobRequests]: (args: JobRequests[Op]) => JobResults[Op];
};

/** @param failed makes the error of the call just made. */
export function jobAnswers(
  libvirt: LibvirtFunctions,
  domainOf: (uuid: string) => Pointer,
  failed: (what: string) => LibvirtError,
): JobAnswers {
  return {
    state({ uuid }) {
      const [state, reason] = [[0], [0]];
      if (libvirt.state(domainOf(uuid), state, reason, 0) < 0) {
        throw failed("libvirt does not give the domain's state");
      }
      return { state: state[0] ?? 0, reason: reason[0] ?? 0 };
    },
    jobStats({ uuid, isEnded }) {
      const flags = isEnded ? COMPLETED_AND_KEPT : 0;
      const { result, type, fields } = libvirt.jobStats(domainOf(uuid), flags);
      const which = isEnded ? 'the job that ended last' : 'the job that runs';
      if (result < 0) throw failed(`libvirt does not tell of ${which}`);
      return { type, fields };
    },
    diskErrors({ uuid, diskCount }) {
      const found = libvirt.diskErrors(domainOf(uuid), diskCount);
      if (found === null) throw failed('libvirt does not tell of errors of disks');
      return found;
    },
    blockJob({ uuid, disk }) {
      const { result, info } = libvirt.blockJob(domainOf(uuid), disk, IN_BYTES);
      if (result < 0) throw failed(`libvirt does not tell of the job of ${disk}`);
      return result === 0 ? null : info;
    },
    blockInfo({ uuid, disk }) {
      const info = libvirt.blockInfo(domainOf(uuid), disk);
      if (info === null) throw failed(`libvirt does not tell of the sizes of ${disk}`);
      return info;
    },
    backupXml({ uuid }) {
      const xml = libvirt.backupXml(domainOf(uuid));
      if (xml === null) throw failed('libvirt does not tell of the files of the backup');
      return xml;
    },
    blockStats({ uuid }) {
      const stats = libvirt.domainStats(
        [domainOf(uuid)],
        BLOCK,
        WITH_BACKING,
        (_, fields) => fields,
      );
      if (stats === null) throw failed('libvirt does not give the sizes of the files');
      return stats[0] ?? {};
    },
  };
}
