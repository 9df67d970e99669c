// Where an image lies: a path of this host, or a URL. A URL's user and password open it and are never shown.
// References: RFC 3986; nbd doc/uri.md (nbd, nbd+unix).
import { UnsupportedError } from '../errors.js';

const URL_START = /^[a-z][a-z0-9+.-]*:\/\//u;

/** Whether it is a URL; every path that the program makes is absolute and begins with a slash. */
export function isUrl(location: string): boolean {
  return URL_START.test(location);
}

/** The location as it may be shown: without the password of a URL, and without its user unless it is an ssh URL. */
export function withoutSecrets(location: string): string {
  if (!isUrl(location)) return location;
  if (!URL.canParse(location)) return location.replace(/^([a-z0-9+.-]+:\/\/)[^/?#]*@/u, '$1');
  const url = new URL(location);
  url.password = '';
  if (url.protocol !== 'ssh:') url.username = '';
  return url.href;
}

/** The error for a scheme without a client here: such a disk can be had through a program that exports it over NBD. */
export function unsupportedScheme(scheme: string): UnsupportedError {
  const message = scheme.startsWith('nbds')
    ? `NBD over TLS (${scheme}://) is not spoken; let nbdkit or qemu-storage-daemon export it on a local socket`
    : `images over ${scheme}:// cannot be read; export it with qemu-storage-daemon and give nbd+unix://`;
  return new UnsupportedError('UNSUPPORTED_DISK', `${message} (docs/remote-disks.md)`, {
    data: { scheme },
  });
}
