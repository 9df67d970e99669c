// A network disk of a domain -> its URL, where virt-df speaks the protocol.
// References: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms (source, protocol, host).
import { attribute, element, elements, type XmlElement } from './xml.js';

/** null: another protocol (rbd, iscsi, gluster, ...), several hosts, TLS for NBD, or a source that says too little. */
export function networkUrl(source: XmlElement | null): string | null {
  const protocol = attribute(source, 'protocol') ?? '';
  const name = attribute(source, 'name') ?? '';
  const [host, ...others] = elements(source, 'host');
  if (host === undefined || others.length > 0) return null;
  if (element(source, 'slices') !== null) return null;
  const hasTls = attribute(source, 'tls') === 'yes';
  const transport = attribute(host, 'transport') ?? 'tcp';
  if (protocol === 'nbd' && transport === 'unix' && !hasTls) {
    const socket = attribute(host, 'socket');
    if (socket === null) return null;
    return `nbd+unix:///${encodeURIComponent(name)}?socket=${encodeURIComponent(socket)}`;
  }
  const server = serverOf(host);
  if (transport !== 'tcp' || server === null) return null;
  if (protocol === 'nbd' && !hasTls) return `nbd://${server}/${encodeURIComponent(name)}`;
  // libvirt gives a cookie or a login as a secret of its own, which is not asked for.
  if (element(source, 'cookies') !== null || element(source, 'auth') !== null) return null;
  const path = pathOf(name);
  if (protocol === 'http' || protocol === 'https') {
    return `${protocol}://${server}${path}${attribute(source, 'query') === null ? '' : `?${attribute(source, 'query')}`}`;
  }
  return protocol === 'ssh' ? `ssh://${server}${path}` : null;
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
