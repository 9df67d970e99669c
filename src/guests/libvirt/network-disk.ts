// A network disk of a domain -> its URL, where virt-df speaks the protocol, or a qemu-nbd does that it starts.
// References: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms (source, protocol, host, auth, identity).
import { attribute, element, elements, type XmlElement } from './xml.js';

interface NetworkSource {
  readonly source: XmlElement;
  readonly name: string;
  readonly first: XmlElement | null;
  /** Further hosts of the same storage, each as `HOST:PORT`; null: one of them is none that a URL can name. */
  readonly others: readonly string[] | null;
  /** As a part of a URL: `host`, `[::1]:3260`; empty: there is none; null: it is none that a URL can name. */
  readonly server: string | null;
  readonly hasTls: boolean;
  /** Whether a login is needed whose secret libvirt keeps: it is not asked for. */
  readonly hasSecret: boolean;
}

type Make = (disk: NetworkSource) => string | null;

const MAKERS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['nbd', nbd],
  ['http', web],
  ['https', web],
  ['ssh', (disk) => atServer(disk, 'ssh')],
  ['ftp', (disk) => atServer(disk, 'ftp')],
  ['ftps', (disk) => atServer(disk, 'ftps')],
  ['iscsi', iscsi],
  ['rbd', rbd],
  ['gluster', gluster],
  ['nfs', nfs],
]);

/** null: another protocol, a login whose secret libvirt keeps, or a source that says too little. */
export function networkUrl(source: XmlElement | null): string | null {
  const make = MAKERS.get(attribute(source, 'protocol') ?? '');
  if (source === null || make === undefined || element(source, 'slices') !== null) return null;
  const [first = null, ...rest] = elements(source, 'host');
  const others = rest.map(serverOf);
  return make({
    ...{ source, first },
    name: attribute(source, 'name') ?? '',
    others: others.includes(null) ? null : others.filter((one) => one !== null),
    server: first === null ? '' : serverOf(first),
    hasTls: attribute(source, 'tls') === 'yes',
    hasSecret: element(source, 'cookies') !== null || element(source, 'auth') !== null,
  });
}

function nbd({ source, name, first, server, hasTls, others }: NetworkSource): string | null {
  const scheme = hasTls ? 'nbds' : 'nbd';
  const tls = attribute(source, 'tlsHostname');
  const words = hasTls && tls !== null ? { 'tls-hostname': tls } : {};
  if (first === null || others?.length !== 0) return null;
  const socket = socketOf(first);
  if (socket !== null) {
    return `${scheme}+unix:///${encodeURIComponent(name)}${query({ socket, ...words })}`;
  }
  if (!isPlain(server) || transportOf(first) !== 'tcp') return null;
  return `${scheme}://${server}/${encodeURIComponent(name)}${query(words)}`;
}

function web(disk: NetworkSource): string | null {
  const url = atServer(disk, attribute(disk.source, 'protocol') ?? '');
  const search = attribute(disk.source, 'query');
  return url === null || search === null ? url : `${url}?${search}`;
}

/** A path of one server. */
function atServer(disk: NetworkSource, scheme: string): string | null {
  const { name, first, server, others, hasSecret } = disk;
  if (hasSecret || others?.length !== 0 || !isPlain(server)) return null;
  return transportOf(first) === 'tcp' ? `${scheme}://${server}${pathOf(name)}` : null;
}

function iscsi(disk: NetworkSource): string | null {
  const url = atServer(disk, 'iscsi');
  const initiator = attribute(element(element(disk.source, 'initiator'), 'iqn'), 'name');
  // libvirt's LUN is 0 where the name has none.
  const lun = disk.name.includes('/') ? '' : '/0';
  return url === null ? null : `${url}${lun}${query({ 'initiator-name': initiator })}`;
}

/** The key of the user is one that Ceph's configuration of this host has: libvirt's own secret is not asked for. */
function rbd({ source, name, server, others }: NetworkSource): string | null {
  if (server === null || others === null) return null;
  const auth = element(source, 'auth');
  const words = query({
    server: others,
    user: auth === null ? null : attribute(auth, 'username'),
    conf: attribute(element(source, 'config'), 'file'),
    snapshot: attribute(element(source, 'snapshot'), 'name'),
  });
  return `rbd://${server}${pathOf(name)}${words}`;
}

function gluster({ name, first, server, others }: NetworkSource): string | null {
  const socket = first === null ? null : socketOf(first);
  if (socket !== null) return `gluster+unix://${pathOf(name)}${query({ socket })}`;
  if (!isPlain(server) || others === null || transportOf(first) !== 'tcp') return null;
  return `gluster://${server}${pathOf(name)}${query({ server: others })}`;
}

function nfs(disk: NetworkSource): string | null {
  const url = atServer(disk, 'nfs');
  const identity = element(disk.source, 'identity');
  // libvirt's are names or, behind a plus sign, numbers, which alone mean the same on every host.
  const number = (name: string) => /^\+?(\d+)$/u.exec(attribute(identity, name) ?? '')?.[1] ?? null;
  return url === null ? null : `${url}${query({ uid: number('user'), gid: number('group') })}`;
}

function isPlain(server: string | null): server is string {
  return server !== null && server !== '';
}

function transportOf(host: XmlElement | null): string {
  return attribute(host, 'transport') ?? 'tcp';
}

function socketOf(host: XmlElement): string | null {
  return transportOf(host) === 'unix' ? attribute(host, 'socket') : null;
}

function query(words: { readonly [name: string]: string | null | readonly string[] }): string {
  const parts = Object.entries(words).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}=${encodeURIComponent(one)}`),
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function serverOf(host: XmlElement): string | null {
  const name = attribute(host, 'name');
  const port = attribute(host, 'port');
  if (name === null || !/^[\w.:-]+$/u.test(name) || !/^\d{0,5}$/u.test(port ?? '')) return null;
  const shown = name.includes(':') ? `[${name}]` : name;
  return port === null || port === '' ? shown : `${shown}:${port}`;
}

function pathOf(name: string): string {
  const parts = name.replace(/^\//u, '').split('/');
  return `/${parts.map((part) => encodeURIComponent(part)).join('/')}`;
}
