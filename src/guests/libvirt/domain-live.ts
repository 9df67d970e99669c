// What libvirt tells of the disks of one domain that runs, where all of it is wanted: its jobs, and the sizes of its active layers.
// Reference: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainGetBlockInfo)
import { VirtDfError } from '../../errors.js';
import { isLost } from './client.js';
import { type AskedDomain, type DomainJobs, domainJobs } from './domain-jobs.js';
import type { JobConnection } from './job-connection.js';
import type { BlockInfo } from './job-protocol.js';

export interface DomainLive {
  readonly jobs: DomainJobs;
  /** By disk; without those of which libvirt does not tell. */
  readonly infos: ReadonlyMap<string, BlockInfo>;
}

/** @throws LibvirtError as `domainJobs` does */
export async function domainLive(
  connection: JobConnection,
  domain: AskedDomain,
): Promise<DomainLive> {
  const infos = await blockInfos(connection, domain);
  return { jobs: await domainJobs(connection, domain), infos };
}

async function blockInfos(connection: JobConnection, { uuid, disks }: AskedDomain) {
  const infos = new Map<string, BlockInfo>();
  for (const disk of disks) {
    try {
      infos.set(disk, await connection.ask('blockInfo', { uuid, disk }));
    } catch (error) {
      if (!(error instanceof VirtDfError) || isLost(error)) throw error;
    }
  }
  return infos;
}
