// libvirt's guests: their names and states, and where their disks lie. Read-only, through libvirt's own library.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainState), https://libvirt.org/uri.html

import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { UnsupportedError, VirtDfError } from '../errors.js';
import { withoutSecrets } from '../host/location.js';
import { toldApart } from './alike.js';
import type { GuestDefinition, GuestDisk } from './guest.js';
import { type LibvirtConnection, openLibvirt } from './libvirt/client.js';
import { type DomainDisk, parseDomainDisks } from './libvirt/domain-xml.js';
import { type Names, noSuchGuest, sought } from './libvirt/no-such-guest.js';
import type { DomainSummary } from './libvirt/protocol.js';
import { selectDomains, unmatched } from './libvirt/select.js';

export interface LibvirtQuery extends Names {
  /** Empty is libvirt's own default. */
  readonly uris: readonly string[];
  /** Shut off domains too; else only the active ones. */
  readonly all: boolean;
  /** Names, UUIDs and globs. Domains that are named are found in any state; empty selects by `all`. */
  readonly select: readonly string[];
  /** How long one connection may take from opening to its last answer; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** Called with the URI of each libvirt that answers, as it calls itself. */
  readonly onAnswer?: (uri: string) => void;
}

/** How a libvirt is reached; tests and other transports bring their own. */
export type OpenLibvirt = typeof openLibvirt;

/**
 * The guests of one or more libvirts, each libvirt's sorted by name. Three failures are guests with a `problem`: a domain
 * whose XML fails, a name that means no domain (NO_SUCH_GUEST), and one of several URIs that does not answer.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT or TIMEOUT when no URI answers
 */
export async function listLibvirtGuests(
  query: LibvirtQuery,
  open: OpenLibvirt = openLibvirt,
): Promise<readonly GuestDefinition[]> {
  const uris = query.uris.length === 0 ? [null] : [...new Set(query.uris)];
  const listings = await Promise.all(uris.map((uri) => listOne(uri, query, open)));
  const answered = listings.filter((listing) => listing.failure === null);
  const failure = listings[0]?.failure;
  const { select } = query;
  if (answered.length === 0 && failure) throw sought(failure, select, query);
  const domains = answered.flatMap((listing) => listing.domains);
  const names = domains.map(({ name }) => name);
  const askedUris = answered.flatMap(({ uri }) => uri ?? []);
  return toldApart([
    ...listings.flatMap((listing) => listing.guests),
    ...unmatched(domains, select).map((name) =>
      unreadableGuest(name, null, noSuchGuest(name, query, askedUris, names)),
    ),
  ]);
}

interface Listing {
  /** As the libvirt that answered calls itself. */
  readonly uri: string | null;
  readonly guests: readonly GuestDefinition[];
  /** Every domain that was listed, selected or not. */
  readonly domains: readonly DomainSummary[];
  /** Why this URI gave nothing; `guests` then holds one that says so. */
  readonly failure: VirtDfError | null;
}

async function listOne(
  uri: string | null,
  query: LibvirtQuery,
  open: OpenLibvirt,
): Promise<Listing> {
  try {
    const connection = await open(uri, query.timeoutSeconds);
    if (connection.uri !== null) query.onAnswer?.(connection.uri);
    try {
      return await listDomains(connection, query);
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    const name = uri ?? 'libvirt';
    return { uri, guests: [unreadableGuest(name, uri, error)], domains: [], failure: error };
  }
}

async function listDomains(connection: LibvirtConnection, query: LibvirtQuery): Promise<Listing> {
  const domains = await connection.domains(!query.all && query.select.length === 0);
  const selected = [...selectDomains(domains, query.select)].sort(byName);
  const guests = await Promise.all(selected.map((domain) => describe(connection, domain)));
  return { uri: connection.uri, guests, domains, failure: null };
}

/** As strcmp() orders names, whatever the locale. */
function byName(a: DomainSummary, b: DomainSummary): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

/** virDomainState, in virsh's words. */
const STATE_NAMES = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
] as const;

async function describe(
  connection: LibvirtConnection,
  { name, uuid, state }: DomainSummary,
): Promise<GuestDefinition> {
  const guest = {
    name,
    uuid,
    state: state === null ? null : (STATE_NAMES[state] ?? null),
    uri: connection.uri === null ? null : withoutSecrets(connection.uri),
  };
  try {
    const disks = parseDomainDisks(await connection.xml(uuid));
    const located = await Promise.all(disks.map((disk) => locate(connection, disk)));
    return { ...guest, disks: located, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...guest, disks: [], problem: error };
  }
}

async function locate(connection: LibvirtConnection, disk: DomainDisk): Promise<GuestDisk> {
  const { target, format, location, allowedFiles } = disk;
  const found = { target, format, allowedFiles };
  try {
    const elsewhere = remoteHost(connection);
    if (location.kind === 'unreadable') throw location.problem;
    if (elsewhere !== null) throw remoteDisk(elsewhere);
    if (location.kind === 'url') return { ...found, path: location.url, problem: null };
    const path =
      location.kind === 'path'
        ? location.path
        : await connection.volumePath(location.pool, location.volume);
    // A network pool's volume and an ESX datastore have paths of their own kind.
    if (!isAbsolute(path)) throw foreignPath(path);
    return { ...found, path, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...found, path: null, problem: error };
  }
}

/**
 * The other host whose disks the connection speaks of; null when they are this host's. A path of another host must not
 * be read here: there may be a file of that name on this one.
 */
function remoteHost({ uri, hostname: serverName }: LibvirtConnection): string | null {
  const host = uri === null || !URL.canParse(uri) ? '' : new URL(uri).hostname;
  return host === '' || serverName === hostname() ? null : host;
}

function remoteDisk(host: string): VirtDfError {
  const message = `this disk lies on the host ${host}; virt-df reads disks of its own host only`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { host } });
}

function foreignPath(path: string): VirtDfError {
  const message = `this disk is '${path}', which is no path of this host`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { path } });
}

function unreadableGuest(name: string, uri: string | null, problem: VirtDfError): GuestDefinition {
  const shown = uri === null ? null : withoutSecrets(uri);
  return { name: withoutSecrets(name), uuid: null, state: null, uri: shown, disks: [], problem };
}
