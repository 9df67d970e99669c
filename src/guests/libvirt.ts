// libvirt's guests: their names and states, and where their disks lie. Read-only, through libvirt's own library.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainState), https://libvirt.org/uri.html

import { LibvirtError, VirtDfError } from '../errors.js';
import { withoutSecrets } from '../host/location.js';
import { toldApart } from './alike.js';
import type { GuestDefinition } from './guest.js';
import { askedNote } from './libvirt/asked.js';
import { isLost, type LibvirtConnection, openLibvirt } from './libvirt/client.js';
import { otherHost, placeOfDisk } from './libvirt/disk-place.js';
import { parseDomain } from './libvirt/domain-xml.js';
import { type FolderUsages, folderUsages } from './libvirt/folder-place.js';
import type { AskLogin } from './libvirt/login.js';
import { type Names, noSuchGuest, sought } from './libvirt/no-such-guest.js';
import type { DomainStates, DomainSummary } from './libvirt/protocol.js';
import { byName, isNamed, selectDomains, unmatched } from './libvirt/select.js';
import { stateName } from './libvirt/states.js';

export interface LibvirtQuery extends Names {
  /** Empty is libvirt's own default. */
  readonly uris: readonly string[];
  /** Shut off domains too; else only the active ones. */
  readonly all: boolean;
  /** Names, UUIDs and globs. Domains that are named are found in any state; empty selects by `all`. */
  readonly select: readonly string[];
  /** Whether the paths of URIs with a host are this host's too; default: of a loopback address without a port alone. */
  readonly isSameHost?: boolean;
  /** Whether no connection may be opened that could write, by which disks of other hosts are read where SSH is not spoken. */
  readonly isReadOnly?: boolean;
  /** Whether directories of the host are left out, of which this host is asked; default: they are not. */
  readonly withoutFolders?: boolean;
  /** Who is asked for a login that a libvirt wants and auth.conf does not have; left out: nobody. */
  readonly askLogin?: AskLogin | null;
  /** How long one connection may take from opening to its last answer; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** Called with the URI of each libvirt that answers, as it calls itself. */
  readonly onAnswer?: (uri: string) => void;
  /** Called with the name of each domain that ended between the listing and its reading, and that nobody named. */
  readonly onVanished?: (name: string) => void;
  /** Called with a line about what was asked of each libvirt. */
  readonly onAsked?: (note: string) => void;
}

/** How a libvirt is reached; tests and other transports bring their own. */
export type OpenLibvirt = typeof openLibvirt;

/**
 * The guests of one or more libvirts, each libvirt's sorted by name. Four failures are guests with a `problem`: a domain
 * whose XML fails, a name that means no domain (NO_SUCH_GUEST), one of several URIs that does not answer, and one that answers
 * no more when some of its domains are known.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT or TIMEOUT when no URI answers
 */
export async function listLibvirtGuests(
  query: LibvirtQuery,
  open: OpenLibvirt = openLibvirt,
): Promise<readonly GuestDefinition[]> {
  const uris = query.uris.length === 0 ? [null] : [...new Set(query.uris)];
  const listings = await Promise.all(uris.map((uri) => listOne(uri, query, open)));
  const answered = listings.filter((listing) => listing.failure === null);
  const failures = listings.flatMap(({ failure }) => failure ?? []);
  const { select } = query;
  const domains = listings.flatMap((listing) => listing.domains);
  if (answered.length === 0) {
    const unknown = domains.length === 0 ? select : unmatched(domains, select);
    throw sought(joined(failures), unknown, query);
  }
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
    const connection = await open(uri, query.timeoutSeconds, query.askLogin);
    if (connection.uri !== null) query.onAnswer?.(connection.uri);
    try {
      const listing = await listDomains(connection, query);
      query.onAsked?.(
        askedNote(withoutSecrets(listing.uri ?? 'libvirt'), connection, listing.guests),
      );
      return listing;
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    const name = uri ?? 'libvirt';
    return { uri, guests: [unreadableGuest(name, uri, error)], domains: [], failure: error };
  }
}

