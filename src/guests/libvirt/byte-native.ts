// The bytes of disks, through libvirt's C library: of a volume by a stream, of a domain's disk by peeking. Runs in the child process
// only. Several reads are under way at a time, since over a network each waits for its round trip.
// References: https://libvirt.org/html/libvirt-libvirt-stream.html; libvirt src/qemu/qemu_driver.c (qemuDomainBlockPeek);
// src/remote/remote_protocol.x (REMOTE_DOMAIN_BLOCK_PEEK_BUFFER_MAX); /etc/libvirt/libvirtd.conf (max_client_requests)
import type { LibvirtError } from '../../errors.js';
import { limiter } from '../../host/limiter.js';
import { MIB } from '../../limits.js';
import type { LibvirtFunctions } from './binding.js';
import type { Blocking } from './byte-binding.js';
import type { ByteRequests, ByteResults } from './byte-protocol.js';
import type { Pointer } from './pointer.js';

/** A daemon takes five requests of a client at a time unless it is told otherwise, and over TLS a sixth one stalls. */
const MAX_UNDER_WAY = 4;
const MAX_PEEK_BYTES = 4 * MIB;

/** Each operation, as the function that does it. */
type ByteAnswers = {
  readonly [Op in keyof ByteRequests]: (
    args: ByteRequests[Op],
  ) => ByteResults[Op] | Promise<ByteResults[Op]>;
} & {
  /** When nothing is under way any more. */
  close(): Promise<void>;
};

/** How a blocking function is called; it throws where that fails. */
type Call = <A extends readonly unknown[]>(fn: Blocking<A>, ...args: A) => Promise<number>;

/** Thrown by a call whose error cannot be asked for: it is made again where it can. */
class FailedApart extends Error {}

/** @param failed makes the error of the call just made. */
export function byteAnswers(
  libvirt: LibvirtFunctions,
  connection: Pointer,
  failed: (what: string) => LibvirtError,
): ByteAnswers {
  const volumes = kept((path) => libvirt.volumeByPath(connection, path), libvirt.freeVolume);
  const domains = kept((uuid) => libvirt.domainByUuid(connection, uuid), libvirt.freeDomain);
  const limited = limiter(MAX_UNDER_WAY);
  const endings = new Set<Promise<unknown>>();
  const volumeAt = (path: string): Pointer => {
    const volume = volumes.get(path);
    if (volume === null) throw failed(`libvirt has no volume ${path} in an active storage pool`);
    return volume;
  };
  const domainOf = (uuid: string): Pointer => {
    const domain = domains.get(uuid);
    if (domain === null) throw failed('libvirt does not find the domain');
    return domain;
  };
  const reading = (what: string, work: (call: Call) => Promise<Uint8Array>) => {
    return limited(() => apartOrHere(work, () => failed(`libvirt cannot read ${what}`)));
  };

  async function download(call: Call, volume: Pointer, offset: number, buffer: Uint8Array) {
    const stream = libvirt.newStream(connection, 0);
    try {
      await call(libvirt.download, volume, stream, BigInt(offset), BigInt(buffer.length), 0);
      let filled = 0;
      while (filled < buffer.length) {
        const rest = buffer.subarray(filled);
        const count = await call(libvirt.receive, stream, rest, rest.length);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    } finally {
      // The end of a stream is a round trip for which no reader has to wait.
      const ending = libvirt.finish.apart(stream).finally(() => {
        endings.delete(ending);
        libvirt.freeStream(stream);
      });
      endings.add(ending);
    }
  }

  return {
    volume({ path }) {
      const xml = libvirt.volumeXml(volumeAt(path), 0);
      if (xml === null) throw failed(`libvirt does not describe the volume ${path}`);
      return xml;
    },
    readVolume: ({ path, offsetBytes, lengthBytes }) =>
      reading(path, async (call) => {
        const buffer = new Uint8Array(lengthBytes);
        const filled = await download(call, volumeAt(path), offsetBytes, buffer);
        return buffer.subarray(0, filled);
      }),
    diskSize({ uuid, path }) {
      const info = libvirt.blockInfo(domainOf(uuid), path);
      if (info === null) throw failed(`libvirt does not tell the size of ${path}`);
      return Number(info.capacity);
    },
    peek: ({ uuid, path, offsetBytes, lengthBytes }) =>
      reading(path, async (call) => {
        const buffer = new Uint8Array(lengthBytes);
        for (let at = 0; at < lengthBytes; at += MAX_PEEK_BYTES) {
          const part = buffer.subarray(at, at + MAX_PEEK_BYTES);
          const offset = BigInt(offsetBytes + at);
          await call(libvirt.peek, domainOf(uuid), path, offset, part.length, part, 0);
        }
        return buffer;
      }),
    async close() {
      await Promise.allSettled(endings);
      volumes.free();
      domains.free();
    },
  };
}

/** Pointers that were looked up, so that each costs one round trip. */
function kept(lookUp: (key: string) => Pointer, free: (pointer: Pointer) => unknown) {
  const known = new Map<string, Pointer>();
  return {
    get(key: string): Pointer {
      const pointer = known.get(key) ?? lookUp(key);
      if (pointer !== null) known.set(key, pointer);
      return pointer;
    },
    free(): void {
      for (const pointer of known.values()) free(pointer);
      known.clear();
    },
  };
}

/** Does it with calls in threads, and if one fails, again with calls here, which say why. */
async function apartOrHere<T>(
  work: (call: Call) => Promise<T>,
  failed: () => LibvirtError,
): Promise<T> {
  try {
    return await work(async (fn, ...args) => {
      const result = await fn.apart(...args);
      if (result < 0) throw new FailedApart();
      return result;
    });
  } catch (error) {
    if (!(error instanceof FailedApart)) throw error;
  }
  return work(async (fn, ...args) => {
    const result = fn(...args);
    if (result < 0) throw failed();
    return result;
  });
}
