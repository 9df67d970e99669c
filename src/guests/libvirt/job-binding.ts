// libvirt's functions about jobs, bound by koffi. One that this libvirt does not have is left out, and its caller says so.
// Reference: libvirt include/libvirt/libvirt-domain.h
import type { BlockInfo, BlockJobInfo, DiskError, Fields } from './job-protocol.js';
import type { Koffi, Library, Pointer } from './pointer.js';
import { type Bind, binder, type Memory, parameters } from './typed-parameters.js';

/** Each returns as libvirt does: negative is an error. What libvirt allocates is freed. */
export interface JobFunctions {
  readonly jobStats: (domain: Pointer, flags: number) => JobStatsResult;
  readonly diskErrors: (domain: Pointer, count: number) => readonly DiskError[] | null;
  readonly blockJob: (domain: Pointer, disk: string, flags: number) => BlockJobResult;
  /** null: libvirt has an error. */
  readonly blockInfo: (domain: Pointer, disk: string) => BlockInfo | null;
  readonly backupXml: (domain: Pointer) => string | null;
}

interface JobStatsResult {
  readonly result: number;
  readonly type: number;
  readonly fields: Fields;
}

interface BlockJobResult {
  readonly result: number;
  readonly info: BlockJobInfo;
}

/** Binds what the library has. `missing` makes the function that stands for one that it has not. */
export function bindJobs(
  koffi: Koffi,
  library: Library,
  missing: (name: string) => never,
): JobFunctions {
  const bound = binder(library, missing);
  const memory = parameters(koffi, library);
  const getBackup: (domain: Pointer, flags: number) => string | null = bound(
    'virDomainBackupGetXMLDesc',
    'OwnedString virDomainBackupGetXMLDesc(void *d, uint flags)',
  );
  return {
    jobStats: bindJobStats(bound, memory),
    diskErrors: bindDiskErrors(koffi, bound, memory),
    blockJob: bindBlockJob(koffi, bound),
    blockInfo: bindBlockInfo(koffi, bound),
    backupXml: (domain) => getBackup(domain, 0),
  };
}

function bindJobStats(bound: Bind, memory: Memory): JobFunctions['jobStats'] {
  type Get = (d: Pointer, type: number[], list: Pointer[], n: number[], flags: number) => number;
  const get: Get = bound(
    'virDomainGetJobStats',
    'int virDomainGetJobStats(void *d, _Out_ int *type, _Out_ void **params, _Out_ int *n, uint flags)',
  );
  return (domain, flags) => {
    const [type, params, count]: [number[], Pointer[], number[]] = [[0], [null], [0]];
    const result = get(domain, type, params, count, flags);
    const fields = result < 0 ? {} : memory.take(params[0] ?? null, count[0] ?? 0);
    return { result, type: type[0] ?? 0, fields };
  };
}

function bindBlockJob(koffi: Koffi, bound: Bind): JobFunctions['blockJob'] {
  koffi.struct('virDomainBlockJobInfo', {
    type: 'int',
    bandwidth: 'unsigned long',
    cur: 'unsigned long long',
    end: 'unsigned long long',
  });
  type Info = Partial<Record<keyof BlockJobInfo, number | bigint>>;
  const get: (domain: Pointer, disk: string, info: Info, flags: number) => number = bound(
    'virDomainGetBlockJobInfo',
    'int virDomainGetBlockJobInfo(void *d, const char *disk, _Out_ virDomainBlockJobInfo *info, uint flags)',
  );
  return (domain, disk, flags) => {
    const info: Info = {};
    const result = get(domain, disk, info, flags);
    const { type = 0, bandwidth = 0, cur = 0, end = 0 } = info;
    const told = { type: Number(type), bandwidth: BigInt(bandwidth) };
    return { result, info: { ...told, cur: BigInt(cur), end: BigInt(end) } };
  };
}

function bindBlockInfo(koffi: Koffi, bound: Bind): JobFunctions['blockInfo'] {
  koffi.struct('virDomainBlockInfo', {
    capacity: 'unsigned long long',
    allocation: 'unsigned long long',
    physical: 'unsigned long long',
  });
  type Info = Partial<Record<keyof BlockInfo, number | bigint>>;
  const get: (domain: Pointer, disk: string, info: Info, flags: number) => number = bound(
    'virDomainGetBlockInfo',
    'int virDomainGetBlockInfo(void *d, const char *disk, _Out_ virDomainBlockInfo *info, uint flags)',
  );
  return (domain, disk) => {
    const info: Info = {};
    if (get(domain, disk, info, 0) < 0) return null;
    const { capacity = 0, allocation = 0, physical = 0 } = info;
    return {
      ...{ capacity: BigInt(capacity), allocation: BigInt(allocation) },
      physical: BigInt(physical),
    };
  };
}

/** virDomainDiskError: a string of the caller's to free, and a number; 16 bytes. */
const DISK_ERROR_BYTES = 16;

function bindDiskErrors(koffi: Koffi, bound: Bind, memory: Memory): JobFunctions['diskErrors'] {
  const get: (domain: Pointer, errors: Uint8Array, count: number, flags: number) => number = bound(
    'virDomainGetDiskErrors',
    'int virDomainGetDiskErrors(void *d, _Out_ uint8_t *errors, uint count, uint flags)',
  );
  return (domain, count) => {
    const bytes = Buffer.alloc(DISK_ERROR_BYTES * count);
    const found = get(domain, bytes, count, 0);
    if (found < 0) return null;
    return Array.from({ length: found }, (_, index) => {
      const at = index * DISK_ERROR_BYTES;
      const name = bytes.readBigUInt64LE(at);
      const disk = koffi.decode(name, 'char', -1) as string;
      memory.free(name);
      return { disk, error: bytes.readInt32LE(at + 8) };
    });
  };
}
