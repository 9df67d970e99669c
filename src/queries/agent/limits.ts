// The limits of time that were set for agents and that nobody took back: the process that would have was ended in the middle of a
// call. They are taken back by a connection of its own.
import { reasonOf } from '../../errors.js';
import { inTime, openForAgents } from '../../guests/libvirt/job-connection.js';

/** A libvirt that answers takes a tenth of it. */
const SECONDS = 1;

export interface AgentLimits {
  set(uri: string, uuid: string): void;
  /** The process that set it has taken it back. */
  lifted(uri: string, uuid: string): void;
  /** Takes back what is left, as far as libvirt answers. */
  liftAll(): Promise<void>;
}

export function agentLimits(): AgentLimits {
  const left = new Map<string, Set<string>>();
  return {
    set(uri, uuid) {
      left.set(uri, (left.get(uri) ?? new Set()).add(uuid));
    },
    lifted(uri, uuid) {
      left.get(uri)?.delete(uuid);
    },
    async liftAll() {
      const all = [...left].filter(([, { size }]) => size > 0);
      left.clear();
      await Promise.all(all.map(([uri, uuids]) => liftOf(uri, [...uuids])));
    },
  };
}

async function liftOf(uri: string, uuids: readonly string[]): Promise<void> {
  try {
    const connection = await openForAgents(uri, SECONDS);
    try {
      await inTime(connection, SECONDS, async () => {
        await connection.domains(false);
        for (const uuid of uuids) await connection.ask('agentUnlimited', { uuid });
      });
    } finally {
      await connection.close();
    }
  } catch (error) {
    // Bugs alone are told: that libvirt does not answer is the reason why there is something left.
    if (reasonOf(error).code === 'INTERNAL') throw error;
  }
}
