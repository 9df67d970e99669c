// libvirt's functions that read the bytes of disks, bound by koffi. Those that wait for bytes can run in a thread of their own, so
// that several are under way at a time.
// References: libvirt include/libvirt/libvirt-storage.h, libvirt-stream.h, libvirt-domain.h
import type { Library, Pointer } from './pointer.js';

/** A function of libvirt's that blocks: here, or in a thread, where the error that it sets cannot be asked for. */
export interface Blocking<A extends readonly unknown[]> {
  (...args: A): number;
  readonly apart: (...args: A) => Promise<number>;
}

/** Each returns as libvirt does: negative, or null, is an error. */
export interface ByteFunctions {
  /** The user may change everything through it, as root: the calls below are allowed to no other. */
  readonly openWritable: (uri: string | null) => Pointer;
  readonly domainByUuid: (connection: Pointer, uuid: string) => Pointer;
  readonly peek: Blocking<
    readonly [
      domain: Pointer,
      path: string,
      offset: bigint,
      size: number,
      buffer: Uint8Array,
      flags: number,
    ]
  >;
  readonly volumeByPath: (connection: Pointer, path: string) => Pointer;
  readonly volumeXml: (volume: Pointer, flags: number) => string | null;
  readonly newStream: (connection: Pointer, flags: number) => Pointer;
  readonly freeStream: (stream: Pointer) => number;
  readonly download: Blocking<
    readonly [volume: Pointer, stream: Pointer, offset: bigint, length: bigint, flags: number]
  >;
  readonly receive: Blocking<readonly [stream: Pointer, buffer: Uint8Array, size: number]>;
  readonly finish: Blocking<readonly [stream: Pointer]>;
}

export function bindBytes(library: Library): ByteFunctions {
  return {
    openWritable: library.func('void *virConnectOpen(const char *uri)'),
    domainByUuid: library.func('void *virDomainLookupByUUIDString(void *c, const char *uuid)'),
    peek: blocking(
      library,
      'int virDomainBlockPeek(void *d, const char *disk, ulonglong off, size_t n, uint8_t *to, uint flags)',
    ),
    volumeByPath: library.func('void *virStorageVolLookupByPath(void *c, const char *path)'),
    volumeXml: library.func('OwnedString virStorageVolGetXMLDesc(void *v, uint flags)'),
    newStream: library.func('void *virStreamNew(void *c, uint flags)'),
    freeStream: library.func('int virStreamFree(void *s)'),
    download: blocking(
      library,
      'int virStorageVolDownload(void *v, void *s, ulonglong off, ulonglong n, uint flags)',
    ),
    receive: blocking(library, 'int virStreamRecv(void *s, uint8_t *to, size_t n)'),
    finish: blocking(library, 'int virStreamFinish(void *s)'),
  };
}

function blocking<A extends readonly unknown[]>(
  library: Library,
  declaration: string,
): Blocking<A> {
  const call = library.func(declaration);
  const apart = (...args: A): Promise<number> =>
    new Promise((resolve, reject) => {
      call.async(...args, (error: unknown, result: number) => {
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      });
    });
  return Object.assign((...args: A): number => call(...args), { apart });
}
