// Connections that are kept from one question to the next, so that watching starts no process for each poll.
import { MAX_TIMER_MS } from '../../limits.js';
import type { LibvirtConnection } from './client.js';
import { inTime, type JobConnection, type OpenForJobs, openForJobs } from './job-connection.js';
import type { AskLogin } from './login.js';

export interface JobConnections {
  /** One for listing guests; its `close` keeps it. `timeoutSeconds` bounds the time until then. */
  list(uri: string | null, timeoutSeconds: number | null): Promise<LibvirtConnection>;
  /** One that has listed the domains. */
  take(uri: string | null, timeoutSeconds: number | null): Promise<JobConnection>;
  /** Keeps it for the next who takes one. */
  release(connection: JobConnection): Promise<void>;
  close(): Promise<void>;
}

/** Keeps one connection to each libvirt. `ask` is for those that want a login; null: nobody can be asked. */
export function keptConnections(
  openOne: OpenForJobs = openForJobs,
  ask: AskLogin | null = null,
): JobConnections {
  const open = (uri: string | null, seconds: number | null) => openOne(uri, seconds, ask);
  /** By the URI as libvirt calls itself, and that by the one that was asked for. */
  const kept = new Map<string, JobConnection>();
  const names = new Map<string, string>();
  const nameOf = (uri: string | null) => names.get(uri ?? '') ?? uri ?? '';
  const found = (uri: string | null): JobConnection | null => {
    const connection = kept.get(nameOf(uri)) ?? null;
    kept.delete(nameOf(uri));
    return connection;
  };
  const release = async (connection: JobConnection): Promise<void> => {
    const name = connection.uri ?? '';
    if (connection.isBroken() || kept.has(name)) return connection.close();
    connection.countAnew();
    kept.set(name, connection);
  };
  return {
    async list(uri, timeoutSeconds) {
      const connection = found(uri) ?? (await open(uri, timeoutSeconds));
      names.set(uri ?? '', connection.uri ?? '');
      const timer = deadline(connection, timeoutSeconds);
      const close = (): Promise<void> => {
        clearTimeout(timer);
        return release(connection);
      };
      return { ...connection, close };
    },
    async take(uri, timeoutSeconds) {
      const known = found(uri);
      if (known !== null) return known;
      const connection = await open(uri, timeoutSeconds);
      try {
        await inTime(connection, timeoutSeconds, () => connection.domains(false));
        return connection;
      } catch (error) {
        await connection.close();
        throw error;
      }
    },
    release,
    async close() {
      await Promise.all([...kept.values()].map((connection) => connection.close()));
      kept.clear();
    },
  };
}

function deadline(connection: JobConnection, seconds: number | null): NodeJS.Timeout | undefined {
  if (seconds === null) return undefined;
  return setTimeout(() => connection.giveUp(seconds), Math.min(seconds * 1000, MAX_TIMER_MS));
}
