// The question of `virt-df top`: what the running guests of libvirt do. Two calls to each libvirt, whatever the number of guests.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainListGetStats); docs/top.md
import { passedMs } from '../bytes/clock.js';
import { VirtDfError } from '../errors.js';
import { toldApart } from '../guests/alike.js';
import type { GuestDefinition } from '../guests/guest.js';
import { allStats, type ToldStats } from '../guests/libvirt/all-stats.js';
import type { Calls } from '../guests/libvirt/helper.js';
import type { JobConnections } from '../guests/libvirt/kept-connections.js';
import { type Names, noSuchGuest, sought } from '../guests/libvirt/no-such-guest.js';
import type { DomainSummary } from '../guests/libvirt/protocol.js';
import { byName, selectDomains, unmatched } from '../guests/libvirt/select.js';
import { withoutSecrets } from '../host/location.js';
import { type Counters, countersOf } from './top/counters.js';
import type { TopHost } from './top/record.js';

interface TopQuery extends Names {
  /** Empty is libvirt's own default. */
  readonly uris: readonly string[];
  /** Shut off domains too. */
  readonly all: boolean;
  /** Names, UUIDs and globs; empty selects by `all`. */
  readonly select: readonly string[];
  /** For a connection, and for one domain that hangs; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** Called with what was asked of a libvirt. */
  readonly onCalls?: (uri: string, calls: Calls) => void;
}

/** One guest at one moment. */
export interface GuestSample {
  /** Its name, UUID and libvirt, and why nothing else is known of it. */
  readonly guest: GuestDefinition;
  /** null: `guest.problem` says why. */
  readonly counters: Counters | null;
  /** On a clock that nobody sets, of its counters. */
  readonly atMs: number;
  readonly askedAtMs: number;
}

export interface Sample {
  readonly hosts: readonly TopHost[];
  readonly guests: readonly GuestSample[];
  readonly atMs: number;
}

/** A guest that hung is left alone so long: each question that hangs takes a thread of libvirtd, which has twenty. */
const REST_MS = 30_000;
const SILENCE_MS = 10_000;

const WANTED = {
  groups: ['state', 'cpu', 'balloon', 'vcpu', 'net', 'block'],
  hasBacking: false,
} as const;

/**
 * What all guests have had until now. `previous` is the sample before: the hosts are not asked again, and guests that hung are not
 * asked for a while.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT or TIMEOUT when no URI answers
 */
export async function topSample(
  query: TopQuery,
  previous: Sample | null,
  connections: JobConnections,
): Promise<Sample> {
  const uris = query.uris.length === 0 ? [null] : [...new Set(query.uris)];
  const found = await Promise.all(uris.map((uri) => sampleOne(uri, query, previous, connections)));
  const { select } = query;
  const domains = found.flatMap((one) => one.domains);
  const failures = found.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (first !== undefined && failures.length === found.length) throw sought(first, select, query);
  const asked = found.flatMap(({ uri, failure }) => (failure === null ? (uri ?? []) : []));
  const names = domains.map(({ name }) => name);
  const unknown = unmatched(domains, select).map((name) =>
    unknownGuest(name, null, noSuchGuest(name, query, asked, names)),
  );
  const samples = [...found.flatMap((one) => one.guests), ...unknown];
  const guests = toldApart(samples.map(({ guest }) => guest));
  return {
    hosts: found.flatMap(({ host }) => host ?? []),
    guests: samples.map((sample, index) => ({ ...sample, guest: guests[index] ?? sample.guest })),
    atMs: passedMs(),
  };
}

interface Found {
  readonly uri: string | null;
  readonly host: TopHost | null;
  readonly domains: readonly DomainSummary[];
  readonly guests: readonly GuestSample[];
  readonly failure: VirtDfError | null;
}

async function sampleOne(
  uri: string | null,
  query: TopQuery,
  previous: Sample | null,
  connections: JobConnections,
): Promise<Found> {
  const name = withoutSecrets(uri ?? 'libvirt');
  const silent = silentIn(previous, name);
  if (silent !== null) return silent;
  try {
    return await sampleOf(uri, query, previous, connections);
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return failed(unknownGuest(name, uri === null ? null : name, error), error);
  }
}

