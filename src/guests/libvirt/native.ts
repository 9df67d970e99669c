// One read-only connection to libvirt through its C library. Runs in the child process only; every call blocks.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html, virterror.h (virErrorNumber)

import { LibvirtError } from '../../errors.js';
import { withoutSecrets } from '../../host/location.js';
import { type LastError, type LibvirtFunctions, loadLibvirt, type Pointer } from './binding.js';
import type { DomainSummary } from './protocol.js';

/** VIR_CONNECT_LIST_DOMAINS_ACTIVE */
const LIST_ACTIVE = 1;
/** VIR_UUID_STRING_BUFLEN */
const UUID_STRING_BYTES = 37;

/** virErrorNumber: the ones whose next step is known. */
const VIR_ERR_NO_CONNECT = 5;
const VIR_ERR_SYSTEM_ERROR = 38;
const VIR_ERR_AUTH_FAILED = 45;
const VIR_ERR_AUTH_CANCELLED = 79;
const VIR_ERR_AUTH_UNAVAILABLE = 94;

/** A read-only connection. Every function throws LibvirtError LIBVIRT with libvirt's own words. */
export interface NativeConnection {
  readonly uri: string | null;
  readonly hostname: string | null;
  domains(activeOnly: boolean): readonly DomainSummary[];
  xml(uuid: string): string;
  volumePath(pool: string, volume: string): string;
  close(): void;
}

/**
 * Opens a read-only connection; null is libvirt's own default.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT
 */
export async function connect(uri: string | null): Promise<NativeConnection> {
  const libvirt = await loadLibvirt();
  const connection = libvirt.open(uri);
  if (connection === null) throw connectError(uri, libvirt.lastError());
  // The domains of the last listing, so that their XML costs one round trip each and not two.
  const domainsByUuid = new Map<string, Pointer>();
  return {
    uri: libvirt.uri(connection),
    hostname: libvirt.hostname(connection),
    domains(activeOnly) {
      const list: Pointer[] = [null];
      const count = libvirt.listDomains(connection, list, activeOnly ? LIST_ACTIVE : 0);
      if (count < 0) throw callError('libvirt cannot list its domains', libvirt);
      return libvirt.takeArray(list[0] ?? null, count).map((domain) => {
        const summary = summarize(libvirt, domain);
        domainsByUuid.set(summary.uuid, domain);
        return summary;
      });
    },
    xml(uuid) {
      const xml = libvirt.xml(domainsByUuid.get(uuid) ?? null, 0);
      if (xml === null) throw callError("libvirt does not give the domain's XML", libvirt);
      return xml;
    },
    volumePath: (pool, volume) => volumePath(libvirt, connection, pool, volume),
    close() {
      for (const domain of domainsByUuid.values()) libvirt.freeDomain(domain);
      domainsByUuid.clear();
      libvirt.close(connection);
    },
  };
}

function summarize(libvirt: LibvirtFunctions, domain: Pointer): DomainSummary {
  const buffer = Buffer.alloc(UUID_STRING_BYTES);
  const name = libvirt.name(domain);
  if (name === null || libvirt.uuid(domain, buffer) < 0) {
    throw callError('libvirt does not say what a domain of its list is called', libvirt);
  }
  const state = [0];
  // A domain that went away since the listing has no state any more; its XML will say so.
  const known = libvirt.state(domain, state, [0], 0) >= 0;
  const uuid = buffer.toString('latin1', 0, UUID_STRING_BYTES - 1);
  return { name, uuid, state: known ? (state[0] ?? null) : null };
}

function volumePath(
  libvirt: LibvirtFunctions,
  connection: Pointer,
  poolName: string,
  volumeName: string,
): string {
  const what = `libvirt cannot find volume '${volumeName}' of storage pool '${poolName}'`;
  const pool = libvirt.lookupPool(connection, poolName);
  if (pool === null) throw callError(what, libvirt);
  try {
    const volume = libvirt.lookupVolume(pool, volumeName);
    if (volume === null) throw callError(what, libvirt);
    try {
      const path = libvirt.volumePath(volume);
      if (path === null) throw callError(what, libvirt);
      return path;
    } finally {
      libvirt.freeVolume(volume);
    }
  } finally {
    libvirt.freePool(pool);
  }
}

function callError(what: string, libvirt: LibvirtFunctions): LibvirtError {
  const { code, message } = libvirt.lastError();
  return new LibvirtError('LIBVIRT', `${what}: ${message}`, { data: { libvirtCode: code } });
}

function connectError(uri: string | null, { code, message }: LastError): LibvirtError {
  const where = uri === null ? "libvirt's default URI" : `'${withoutSecrets(uri)}'`;
  return new LibvirtError(
    'LIBVIRT_CONNECT',
    `cannot connect to ${where}: ${message}${nextStep(code, message)}`,
    { data: { uri: uri === null ? null : withoutSecrets(uri), libvirtCode: code } },
  );
}

const AS_ROOT = '; run as root, or as a member of the group libvirt';

function nextStep(code: number | null, message: string): string {
  // Who is not root is let in by polkit, which the daemon asks over the system's D-Bus.
  if (/system bus|socket.*Permission denied/.test(message)) return AS_ROOT;
  switch (code) {
    case VIR_ERR_NO_CONNECT:
      return '; is the URI right (qemu:///system, qemu:///session, xen:///system), and that driver installed?';
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
      return AS_ROOT;
    case VIR_ERR_SYSTEM_ERROR:
      return message.includes('Failed to connect socket')
        ? '; is the libvirt daemon running (systemctl start libvirtd)? Images can be read without it, with -t'
        : '';
    default:
      return '';
  }
}
