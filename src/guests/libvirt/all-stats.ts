// Asks about many domains of one libvirt at once: one call, whatever their number. Where a domain's hypervisor hangs, such a call
// hangs for all; then each is asked by itself.
// Reference: libvirt src/qemu/qemu_driver.c (qemuConnectGetAllDomainStats goes from one domain to the next)
import { reasonOf, type VirtDfError } from '../../errors.js';
import { askEach, type EachQuery, type Lenders } from './ask-each.js';
import { inTime, type JobConnection } from './job-connection.js';
import type { Fields } from './job-protocol.js';
import type { StatsRequests } from './stats-protocol.js';

/** As long as all together may take; of 1,000 domains that answer it is a second. */
const PATIENCE_SECONDS = 1;
const MORE_FOR_EACH = 0.01;

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
): Promise<ReadonlyMap<string, Fields | VirtDfError>> {
  if (uuids.length === 0) return new Map();
  const { wanted } = query;
  const ask = (connection: JobConnection, some: readonly string[]) =>
    connection.ask('domainStats', { uuids: some, ...wanted });
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
      if (answer === undefined) return [];
      const fields = answer instanceof Map ? answer.get(uuid) : (answer as VirtDfError);
      return fields === undefined ? [] : [[uuid, fields] as const];
    }),
  );
}

async function atOnce(
  uuids: readonly string[],
  ask: (connection: JobConnection, some: readonly string[]) => Promise<ReadonlyMap<string, Fields>>,
  { uri, timeoutSeconds, onAsked }: EachQuery,
  connections: Lenders,
): Promise<ReadonlyMap<string, Fields>> {
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
