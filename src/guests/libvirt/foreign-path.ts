// Why a disk cannot be read whose place is no path of a host: a file in a datastore of ESX, a path of Windows.
// References: https://libvirt.org/drvesx.html (Datastore references); VMware vSphere Web Services SDK, "HTTP Access to vSphere Server Files"
import { UnsupportedError, type VirtDfError } from '../../errors.js';

/** `[datastore1] guest/guest.vmdk` */
const DATASTORE = /^\[([^\]]+)\] *(.+)$/u;
const WINDOWS = /^(?:[A-Za-z]:|\\\\)/u;

/** @param host of the URI; null: this one. */
export function foreignPath(path: string, host: string | null): VirtDfError {
  const data = { path };
  return new UnsupportedError('UNSUPPORTED_DISK', `this disk is '${path}', ${reason(path, host)}`, {
    data,
  });
}

function reason(path: string, host: string | null): string {
  const [, datastore, file] = DATASTORE.exec(path) ?? [];
  if (datastore !== undefined && file !== undefined) {
    const parts = file.replace(/\.vmdk$/u, '-flat.vmdk').split('/');
    const flat = parts.map(inShell).join('/');
    const query = `dcPath=ha-datacenter&dsName=${inShell(datastore)}`;
    return (
      `a file in a datastore of an ESX host, of which libvirt gives no bytes; that host's web server may: ` +
      `-t 'https://USER:PASSWORD@${host ?? 'HOST'}/folder/${flat}?${query}' --format raw`
    );
  }
  if (WINDOWS.test(path)) {
    return 'a path of Windows; -t reads the file where this host mounts or has a copy of it';
  }
  return 'which is no path of this host';
}

/** As a part of a URL that stands in quotes of the shell. */
function inShell(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}
