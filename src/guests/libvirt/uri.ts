// The host that a libvirt URI leads to.
// References: https://libvirt.org/uri.html

/** Its name, and its port if it has one; null: none is named, and the libvirt is this host's or a program makes the connection. */
export function uriHost(uri: string): string | null {
  // libvirt takes names and zones of addresses that URLs may not have.
  const host = URL.canParse(uri)
    ? new URL(uri).host
    : /^[^:/?#]+:\/\/(?:[^/?#]*@)?([^/?#]+)/u.exec(uri)?.[1];
  return host === undefined || host === '' ? null : host;
}