/** What is said when no URI answers: of several, all reasons. */
function joined(failures: readonly VirtDfError[]): VirtDfError {
  const [first, ...others] = failures;
  if (first === undefined) throw new Error('a URI answers or fails');
  if (others.length === 0) return first;
  const message = failures.map((failure) => failure.message).join('; and ');
  return new LibvirtError(first.code, message, { data: first.data, cause: first });
}

async function listDomains(connection: LibvirtConnection, query: LibvirtQuery): Promise<Listing> {
  const { all, select, onVanished } = query;
  const domains = await connection.domains(!all && select.length === 0);
  const selected = [...selectDomains(domains, select)].sort(byName);
  const states = await statesOf(connection, selected);
  const usageOf = folderUsages();
  const described = await Promise.all(
    selected.map(({ name, uuid }) => {
      const state = states.get(uuid);
      const word = state === undefined ? null : stateName(state);
      return describe(connection, { name, uuid, state: word }, query, usageOf);
    }),
  );
  const guests = described.filter(({ problem, name, uuid }) => {
    if (!hasVanished(problem) || isNamed({ name, uuid: uuid ?? '' }, select)) return true;
    onVanished?.(name);
    return false;
  });
  return { uri: connection.uri, domains, ...withoutLost(connection, guests) };
}

/** If the connection is lost, none: the domains after it are not read either, and one guest says so. */
async function statesOf(
  connection: LibvirtConnection,
  domains: readonly DomainSummary[],
): Promise<DomainStates> {
  try {
    return await connection.states(domains.map(({ uuid }) => uuid));
  } catch (error) {
    if (isLost(error)) return new Map();
    throw error;
  }
}

/** virErrorNumber VIR_ERR_NO_DOMAIN */
const NO_DOMAIN = 42;

/** Whether a domain is not there any more. */
export function hasVanished(problem: VirtDfError | null): boolean {
  return problem?.code === 'LIBVIRT' && problem.data.libvirtCode === NO_DOMAIN;
}

/** All guests that a connection which ended left unread, as one for its URI; where it left all, the URI gave nothing. */
function withoutLost(
  { uri }: LibvirtConnection,
  guests: readonly GuestDefinition[],
): Pick<Listing, 'guests' | 'failure'> {
  const lost = guests.filter(({ problem }) => isLost(problem));
  const problem = lost[0]?.problem ?? null;
  if (problem === null) return { guests, failure: null };
  const count = lost.length === 1 ? '1 guest is' : `${lost.length} guests are`;
  const message = `${count} not read, of ${guests.length}: ${problem.message}`;
  const said = new LibvirtError(problem.code, message, { data: problem.data, cause: problem });
  const read = guests.filter((guest) => !isLost(guest.problem));
  return {
    guests: [...read, unreadableGuest(uri ?? 'libvirt', uri, said)],
    failure: read.length === 0 ? said : null,
  };
}

async function describe(
  connection: LibvirtConnection,
  domain: DomainSummary & { readonly state: string | null },
  query: LibvirtQuery,
  usageOf: FolderUsages,
): Promise<GuestDefinition> {
  const { uuid } = domain;
  const guest = {
    ...domain,
    uri: connection.uri === null ? null : withoutSecrets(connection.uri),
  };
  const { isSameHost = false, withoutFolders = false, isReadOnly = false } = query;
  try {
    const { disks, folders, agent } = parseDomain(await connection.xml(uuid));
    const known = agent === null ? guest : { ...guest, agent };
    const located = await Promise.all(
      disks.map((disk) => placeOfDisk(connection, disk, { uuid, isSameHost, isReadOnly })),
    );
    if (withoutFolders || folders.length === 0) return { ...known, disks: located, problem: null };
    const elsewhere = isSameHost ? null : otherHost(connection.uri);
    const asked = await Promise.all(folders.map((folder) => usageOf(folder, elsewhere)));
    return { ...known, disks: located, folders: asked, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...guest, disks: [], problem: error };
  }
}

function unreadableGuest(name: string, uri: string | null, problem: VirtDfError): GuestDefinition {
  const shown = uri === null ? null : withoutSecrets(uri);
  return { name: withoutSecrets(name), uuid: null, state: null, uri: shown, disks: [], problem };
}
