// Where an image lies: a path of this host, or a URL. A URL's user and password open it and are never shown.
// References: RFC 3986; nbd doc/uri.md (nbd, nbd+unix).

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
