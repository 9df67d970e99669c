// libvirt's functions about jobs, bound by koffi. One that this libvirt does not have is left out, and its caller says so.
// References: libvirt include/libvirt/libvirt-domain.h, libvirt-common.h (virTypedParameter: 96 bytes, name[80], type, value at 88)
import type { BlockJobInfo, DiskError, Fields } from './job-protocol.js';
import type { Koffi, Library, Pointer } from './pointer.js';

/** Each returns as libvirt does: negative is an error. What libvirt allocates is freed. */
export interface JobFunctions {
  readonly jobStats: (domain: Pointer, flags: number) => JobStatsResult;
  readonly diskErrors: (domain: Pointer, count: number) => readonly DiskError[] | null;
  readonly blockJob: (domain: Pointer, disk: string, flags: number) => BlockJobResult;
  readonly backupXml: (domain: Pointer) => string | null;
  readonly domainStats: (domain: Pointer, stats: number, flags: number) => Fields | null;
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

const PARAMETER_BYTES = 96;
const TYPE_AT = 80;
const VALUE_AT = 88;
/** More than any call gives: a domain's stats have twelve fields for each layer of each disk. */
const MAX_PARAMETERS = 262_144;
/** virDomainStatsRecord: the domain, the parameters, their number. */
const RECORD_BYTES = 24;

/** Binds what the library has. `missing` makes the function that stands for one that it has not. */
export function bindJobs(
  koffi: Koffi,
  library: Library,
  missing: (name: string) => never,
): JobFunctions {
  const bound: Bind = <F>(name: string, declaration: string) => {
    try {
      return library.func(declaration) as F;
    } catch {
      return ((): never => missing(name)) as F;
    }
  };
  const memory = parameters(koffi, library);
  const getBackup: (domain: Pointer, flags: number) => string | null = bound(
    'virDomainBackupGetXMLDesc',
    'OwnedString virDomainBackupGetXMLDesc(void *d, uint flags)',
  );
  return {
    jobStats: bindJobStats(bound, memory),
    diskErrors: bindDiskErrors(koffi, bound, memory),
    blockJob: bindBlockJob(koffi, bound),
    backupXml: (domain) => getBackup(domain, 0),
    domainStats: bindDomainStats(library, bound, memory),
  };
}

/** A function of the library, of the type that its declaration has in TypeScript. */
type Bind = <F>(name: string, declaration: string) => F;
type Memory = ReturnType<typeof parameters>;

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

function bindDomainStats(
  library: Library,
  bound: Bind,
  memory: Memory,
): JobFunctions['domainStats'] {
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
  return (domain, stats, flags) => {
    const list: Pointer[] = [null];
    const count = get([domain, null], stats, list, flags);
    const records = list[0] ?? null;
    if (count < 0 || records === null) return null;
    const fields = count === 0 ? {} : memory.ofRecord(records);
    free(records);
    return fields;
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

/** Reads typed parameters from libvirt's memory; each array is copied once, since koffi keeps something for every view. */
function parameters(koffi: Koffi, library: Library) {
  const copy: (to: Uint8Array, from: Pointer, bytes: number) => void = library.func(
    'void *memcpy(_Out_ uint8_t *to, void *from, size_t n)',
  );
  const free: (pointer: Pointer) => void = library.func('free', 'void', ['void *']);
  const freeParameters: (params: Pointer, count: number) => void = library.func(
    'void virTypedParamsFree(void *params, int n)',
  );
  const copied = (pointer: Pointer, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    if (bytes > 0) copy(buffer, pointer, bytes);
    return buffer;
  };
  const read = (params: Pointer, count: number): Fields => {
    const shown = Math.min(count, MAX_PARAMETERS);
    const bytes = copied(params, shown * PARAMETER_BYTES);
    return Object.fromEntries(
      Array.from({ length: shown }, (_, index) => {
        const one = bytes.subarray(index * PARAMETER_BYTES, (index + 1) * PARAMETER_BYTES);
        const name = one.toString('latin1', 0, Math.max(0, one.indexOf(0)));
        return [name, parameterValue(one, (pointer) => koffi.decode(pointer, 'char', -1))] as const;
      }),
    );
  };
  return {
    free,
    /** The fields, which are freed. */
    take(params: Pointer, count: number): Fields {
      if (params === null) return {};
      const fields = read(params, count);
      freeParameters(params, count);
      return fields;
    },
    /** Those of the first record of a list. */
    ofRecord(records: Pointer): Fields {
      const record = copied(records, 8).readBigUInt64LE(0);
      const bytes = copied(record, RECORD_BYTES);
      return read(bytes.readBigUInt64LE(8), bytes.readInt32LE(16));
    },
  };
}

/** By virTypedParameterType. */
function parameterValue(one: Buffer, text: (pointer: bigint) => string): Fields[string] {
  switch (one.readInt32LE(TYPE_AT)) {
    case 1:
      return one.readInt32LE(VALUE_AT);
    case 2:
      return one.readUInt32LE(VALUE_AT);
    case 3:
      return one.readBigInt64LE(VALUE_AT);
    case 4:
      return one.readBigUInt64LE(VALUE_AT);
    case 5:
      return one.readDoubleLE(VALUE_AT);
    case 6:
      return one.readUInt8(VALUE_AT) !== 0;
    case 7:
      return text(one.readBigUInt64LE(VALUE_AT));
    default:
      return '';
  }
}
