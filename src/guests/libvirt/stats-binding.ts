// libvirt's functions that tell of many domains at once, and of their host, bound by koffi.
// References: libvirt include/libvirt/libvirt-domain.h (virDomainStatsRecord: the domain, the parameters, their number; 24 bytes),
// libvirt-host.h (virNodeInfo)
import { KIB } from '../../limits.js';
import type { Fields } from './job-protocol.js';
import type { Koffi, Library, Pointer } from './pointer.js';
import type { NodeInfo } from './stats-protocol.js';
import { type Bind, binder, type Memory, parameters } from './typed-parameters.js';

/** Each gives null where libvirt has an error. What libvirt allocates is freed. */
export interface StatsFunctions {
  /** One record for each of the domains that is still there; its domain is gone when `told` returns. */
  readonly domainStats: <T>(
    domains: readonly Pointer[],
    stats: number,
    flags: number,
    told: (domain: Pointer, fields: Fields) => T,
  ) => readonly T[] | null;
  readonly nodeInfo: (connection: Pointer) => NodeInfo | null;
}

const POINTER_BYTES = 8;
const RECORD_BYTES = 24;

/** Binds what the library has. `missing` makes the function that stands for one that it has not. */
export function bindStats(
  koffi: Koffi,
  library: Library,
  missing: (name: string) => never,
): StatsFunctions {
  const bound = binder(library, missing);
  return {
    domainStats: bindDomainStats(library, bound, parameters(koffi, library)),
    nodeInfo: bindNodeInfo(koffi, bound),
  };
}

function bindDomainStats(
  library: Library,
  bound: Bind,
  memory: Memory,
): StatsFunctions['domainStats'] {
  type Get = (
    domains: readonly Pointer[],
    stats: number,
    records: Pointer[],
    flags: number,
  ) => number;
  const get: Get = bound(
    'virDomainListGetStats',
    'int virDomainListGetStats(_In_ void **d, uint stats, _Out_ void **records, uint flags)',
  );
  const free: (records: Pointer) => void = library.func(
    'void virDomainStatsRecordListFree(void *records)',
  );
  return (domains, stats, flags, told) => {
    const list: Pointer[] = [null];
    const count = get([...domains, null], stats, list, flags);
    const records = list[0] ?? null;
    if (count < 0 || records === null) return null;
    const pointers = memory.copied(records, count * POINTER_BYTES);
    const found = Array.from({ length: count }, (_, index) => {
      const record = memory.copied(pointers.readBigUInt64LE(index * POINTER_BYTES), RECORD_BYTES);
      const fields = memory.read(record.readBigUInt64LE(8), record.readInt32LE(16));
      return told(record.readBigUInt64LE(0), fields);
    });
    free(records);
    return found;
  };
}

function bindNodeInfo(koffi: Koffi, bound: Bind): StatsFunctions['nodeInfo'] {
  koffi.struct('virNodeInfo', {
    model: koffi.array('char', 32),
    memory: 'unsigned long',
    cpus: 'unsigned int',
    rest: koffi.array('unsigned int', 5),
  });
  type Info = { memory?: number | bigint; cpus?: number };
  const get: (connection: Pointer, info: Info) => number = bound(
    'virNodeGetInfo',
    'int virNodeGetInfo(void *c, _Out_ virNodeInfo *info)',
  );
  return (connection) => {
    const info: Info = {};
    if (get(connection, info) < 0) return null;
    return { memoryBytes: Number(info.memory ?? 0) * KIB, cpuCount: info.cpus ?? 0 };
  };
}
