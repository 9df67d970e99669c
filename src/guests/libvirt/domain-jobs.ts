// What libvirt tells of the jobs of one domain, asked in an order in which a hypervisor that hangs costs as little as may be.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html; libvirt src/qemu/qemu_driver.c (which calls ask the monitor)
import { VirtDfError } from '../../errors.js';
import { isLost } from './client.js';
import type { JobConnection } from './job-connection.js';
import {
  type BlockJobInfo,
  type DiskError,
  type DomainState,
  type Fields,
  type JobStats,
  NO_SUPPORT,
} from './job-protocol.js';
import { type Backup, countDisks, type Mirror, parseBackup, parseMirrors } from './job-xml.js';

/** virDomainState VIR_DOMAIN_PAUSED, _SHUTOFF; virDomainPausedReason VIR_DOMAIN_PAUSED_IOERROR */
const PAUSED = 3;
const SHUT_OFF = 5;
const IO_ERROR = 5;
/** virErrorNumber VIR_ERR_OPERATION_INVALID (the domain is not active, for example), VIR_ERR_NO_DOMAIN_BACKUP */
const NOT_ANY_MORE: ReadonlySet<unknown> = new Set([55, 104]);
/** virDomainJobType VIR_DOMAIN_JOB_NONE; virDomainJobOperation _BACKUP */
const NO_JOB = 0;
const BACKUP = 9;
/** virDomainBlockJobType _COPY and _ACTIVE_COMMIT: they leave a mirror in the XML. */
const MIRRORING: ReadonlySet<number> = new Set([2, 4]);

export interface DiskJob {
  readonly disk: string;
  readonly info: BlockJobInfo;
}

/** As libvirt tells it; null is what it did not tell, and `untold` says why. */
export interface DomainJobs {
  readonly state: DomainState;
  /** The job that runs; null also: none. */
  readonly current: JobStats | null;
  /** The record of the job that ended last; null also: there is none. */
  readonly ended: JobStats | null;
  readonly disks: readonly DiskJob[];
  readonly backup: Backup | null;
  readonly mirrors: readonly Mirror[];
  readonly diskErrors: readonly DiskError[];
  /** virDomainListGetStats, of all layers, scratch files and targets. */
  readonly blockStats: Fields;
  readonly untold: readonly VirtDfError[];
  /** Since when its answers count, in milliseconds since the epoch. */
  readonly askedAtMs: number;
}

/** A domain, and the disks that may have jobs. */
export interface AskedDomain {
  readonly uuid: string;
  readonly disks: readonly string[];
}

/** Whether its paused state is one of which no job call says anything. */
function isStoppedByError(state: DomainState): boolean {
  return state.state === PAUSED && state.reason === IO_ERROR;
}

/**
 * @throws LibvirtError as a connection that is lost, or with the reason why nothing is known of the domain; what another call refuses
 * is `untold`.
 */
export async function domainJobs(
  connection: JobConnection,
  domain: AskedDomain,
): Promise<DomainJobs> {
  const first = await askOnce(connection, domain);
  // It, or its job, may have ended between two calls; what it is now tells.
  const hasEnded = first.untold.some(({ data }) => NOT_ANY_MORE.has(data.libvirtCode));
  return hasEnded ? askOnce(connection, domain) : first;
}

async function askOnce(
  connection: JobConnection,
  { uuid, disks }: AskedDomain,
): Promise<DomainJobs> {
  const untold: VirtDfError[] = [];
  const told = async <T>(asked: Promise<T>): Promise<T | null> => {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof VirtDfError) || isLost(error)) throw error;
      untold.push(error);
      return null;
    }
  };
  const askedAtMs = Date.now();
  const state = await connection.ask('state', { uuid });
  const isActive = state.state !== SHUT_OFF;
  const running = isActive
    ? await told(connection.ask('jobStats', { uuid, isEnded: false }))
    : null;
  const current = running?.type === NO_JOB ? null : running;
  const record =
    current === null && untold.length === 0
      ? await told(connection.ask('jobStats', { uuid, isEnded: true }))
      : null;
  const diskJobs: DiskJob[] = [];
  for (const disk of isActive ? disks : []) {
    const earlier = untold.length;
    const info = await told(connection.ask('blockJob', { uuid, disk }));
    if (info !== null) diskJobs.push({ disk, info });
    if (untold[earlier]?.data.libvirtCode === NO_SUPPORT) break;
  }
  const has = { current, diskJobs, state };
  const rest = await details(connection, uuid, has, told);
  const ended = record?.type === NO_JOB ? null : record;
  return { state, current, ended, disks: diskJobs, ...rest, untold, askedAtMs };
}

interface Has {
  readonly current: JobStats | null;
  readonly diskJobs: readonly DiskJob[];
  readonly state: DomainState;
}

type Told = <T>(asked: Promise<T>) => Promise<T | null>;

/** What is worth a request only where a job runs, or the guest was stopped. */
async function details(
  connection: JobConnection,
  uuid: string,
  { current, diskJobs, state }: Has,
  told: Told,
): Promise<Pick<DomainJobs, 'backup' | 'mirrors' | 'diskErrors' | 'blockStats'>> {
  const isBackup = current?.fields.operation === BACKUP;
  const isBusy = current !== null || diskJobs.length > 0;
  const isAsked = isBusy || isStoppedByError(state);
  const readXml = async <T>(asked: Promise<string>, read: (xml: string) => T) => read(await asked);
  const backup = isBackup
    ? await told(readXml(connection.ask('backupXml', { uuid }), parseBackup))
    : null;
  const domain = isAsked ? await told(readXml(connection.xml(uuid), ofDomain)) : null;
  const hasMirror = diskJobs.some(({ info }) => MIRRORING.has(info.type));
  const blockStats =
    isBackup || hasMirror ? await told(connection.ask('blockStats', { uuid })) : null;
  const diskCount = domain?.diskCount ?? 0;
  const diskErrors =
    diskCount === 0 ? null : await told(connection.ask('diskErrors', { uuid, diskCount }));
  return {
    backup,
    mirrors: domain?.mirrors ?? [],
    diskErrors: diskErrors ?? [],
    blockStats: blockStats ?? {},
  };
}

/** What its XML tells; disks without a mirror have none there. */
function ofDomain(xml: string) {
  return { diskCount: countDisks(xml), mirrors: parseMirrors(xml) };
}
