// The handful of libvirt's functions that listing guests needs, bound by koffi. Loaded in the child process only:
// a call into libvirt cannot be cancelled, so the process that makes it must be one that can be killed.
// References: libvirt include/libvirt/libvirt-host.h, libvirt-domain.h, libvirt-storage.h, virterror.h
import { LibvirtError } from '../../errors.js';
import { type AgentFunctions, bindAgent } from './agent-binding.js';
import { type ByteFunctions, bindBytes } from './byte-binding.js';
import { bindJobs, type JobFunctions } from './job-binding.js';
import { NO_SUPPORT } from './job-protocol.js';
import { bindLogin, type LoginFunctions } from './login-binding.js';
import type { Koffi, Library, Pointer } from './pointer.js';
import { UNBOUND } from './protocol.js';
import { bindStats, type StatsFunctions } from './stats-binding.js';

/** libvirt's functions, by what they do; the names behind them are in bind(). Strings that libvirt allocates are freed. */
export interface LibvirtFunctions
  extends AgentFunctions,
    ByteFunctions,
    JobFunctions,
    LoginFunctions,
    StatsFunctions {
  readonly open: (uri: string | null) => Pointer;
  readonly close: (connection: Pointer) => number;
  readonly uri: (connection: Pointer) => string | null;
  /** 0 once the connection is lost; asks nobody. */
  readonly isAlive: (connection: Pointer) => number;
  /** Puts an array of domains into list[0] and returns their number, or -1. */
  readonly listDomains: (connection: Pointer, list: Pointer[], flags: number) => number;
  /** The elements of such an array, which is freed; the domains in it are the caller's. */
  readonly takeArray: (array: Pointer, count: number) => readonly Pointer[];
  readonly name: (domain: Pointer) => string | null;
  /** Asks nobody. */
  readonly uuidText: (domain: Pointer) => string | null;
  /** Negative of one that is not active, when it was listed; asks nobody. */
  readonly id: (domain: Pointer) => number;
  readonly state: (domain: Pointer, state: number[], reason: number[], flags: number) => number;
  readonly xml: (domain: Pointer, flags: number) => string | null;
  readonly lookupPool: (connection: Pointer, name: string) => Pointer;
  readonly lookupVolume: (pool: Pointer, name: string) => Pointer;
  readonly volumePath: (volume: Pointer) => string | null;
  readonly freeDomain: (domain: Pointer) => number;
  readonly freePool: (pool: Pointer) => number;
  readonly freeVolume: (volume: Pointer) => number;
  /** The error of the call just made; it stands until the next call. */
  readonly lastError: () => LastError;
}

export interface LastError {
  /** virErrorNumber; null when libvirt set none. */
  readonly code: number | null;
  readonly message: string;
}

const LIBRARY_NAMES: Readonly<Record<string, string>> = {
  darwin: 'libvirt.0.dylib',
  win32: 'libvirt-0.dll',
};

/**
 * Loads koffi and libvirt's client library.
 * @throws LibvirtError LIBVIRT_MISSING, with what to install
 */
export async function loadLibvirt(): Promise<LibvirtFunctions> {
  const koffi = await loadKoffi();
  const name = LIBRARY_NAMES[process.platform] ?? 'libvirt.so.0';
  try {
    return bind(koffi, koffi.load(name));
  } catch (error) {
    throw new LibvirtError(
      'LIBVIRT_MISSING',
      `libvirt's client library ${name} cannot be loaded; install it (Debian and Ubuntu: libvirt0, ` +
        'Fedora and RHEL: libvirt-libs, Arch and Alpine: libvirt), or read images (virt-df -t IMAGE)',
      { data: { library: name, reason: reasonOf(error) } },
    );
  }
}

