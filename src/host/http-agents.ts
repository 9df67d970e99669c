// Connections to web servers, which stay open for the next request to the same origin, of whichever guest it is.
// References: Node's http.Agent; RFC 9112 (9.3 persistence). TLS sessions are resumed by https.Agent.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface HttpAgents {
  /**
   * The connections for a URL. Those of guarded places, whose names may not lead inside, are apart: a connection there was
   * looked up by the guarded look-up, and no other may take its place.
   */
  agentFor(url: URL, isGuarded: boolean): HttpAgent;
  /** Origins that did not send several ranges in one answer, as they should. */
  readonly sendOne: Set<string>;
  /** Closes idle connections until no more are left than the bound allows, the oldest first. */
  trim(): void;
  /** Closes all connections, also those in use. */
  close(): void;
}

/** Idle connections that are kept of one origin, and of all together; a run may ask thousands of servers. */
const MAX_IDLE_OF_ORIGIN = 4;
const MAX_IDLE = 32;
/** After so long an idle connection is closed: most servers have closed it by then. */
const IDLE_MS = 30_000;

export function newHttpAgents(): HttpAgents {
  const [free, guarded] = [agents(), agents()];
  const all: readonly HttpAgent[] = [...Object.values(free), ...Object.values(guarded)];
  return {
    sendOne: new Set(),
    agentFor(url, isGuarded) {
      return (isGuarded ? guarded : free)[url.protocol === 'https:' ? 'https:' : 'http:'];
    },
    trim() {
      const idle = all.flatMap(({ freeSockets }) => Object.values(freeSockets)).flat();
      for (const socket of idle.slice(0, -MAX_IDLE)) socket?.destroy();
    },
    close() {
      for (const agent of all) agent.destroy();
    },
  };
}

/** How many connections are in use is bounded by each guest: one whose server stalls must not keep the others waiting. */
function agents() {
  const options = { keepAlive: true, maxFreeSockets: MAX_IDLE_OF_ORIGIN, timeout: IDLE_MS };
  return { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
}
