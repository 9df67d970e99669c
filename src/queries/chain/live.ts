// What the running QEMUs say of the layers that were read from their files: one call to each libvirt, whatever the number of guests.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainListGetStats); docs/chain.md
import { VirtDfError } from '../../errors.js';
import { allJobs } from '../../guests/libvirt/all-jobs.js';
import { allStats, type ToldStats } from '../../guests/libvirt/all-stats.js';
import type { Lenders } from '../../guests/libvirt/ask-each.js';
import type { DomainJobs } from '../../guests/libvirt/domain-jobs.js';
import type { Calls } from '../../guests/libvirt/helper.js';
import { NO_SUPPORT } from '../../guests/libvirt/job-protocol.js';
import { withoutSecrets } from '../../host/location.js';
import { jobRecords } from '../jobs/translate.js';
import { isRunning } from '../live.js';
import { problemOf } from '../problem.js';
import { besideRows, blockRows } from './live-rows.js';
import type { BesideFile, ChainDisk, ChainReport } from './record.js';

interface LiveQuery {
  /** The libvirts that answered, as each calls itself. */
  readonly uris: readonly string[];
  readonly timeoutSeconds: number | null;
  /** Whether all guests are asked for jobs, of which their files may tell nothing: that takes a few calls for each. */
  readonly hasJobs: boolean;
  readonly onCalls?: (uri: string, calls: Calls) => void;
}

/** A QEMU that does not answer so long hangs; its files were read without it. */
const MOST_SECONDS = 10;

/** The answers with the numbers of their guests' QEMUs. What a libvirt does not tell is left out. */
export async function withLive(
  reports: readonly ChainReport[],
  query: LiveQuery,
  connections: Lenders,
): Promise<readonly ChainReport[]> {
  const told = new Map<ChainReport, ChainReport>();
  for (const uri of new Set(query.uris)) {
    const shown = withoutSecrets(uri);
    const own = reports.filter((one) => one.uri === shown && one.uuid !== null && isRunning(one));
    for (const [report, live] of await ofLibvirt(own, uri, query, connections)) {
      told.set(report, live);
    }
  }
  return reports.map((report) => told.get(report) ?? report);
}

type Told = readonly (readonly [ChainReport, ChainReport])[];

async function ofLibvirt(
  reports: readonly ChainReport[],
  uri: string,
  query: LiveQuery,
  connections: Lenders,
): Promise<Told> {
  const asked = {
    uri,
    timeoutSeconds: Math.min(query.timeoutSeconds ?? MOST_SECONDS, MOST_SECONDS),
    onAsked: (calls: Calls) => query.onCalls?.(withoutSecrets(uri), calls),
    wanted: { groups: ['block'], hasBacking: true },
  } as const;
  const uuids = reports.map(({ uuid }) => uuid ?? '');
  const askedAtMs = Date.now();
  try {
    const stats = await allStats(uuids, asked, connections);
    const live = await Promise.all(
      reports.map((report) => withStats(report, stats.get(report.uuid ?? ''), askedAtMs)),
    );
    const busy = live.filter((one) => hasTold(one) && (query.hasJobs || hasBeside(one)));
    const domains = busy.map(({ uuid, disks }) => ({
      uuid: uuid ?? '',
      disks: disks.flatMap(({ target }) => target ?? []),
    }));
    const jobs = busy.length === 0 ? [] : await allJobs(domains, asked, connections);
    const named = new Map(busy.map((one, index) => [one, withJobs(one, jobs[index])]));
    return reports.map((report, index) => {
      const one = live[index] ?? report;
      return [report, named.get(one) ?? one] as const;
    });
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    if (error.data.libvirtCode === NO_SUPPORT) return [];
    return reports.map((report) => [report, withProblem(report, error)] as const);
  }
}

function hasTold({ askedAtMs }: ChainReport): boolean {
  return askedAtMs !== undefined;
}

function hasBeside({ disks }: ChainReport): boolean {
  return disks.some(({ beside = [] }) => beside.length > 0);
}

function withProblem(report: ChainReport, error: VirtDfError): ChainReport {
  const place = { guest: report.guest, disk: null, device: null };
  return { ...report, problems: [...report.problems, { ...place, ...problemOf(error) }] };
}

/** @param stats undefined: the guest ended meanwhile. */
async function withStats(
  report: ChainReport,
  stats: ToldStats | VirtDfError | undefined,
  askedAtMs: number,
): Promise<ChainReport> {
  if (stats === undefined) return report;
  if (stats instanceof VirtDfError) return withProblem(report, stats);
  const rows = blockRows(stats.fields);
  const disks: ChainDisk[] = [];
  for (const disk of report.disks) disks.push({ ...disk, ...(await besideRows(disk, rows)) });
  return { ...report, disks, askedAtMs };
}

function withJobs(report: ChainReport, jobs: DomainJobs | VirtDfError | undefined): ChainReport {
  // `jobs` tells why; here they are beside what was asked for.
  if (jobs === undefined || jobs instanceof VirtDfError) return report;
  const running = jobRecords({ ...jobs, ended: null }).flatMap((job) => job.disks);
  const disks = report.disks.map((disk) => {
    const own = running.filter((job) => job.disk === disk.target);
    const files = own.flatMap(({ file }) => file ?? []);
    const beside = (disk.beside ?? []).map((one): BesideFile => {
      const file = files.find(({ path }) => path !== null && path === one.path);
      return file === undefined ? one : { ...one, role: file.role };
    });
    return {
      ...disk,
      ...(beside.length === 0 ? {} : { beside }),
      ...(own.length === 0 ? {} : { jobs: own }),
    };
  });
  return { ...report, disks };
}
