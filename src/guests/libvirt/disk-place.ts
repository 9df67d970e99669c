// Where the bytes of a domain's disk are: a path of this host, a server on the network, or another host, which is read by SSH or
// through its libvirt.
// References: https://libvirt.org/uri.html; https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { access, constants } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { UnsupportedError, VirtDfError } from '../../errors.js';
import { isLoopback } from '../../host/inner-address.js';
import { withoutSecrets } from '../../host/location.js';
import type { GuestDisk } from '../guest.js';
import { isLost, type LibvirtConnection } from './client.js';
import { libvirtUrl } from './disk-url.js';
import type { DomainDisk } from './domain-xml.js';
import { foreignPath } from './foreign-path.js';
import { sshPlaces, uriHost } from './uri.js';

/** A filesystem of this host answers at once. */
const ACCESS_MS = 1000;

/** What is known of a domain and of how its disks may be read. */
interface OfDomain {
  readonly uuid: string;
  /** Whether a host of the URI is this one. */
  readonly isSameHost: boolean;
  /** Whether no connection may be opened that could write. */
  readonly isReadOnly: boolean;
}

/**
 * Where a disk of a domain is read: on this host, or at a URL; otherwise with the reason why not.
 * @throws LibvirtError as a connection that is lost.
 */
export async function placeOfDisk(
  connection: LibvirtConnection,
  disk: DomainDisk,
  { uuid, isSameHost, isReadOnly }: OfDomain,
): Promise<GuestDisk> {
  const { target, format, location, allowedFiles, ...shared } = disk;
  const found = { target, format, allowedFiles, ...shared };
  try {
    const elsewhere = isSameHost ? null : otherHost(connection.uri);
    if (location.kind === 'unreadable') throw location.problem;
    // A server on the network is the same from here, unless it is the other host's own.
    const isReached = location.kind === 'url' && !isOwnServer(location.url);
    if (location.kind === 'url') {
      if (elsewhere !== null && !isReached) throw ownServer(location.url, elsewhere);
      return { ...found, path: location.url, problem: null };
    }
    const path =
      location.kind === 'path'
        ? location.path
        : await connection.volumePath(location.pool, location.volume);
    // A network pool's volume and an ESX datastore have paths of their own kind.
    if (!isAbsolute(path)) throw foreignPath(path, elsewhere);
    const uri = connection.uri ?? '';
    const there =
      elsewhere === null
        ? await placesHere(path, uri, isReadOnly)
        : placesOn(uri, elsewhere, isReadOnly);
    if (there === null) return { ...found, path, problem: null };
    const files = allowedFiles.flatMap((file) => {
      // A path without a slash before it would go on with the host's name.
      return isAbsolute(file.path) ? [{ ...file, path: there(file.path, null) }] : [];
    });
    // Of other formats libvirt lets nobody peek at the file.
    const domain = format === 'raw' ? uuid : null;
    return { ...found, allowedFiles: files, path: there(path, domain), problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError) || isLost(error)) throw error;
    return { ...found, path: null, problem: error };
  }
}

/**
 * The other host whose disks a URI speaks of; null when they are this host's. A path of another host must not be read here:
 * there may be a file of that name on this one. That both hosts have one name is no proof, and what listens at a port of this
 * host may be a tunnel.
 */
export function otherHost(uri: string | null): string | null {
  if (uri === null) return null;
  const host = uriHost(uri);
  if (!URL.canParse(uri)) return host;
  const { hostname, port, protocol } = new URL(uri);
  // A program of the user's makes the connection.
  if (hostname === '' && protocol.endsWith('+ext:')) return `that ${protocol}// leads to`;
  return port === '' && isLoopback(hostname) ? null : host;
}

/** Whether a network disk is served where its host alone reaches it. */
function isOwnServer(url: string): boolean {
  // Whoever opens it says what is wrong with it.
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === '' || isLoopback(hostname);
}

function ownServer(url: string, host: string): VirtDfError {
  const message = `this disk is served at ${withoutSecrets(url)}, which on the host ${host} means itself; from here it cannot be reached`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { host } });
}

/** A path of another host as a URL; `domain` is the one whose disk it is, if that can be peeked at. */
type Place = (path: string, domain: string | null) => string;

/** By SSH, where libvirt is asked so: that takes no connection that could write. */
function placesOn(uri: string, host: string, isReadOnly: boolean): Place {
  const bySsh = sshPlaces(uri);
  if (bySsh !== null) return bySsh;
  if (isReadOnly) throw readOnly(host);
  const named = uriHost(uri) ?? '';
  if (!URL.canParse(`libvirt://${named}/`)) throw remoteDisk(host);
  return (path, domain) => libvirtUrl(named, path, { connect: uri, domain });
}

/** null: by its path, as far as this user may. What is refused to him libvirt may give, to whom it lets change guests. */
async function placesHere(path: string, uri: string, isReadOnly: boolean): Promise<Place | null> {
  if (isReadOnly || uri === '' || !(await isRefused(path))) return null;
  return (file, domain) => libvirtUrl('', file, { connect: uri, domain, isRefused: true });
}

/** No: or a file server does not answer, which whoever opens it is told. */
async function isRefused(path: string): Promise<boolean> {
  if (process.getuid?.() === 0) return false;
  try {
    const answer = access(path, constants.R_OK);
    await Promise.race([answer, setTimeout(ACCESS_MS, null, { ref: false })]);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

function remoteDisk(host: string): VirtDfError {
  const message = `this disk lies on the host ${host}, whose name is none of a URL; --same-host says that it is this one`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { host } });
}

function readOnly(host: string): VirtDfError {
  const message =
    `this disk lies on the host ${host}, whose libvirt gives its bytes only over a connection that could write as well, ` +
    'which --read-only-connection forbids; qemu+ssh:// needs none (--same-host says that the host is this one)';
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { host } });
}
