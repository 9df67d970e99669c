// Asks about many domains of one libvirt at once: one call, whatever their number. Where a domain's hypervisor hangs, such a call
// hangs for all; then each is asked by itself.
// Reference: libvirt src/qemu/qemu_driver.c (qemuConnectGetAllDomainStats goes from one domain to the next)
import { passedMs } from '../../bytes/clock.js';
import { reasonOf, VirtDfError } from '../../errors.js';
import { askEach, type EachQuery, type Lenders } from './ask-each.js';
import { inTime, type JobConnection } from './job-connection.js';
import type { Fields } from './job-protocol.js';
import type { StatsRequests } from './stats-protocol.js';

/** As long as all together may take; of 1,000 domains that answer it is a second. */
const PATIENCE_SECONDS = 1;
const MORE_FOR_EACH = 0.01;

/** The fields of a domain, and when they were told, on a clock that nobody sets. */
export interface ToldStats {
  readonly fields: Fields;
  readonly atMs: number;
}

type Told = ReadonlyMap<string, ToldStats>;
type Wanted = Omit<StatsRequests['domainStats'], 'uuids'>;

interface StatsQuery extends EachQuery {
  readonly wanted: Wanted;
}

/**
 * The fields of each domain by UUID, or why they are not known; left out: it is gone. The domains are active ones of the last listing.
 * @throws LibvirtError where the driver tells of none.
 */
export async function allStats(
  uuids: readonly string[],
  query: StatsQuery,
  connections: Lenders,
): Promise<ReadonlyMap<string, ToldStats | VirtDfError>> {
  if (uuids.length === 0) return new Map();
  const { wanted } = query;
  const ask = async (connection: JobConnection, some: readonly string[]): Promise<Told> => {
    const told = await connection.ask('domainStats', { uuids: some, ...wanted });
    const atMs = passedMs();
    return new Map([...told].map(([uuid, fields]) => [uuid, { fields, atMs }]));
  };
  try {
    return await atOnce(uuids, ask, query, connections);
  } catch (error) {
    if (reasonOf(error).code !== 'TIMEOUT') throw error;
  }
  const each = uuids.map((uuid) => [uuid]);
  const found = await askEach(each, ask, query, connections);
  return new Map(
    uuids.flatMap((uuid, index) => {
      const answer = found[index];
      const own = answer instanceof VirtDfError ? answer : answer?.get(uuid);
      return own === undefined ? [] : [[uuid, own] as const];
    }),
  );
}

async function atOnce(
  uuids: readonly string[],
  ask: (connection: JobConnection, some: readonly string[]) => Promise<Told>,
  { uri, timeoutSeconds, onAsked }: EachQuery,
  connections: Lenders,
): Promise<Told> {
  const connection = await connections.take(uri, timeoutSeconds);
  const most = PATIENCE_SECONDS + MORE_FOR_EACH * uuids.length;
  const patience = Math.min(most, timeoutSeconds ?? most);
  try {
    return await inTime(connection, patience, () => ask(connection, uuids));
  } finally {
    onAsked?.(connection.calls);
    await connections.release(connection);
  }
}
