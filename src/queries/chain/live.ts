// What the running QEMUs say of the layers that were read from their files: one call to each libvirt, whatever the number of guests.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainListGetStats); docs/chain.md
import { VirtDfError } from '../../errors.js';
import { allStats, type ToldStats } from '../../guests/libvirt/all-stats.js';
import { askEach, type Lenders } from '../../guests/libvirt/ask-each.js';
import { domainLive } from '../../guests/libvirt/domain-live.js';
import type { Calls } from '../../guests/libvirt/helper.js';
import { NO_SUPPORT } from '../../guests/libvirt/job-protocol.js';
import { withoutSecrets } from '../../host/location.js';
import { isRunning } from '../live.js';
import { problemOf } from '../problem.js';
import { withJobs } from './live-jobs.js';
import { besideRows, blockRows } from './live-rows.js';
import type { ChainDisk, ChainReport } from './record.js';

export interface LiveQuery {
  /** The libvirts that answered, as each calls itself. */
  readonly uris: readonly string[];
  readonly timeoutSeconds: number | null;
  /** Whether all guests are asked for jobs, of which their files may tell nothing, however many they are: that takes a few calls for each. */
  readonly hasJobs: boolean;
  readonly onCalls?: (uri: string, calls: Calls) => void;
}

/** So few guests of a libvirt are asked for jobs in any case. */
const FEW_GUESTS = 16;
/** A QEMU that does not answer so long hangs; its files were read without it. */
const MOST_SECONDS = 10;

/** The answers with the numbers of their guests' QEMUs. What a libvirt does not tell is left out. */
export async function withLive(
  reports: readonly ChainReport[],
  query: LiveQuery,
  connections: Lenders,
): Promise<readonly ChainReport[]> {
  // Side by side: one that hangs costs the others nothing.
  const found = await Promise.all(
    [...new Set(query.uris)].map((uri) => {
      const shown = withoutSecrets(uri);
      const own = reports.filter((one) => one.uri === shown && one.uuid !== null && isRunning(one));
      return ofLibvirt(own, uri, query, connections);
    }),
  );
  const told = new Map(found.flat());
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
  const uuids = [...new Set(reports.map(({ uuid }) => uuid ?? ''))];
  const askedAtMs = Date.now();
  try {
    const stats = await allStats(uuids, asked, connections);
    const live = await Promise.all(
      reports.map((report) => withStats(report, stats.get(report.uuid ?? ''), askedAtMs)),
    );
    const hasJobs = query.hasJobs || uuids.length <= FEW_GUESTS;
    const busy = live.filter((one) => hasTold(one) && (hasJobs || hasBeside(one)));
    const domains = busy.map(({ uuid, disks }) => ({
      uuid: uuid ?? '',
      disks: disks.flatMap(({ target }) => target ?? []),
    }));
    const found = busy.length === 0 ? [] : await askEach(domains, domainLive, asked, connections);
    const named = new Map(busy.map((one, index) => [one, withJobs(one, found[index])]));
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
  for (const disk of report.disks) {
    const isActive = disk.user?.isActive ?? true;
    disks.push({ ...disk, ...(await besideRows(disk, rows, isActive)) });
  }
  return { ...report, disks, askedAtMs };
}
