// Connections to libvirts that a guest was read by and the next one can use: each takes a process and several round trips to make.
import type { ByteConnection } from './byte-connection.js';

export interface IdleConnections {
  /** One that works, as far as is known, and is the caller's now; null: there is none. */
  take(uri: string): ByteConnection | null;
  /** Takes one back of which nothing is asked any more. */
  give(uri: string, connection: ByteConnection): void;
  /** Ends them. */
  close(): void;
}

/** None yet. Whoever makes it closes it when the run is over. */
export function idleConnections(): IdleConnections {
  const idle = new Map<string, ByteConnection[]>();
  let isClosed = false;
  return {
    take(uri) {
      const found = idle.get(uri)?.pop();
      if (found === undefined) return null;
      return found.isOpen() ? found : this.take(uri);
    },
    give(uri, connection) {
      if (isClosed) connection.giveUp();
      else idle.set(uri, [...(idle.get(uri) ?? []), connection]);
    },
    close() {
      isClosed = true;
      for (const connection of [...idle.values()].flat()) connection.giveUp();
      idle.clear();
    },
  };
}
