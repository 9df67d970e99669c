// The schemes of URLs that disks are read at, and what speaks their protocol.
// References: RFC 3986; nbd doc/uri.md; QEMU block/iscsi.c, block/gluster.c, block/nfs.c, block/rbd.c, block/curl.c.

/** `qemu`: a qemu-nbd that is started for the disk (src/host/qemu/). */
export type Client = 'http' | 'nbd' | 'ssh' | 'libvirt' | 'qemu';

const CLIENTS: ReadonlyMap<string, Client> = new Map([
  ['http', 'http'],
  ['https', 'http'],
  ['nbd', 'nbd'],
  ['nbd+unix', 'nbd'],
  ['ssh', 'ssh'],
  ['libvirt', 'libvirt'],
  ['nbds', 'qemu'],
  ['nbds+unix', 'qemu'],
  ['iscsi', 'qemu'],
  ['rbd', 'qemu'],
  ['gluster', 'qemu'],
  ['gluster+tcp', 'qemu'],
  ['gluster+unix', 'qemu'],
  ['nfs', 'qemu'],
  ['ftp', 'qemu'],
  ['ftps', 'qemu'],
]);

/** What reads at the URL; null: nothing speaks its scheme. */
export function clientOf(url: string): Client | null {
  return CLIENTS.get(url.slice(0, url.indexOf(':'))) ?? null;
}

/** Whether programs are run to read at it. */
export function needsPrograms(url: string): boolean {
  const client = clientOf(url);
  return client === 'ssh' || client === 'libvirt' || client === 'qemu';
}
