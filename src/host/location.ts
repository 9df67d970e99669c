// Where an image lies: a path of this host, or a URL. A URL's user, password and query open it and are never shown.
// References: RFC 3986; nbd doc/uri.md (nbd, nbd+unix).
import { UnsupportedError } from '../errors.js';
import { type Client, clientOf } from './schemes.js';

const URL_START = /^[a-z][a-z0-9+.-]*:\/\//u;

/** Whether it is a URL; every path that the program makes is absolute and begins with a slash. */
export function isUrl(location: string): boolean {
  return URL_START.test(location);
}

/**
 * A path of a host as a part of a URL: what a URL takes for something else, whatever is encoded already, and the blanks that it
 * leaves out.
 */
export function pathInUrl(path: string): string {
  return path.replace(/[\p{Cc} %?#]/gu, encodeURIComponent);
}

const NAMING_HOST_PATHS: ReadonlySet<Client> = new Set(['ssh', 'libvirt', 'qemu']);

/** Whether images at such a URL have the names that files have on its host, in which `#` and `%` mean nothing. */
export function namesHostPaths(url: string): boolean {
  const client = clientOf(url);
  return client !== null && NAMING_HOST_PATHS.has(client);
}

/** Schemes whose user names an account of the host, as `root@`; of others it may be a token. */
const SHOWS_USER = /ssh|^(?:esx|gsx|vpx|hyperv|xenapi)/u;

/**
 * The location as it may be shown: of a URL without user, password and query, which may hold a token or a signature. The
 * user of SSH and the socket of NBD stay. Two URLs may look alike then.
 */
export function withoutSecrets(location: string): string {
  if (!isUrl(location)) return secretsHidden(location);
  return bare(URL.canParse(location) ? new URL(location).href : location);
}

const AUTHORITY = /^([a-z][a-z0-9+.-]*:)(\/\/?)(?:[^/?#]*@)?/iu;
/** Of what is no URL: the password may have a slash that nobody encoded. */
const ANY_AUTHORITY = /^([a-z][a-z0-9+.-]*:)(\/\/?)(?:.*@)?/isu;

function bare(url: string): string {
  const socket = /[?&](socket=[^&#]*)/u.exec(url)?.[1];
  const authority = URL.canParse(url) ? AUTHORITY : ANY_AUTHORITY;
  const shown = url
    .replace(authority, (whole: string, scheme: string, slashes: string) =>
      SHOWS_USER.test(scheme) ? whole.replace(/:(?!\/\/).*@/su, '@') : scheme + slashes,
    )
    .replace(/[?#].*$/su, '');
  return socket === undefined ? shown : `${shown}?${socket}`;
}

/**
 * The URLs within a text: quotes and blanks end them, and what parts sentences is no part of them. Where one was taken for a
 * path, it has one slash less (`/home/me/https:/token@host`).
 */
const URLS =
  /(?<![a-z0-9+.-])(?:[a-z][a-z0-9+.-]*:\/\/|(?:https?|ftps?|nbd|ssh):\/)(?:[^\s"'`<>(){}\\]*[^\s"'`<>(){}\\:;,.])?/giu;

/** A text of any kind in which no URL has a secret: of another program, of an image, of the command line. */
export function secretsHidden(text: string): string {
  return text.includes(':/') ? text.replace(URLS, bare) : text;
}

/** The error for a scheme without a client here: such a disk can be had through a program that exports it over NBD. */
export function unsupportedScheme(scheme: string): UnsupportedError {
  const message = `images over ${scheme}:// cannot be read; export it with qemu-storage-daemon and give nbd+unix://`;
  return new UnsupportedError('UNSUPPORTED_DISK', `${message} (docs/remote-disks.md)`, {
    data: { scheme },
  });
}
