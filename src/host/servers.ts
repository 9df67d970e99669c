// The connections that the guests of one run share: a thousand images of one bucket take a handshake or a few, not a thousand.
// They are made by the client that needs them first, so that no client is loaded for a run over local files.
import type { HttpAgents } from './http-agents.js';

export interface Servers {
  /** The connections to web servers; `make` is called at the first call. */
  httpAgents(make: () => HttpAgents): HttpAgents;
  /** Closes them, also those in use. */
  close(): void;
}

/** No connections yet. Whoever makes it closes it when the run is over. */
export function sharedServers(): Servers {
  let agents: HttpAgents | null = null;
  return {
    httpAgents(make) {
      agents ??= make();
      return agents;
    },
    close() {
      agents?.close();
      agents = null;
    },
  };
}