function failed(guest: GuestSample, failure: VirtDfError): Found {
  return { uri: guest.guest.uri, host: null, domains: [], guests: [guest], failure };
}

/** A libvirt that did not answer a short time ago does not hold up the others again. */
function silentIn(previous: Sample | null, uri: string): Found | null {
  const sinceMs = passedMs() - SILENCE_MS;
  for (const sample of previous?.guests ?? []) {
    const { uuid, uri: own, problem } = sample.guest;
    const isIt = uuid === null && own === uri && sample.atMs > sinceMs;
    if (isIt && problem?.code === 'TIMEOUT') return failed(sample, problem);
  }
  return null;
}

async function sampleOf(
  asked: string | null,
  query: TopQuery,
  previous: Sample | null,
  connections: JobConnections,
): Promise<Found> {
  const { all, select, timeoutSeconds } = query;
  const connection = await connections.list(asked, timeoutSeconds);
  const uri = connection.uri ?? asked;
  const shown = uri === null ? 'libvirt' : withoutSecrets(uri);
  let domains: readonly DomainSummary[];
  try {
    domains = await connection.domains(!all && select.length === 0);
  } finally {
    await connection.close();
  }
  const host = hostIn(previous, shown) ?? (await hostOf(uri, shown, timeoutSeconds, connections));
  const selected = [...selectDomains(domains, select)].sort(byName);
  const resting = restingIn(previous, shown);
  const uuids = selected.map(({ uuid }) => uuid).filter((uuid) => !resting.has(uuid));
  const onAsked = (calls: Calls) => query.onCalls?.(shown, calls);
  const options = { uri, timeoutSeconds, onAsked, wanted: WANTED };
  const stats = await allStats(uuids, options, connections);
  const guests = selected.flatMap(({ name, uuid }) => {
    const rested = resting.get(uuid);
    if (rested !== undefined) return rested;
    const found = stats.get(uuid);
    return found === undefined ? [] : guestSample({ name, uuid, uri: shown }, found);
  });
  return { uri, host, domains, guests, failure: null };
}

function guestSample(
  header: Pick<GuestDefinition, 'name' | 'uuid' | 'uri'>,
  found: ToldStats | VirtDfError,
): GuestSample {
  const askedAtMs = Date.now();
  if (found instanceof VirtDfError) {
    const guest = { ...header, state: null, disks: [], problem: found };
    return { guest, counters: null, atMs: passedMs(), askedAtMs };
  }
  const guest = { ...header, state: null, disks: [], problem: null };
  return { guest, counters: countersOf(found.fields), atMs: found.atMs, askedAtMs };
}

function unknownGuest(name: string, uri: string | null, problem: VirtDfError): GuestSample {
  const guest = { name, uuid: null, state: null, uri, disks: [], problem };
  return { guest, counters: null, atMs: passedMs(), askedAtMs: Date.now() };
}

function hostIn(previous: Sample | null, uri: string): TopHost | null {
  return previous?.hosts.find((host) => host.uri === uri) ?? null;
}

/** null: a driver that does not tell, as where it manages another host's guests. */
async function hostOf(
  uri: string | null,
  shown: string,
  timeoutSeconds: number | null,
  connections: JobConnections,
): Promise<TopHost | null> {
  const connection = await connections.take(uri, timeoutSeconds);
  try {
    return { uri: shown, ...(await connection.ask('nodeInfo', {})) };
  } catch (error) {
    if (error instanceof VirtDfError && error.code === 'LIBVIRT') return null;
    throw error;
  } finally {
    await connections.release(connection);
  }
}

/** What is known of guests that hung a short time ago. */
function restingIn(previous: Sample | null, uri: string): ReadonlyMap<string, GuestSample> {
  const sinceMs = passedMs() - REST_MS;
  const hung = (previous?.guests ?? []).filter(
    ({ guest, atMs }) => guest.uri === uri && atMs > sinceMs && guest.problem?.code === 'TIMEOUT',
  );
  return new Map(
    hung.flatMap((sample) => {
      const { uuid } = sample.guest;
      return uuid === null ? [] : [[uuid, sample] as const];
    }),
  );
}