async function loadKoffi(): Promise<Koffi> {
  try {
    return await import('koffi');
  } catch (error) {
    throw new LibvirtError(
      'LIBVIRT_MISSING',
      `koffi, the package that calls libvirt, cannot be loaded on ${process.platform} ${process.arch}: ` +
        `${reasonOf(error)}; images can be read without it (virt-df -t IMAGE)`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function bind(koffi: Koffi, library: Library): LibvirtFunctions {
  silenceErrors(library);
  if (process.platform === 'linux' && process.env[UNBOUND] === undefined) endWithParent(library);
  // dlsym on libvirt's handle finds the C library's functions too, whatever that library is called here.
  const free: (pointer: Pointer) => void = library.func('void free(void *p)');
  koffi.disposable('OwnedString', 'str', free);
  return {
    open: library.func('void *virConnectOpenReadOnly(const char *uri)'),
    close: library.func('int virConnectClose(void *c)'),
    uri: library.func('OwnedString virConnectGetURI(void *c)'),
    isAlive: library.func('int virConnectIsAlive(void *c)'),
    listDomains: library.func('int virConnectListAllDomains(void *c, _Out_ void **d, uint flags)'),
    takeArray(array, count) {
      const items = count > 0 ? koffi.decode(array, koffi.array('void *', count)) : [];
      free(array);
      return items;
    },
    name: library.func('const char *virDomainGetName(void *d)'),
    uuidText: bindUuid(library),
    id: library.func('int virDomainGetID(void *d)'),
    state: library.func('int virDomainGetState(void *d, _Out_ int *s, _Out_ int *r, uint flags)'),
    xml: library.func('OwnedString virDomainGetXMLDesc(void *d, uint flags)'),
    lookupPool: library.func('void *virStoragePoolLookupByName(void *c, const char *name)'),
    lookupVolume: library.func('void *virStorageVolLookupByName(void *p, const char *name)'),
    volumePath: library.func('OwnedString virStorageVolGetPath(void *v)'),
    freeDomain: library.func('int virDomainFree(void *d)'),
    freePool: library.func('int virStoragePoolFree(void *p)'),
    freeVolume: library.func('int virStorageVolFree(void *v)'),
    ...bindAgent(koffi, library, missingFunction),
    ...bindBytes(library),
    ...bindJobs(koffi, library, missingFunction),
    ...bindLogin(koffi, library),
    ...bindStats(koffi, library, missingFunction),
    lastError: bindLastError(koffi, library),
  };
}

/** The client library here is older than what is asked for. */
function missingFunction(name: string): never {
  throw new LibvirtError('LIBVIRT', `the libvirt of this host has no ${name}`, {
    data: { libvirtCode: NO_SUPPORT },
  });
}

/** VIR_UUID_STRING_BUFLEN */
const UUID_STRING_BYTES = 37;

function bindUuid(library: Library): LibvirtFunctions['uuidText'] {
  const get: (domain: Pointer, buffer: Uint8Array) => number = library.func(
    'int virDomainGetUUIDString(void *d, _Out_ uint8_t *buffer)',
  );
  return (domain) => {
    const buffer = Buffer.alloc(UUID_STRING_BYTES);
    if (get(domain, buffer) < 0) return null;
    return buffer.toString('latin1', 0, UUID_STRING_BYTES - 1);
  };
}

function bindLastError(koffi: Koffi, library: Library): () => LastError {
  // The beginning of struct _virError; its other members are not needed.
  const virError = koffi.struct({ code: 'int', domain: 'int', message: 'const char *' });
  const getLastError: () => Pointer = library.func('void *virGetLastError(void)');
  return () => {
    const pointer = getLastError();
    const error = pointer === null ? null : koffi.decode(pointer, virError);
    return { code: error?.code ?? null, message: error?.message ?? 'libvirt gave no reason' };
  };
}

/**
 * libvirt prints every error on stderr unless it has a handler. NULL restores the printing, and a handler in JavaScript
 * could be called on libvirt's own threads; labs() is a C function that takes the call and does nothing.
 */
function silenceErrors(library: Library): void {
  library.func('void virSetErrorFunc(void *userData, void *handler)')(null, library.symbol('labs'));
}

/** PR_SET_PDEATHSIG and SIGKILL: a call that hangs must not outlive a parent that was killed. See prctl(2). */
function endWithParent(library: Library): void {
  library.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)')(1, 9, 0, 0, 0);
}
