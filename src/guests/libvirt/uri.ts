// The host that a libvirt URI leads to.
// References: https://libvirt.org/uri.html
import { pathInUrl } from '../../host/location.js';

/** Its name, and its port if it has one; null: none is named, and the libvirt is this host's or a program makes the connection. */
export function uriHost(uri: string): string | null {
  // libvirt takes names and zones of addresses that URLs may not have.
  const host = URL.canParse(uri)
    ? new URL(uri).host
    : /^[^:/?#]+:\/\/(?:[^/?#]*@)?([^/?#]+)/u.exec(uri)?.[1];
  return host === undefined || host === '' ? null : host;
}

/**
 * The disks, at absolute paths, of a host that its libvirt is asked by ssh, as URLs that are read by ssh too: the same login, port, key and care for the
 * host's key. null: the URI asks by something else.
 */
export function sshPlaces(uri: string): ((path: string) => string) | null {
  if (!/^[a-z]+\+(?:ssh|libssh2?):/u.test(uri) || !URL.canParse(uri)) return null;
  const { host, username, searchParams } = new URL(uri);
  if (host === '') return null;
  const login = username === '' ? '' : `${username}@`;
  const kept = ['keyfile', 'no_verify'].flatMap((name) => {
    const value = searchParams.get(name);
    return value === null ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  const query = kept.length === 0 ? '' : `?${kept.join('&')}`;
  return (path) => new URL(`ssh://${login}${host}${pathInUrl(path)}${query}`).href;
}
