// Where the bytes of a domain's disk are: a path of this host, or a server on the network. The disks of other hosts are not.
// References: https://libvirt.org/uri.html; https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { isAbsolute } from 'node:path';
import { UnsupportedError, VirtDfError } from '../../errors.js';
import { isLoopback } from '../../host/inner-address.js';
import { withoutSecrets } from '../../host/location.js';
import type { GuestDisk } from '../guest.js';
import { isLost, type LibvirtConnection } from './client.js';
import type { DomainDisk } from './domain-xml.js';
import { sshPlaces, uriHost } from './uri.js';

/**
 * Where a disk of a domain is read: on this host, or at a URL; otherwise with the reason why not.
 * @throws LibvirtError as a connection that is lost.
 */
export async function placeOfDisk(
  connection: LibvirtConnection,
  disk: DomainDisk,
  isSameHost: boolean,
): Promise<GuestDisk> {
  const { target, format, location, allowedFiles, ...shared } = disk;
  const found = { target, format, allowedFiles, ...shared };
  try {
    const elsewhere = isSameHost ? null : otherHost(connection.uri);
    if (location.kind === 'unreadable') throw location.problem;
    // A server on the network is the same from here, unless it is the other host's own.
    const isReached = location.kind === 'url' && !isOwnServer(location.url);
    const there = elsewhere === null || isReached ? null : sshPlaces(connection.uri ?? '');
    const isOutOfReach = elsewhere !== null && !isReached && there === null;
    if (isOutOfReach) throw remoteDisk(elsewhere);
    if (location.kind === 'url') {
      if (there !== null) throw ownServer(location.url, elsewhere ?? '');
      return { ...found, path: location.url, problem: null };
    }
    const path =
      location.kind === 'path'
        ? location.path
        : await connection.volumePath(location.pool, location.volume);
    // A network pool's volume and an ESX datastore have paths of their own kind.
    if (!isAbsolute(path)) throw foreignPath(path);
    if (there === null) return { ...found, path, problem: null };
    const files = allowedFiles.flatMap((file) => {
      // A path without a slash before it would go on with the host's name.
      return isAbsolute(file.path) ? [{ ...file, path: there(file.path) }] : [];
    });
    return { ...found, allowedFiles: files, path: there(path), problem: null };
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

function remoteDisk(host: string): VirtDfError {
  const message = `this disk lies on the host ${host}; virt-df reads disks of other hosts over SSH alone, qemu+ssh:// (--same-host says that it is this one)`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { host } });
}

function foreignPath(path: string): VirtDfError {
  const message = `this disk is '${path}', which is no path of this host`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { path } });
}
