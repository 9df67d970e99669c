// Addresses that lie within a host or its networks: what answers there trusts whoever can reach it, and a server outside must
// not make us ask it.
// References: RFC 6890 and IANA's registries of special-purpose addresses; RFC 4291 (IPv4-mapped), RFC 6052 (NAT64), RFC 3056
// (6to4), RFC 4193 (unique local), RFC 6598 (100.64.0.0/10).
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
// Whoever connects to no address connects to itself.
LOOPBACK.addAddress('0.0.0.0', 'ipv4');
LOOPBACK.addAddress('::', 'ipv6');

const INNER = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3], // Multicast, and what is reserved.
] as const) {
  INNER.addSubnet(network, prefix, 'ipv4');
}
// Addresses that embed one of IPv4 are refused as a whole: nobody redirects to one in good faith.
for (const [network, prefix] of [
  ['::', 96], // The host itself, and IPv4-compatible ones.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9], // Link-local, and site-local before it was given up.
  ['ff00::', 8],
] as const) {
  INNER.addSubnet(network, prefix, 'ipv6');
}

/** Whether an IP address (a zone may follow it) is one of this host or of a network that is not public. */
export function isInnerAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$|%.*$/gu, '');
  const family = isIP(bare);
  return family !== 0 && INNER.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/** Names that systems give to themselves; see RFC 6761, 6.3 and hosts(5). */
const OWN_NAMES =
  /^(?:(?:.+\.)?localhost|localhost[46]?(?:\.localdomain[46]?)?|ip6-l(?:ocalhost|oopback))$/u;

/** Whether a host's name or address, as URLs have it, means the host that uses it, whichever that is. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/u, '');
  if (OWN_NAMES.test(name)) return true;
  // An address may be written as 127.1, or as one number.
  const url = `http://${name}`;
  const bare = (URL.canParse(url) ? new URL(url).hostname : name).replace(/^\[|\]$/gu, '');
  const family = isIP(bare);
  return family !== 0 && LOOPBACK.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * A look-up of names for connections: one that resolves to a refused address fails with `refusal()`. What was looked up is
 * what is connected to, so a name that changes its address between two look-ups gains nothing.
 */
export function guardedLookup(
  isRefused: (address: string) => boolean,
  refusal: () => Error,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, []);
      if (addresses.some(({ address }) => isRefused(address))) return callback(refusal(), []);
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}
