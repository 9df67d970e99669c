// A disk of another host, read through its libvirt: a volume of a storage pool by virStorageVolDownload; where there is no volume,
// a raw disk of a domain by virDomainBlockPeek. Both give the bytes of the file, whether its domain runs or not.
// References: https://libvirt.org/html/libvirt-libvirt-storage.html#virStorageVolDownload, virterror.h (virErrorNumber);
// libvirt src/qemu/qemu_driver.c (qemuDomainBlockPeek: raw alone)
import { LibvirtError, SourceError, UnsupportedError, VirtDfError } from '../../errors.js';
import { REMOTE_PAGE_BYTES, type SourceHandle } from '../../host/handle.js';
import { LostError, type RemoteOptions, silenceLimitMs } from '../../host/retry.js';
import { openSessions, type Piece, type Session } from '../../host/session.js';
import type { ByteConnection } from './byte-connection.js';
import type { ByteRequests, ByteResults } from './byte-protocol.js';
import { type LibvirtDisk, parseLibvirtUrl } from './disk-url.js';
import { parseVolume, type VolumeFile } from './volume-xml.js';

/** VIR_ERR_NO_SUPPORT, _OPERATION_DENIED, _NO_STORAGE_VOL, _ACCESS_DENIED */
const NO_SUPPORT = 3;
const DENIED = 29;
const NO_VOLUME = 50;
const ACCESS_DENIED = 88;
/** A request starts a thread on its host; four are under way at a time. */
const GAP_BYTES = 64 * 1024;
/** A round trip takes as long as so many bytes, or more. */
const LEAST_BYTES = 64 * 1024;
/** A file that was written less long before may well be written again. */
const LIVELY_MS = 60_000;

/** A connection to the libvirt of a disk, which is made when there is none. */
type Connected = (disk: LibvirtDisk, silenceMs: number) => Promise<ByteConnection>;

interface Disk extends Session {
  readonly sizeBytes: number;
  /** null: it is peeked at. */
  readonly volume: VolumeFile | null;
  /** null where that is not told. */
  modifiedNow(): Promise<string | null>;
}

/** @throws UsageError for a URL that names no file; SourceError, UnsupportedError, LibvirtError. */
export async function openLibvirtDisk(
  url: URL,
  options: RemoteOptions,
  connected: Connected,
): Promise<SourceHandle> {
  const place = parseLibvirtUrl(url);
  const { shown } = place;
  const opening = openSessions(shown, options, () => openDisk(place, options, connected));
  const sessions = await opening.catch((error: unknown) => {
    throw place.isRefused ? refused(place, error) : error;
  });
  const { sizeBytes, volume } = sessions.first;
  const modified = volume?.modified ?? null;
  const isLively = modified === null || Number(modified) * 1000 > Date.now() - LIVELY_MS;
  return {
    location: shown,
    servedAs: volume === null ? 'peek' : 'volume',
    pageBytes: REMOTE_PAGE_BYTES,
    gapBytes: () => GAP_BYTES,
    leastBytes: LEAST_BYTES,
    allocationBytes: volume?.allocationBytes ?? null,
    sizeBytes: async () => sizeBytes,
    isLively,
    async isUnwritten() {
      if (isLively) return null;
      return modified === (await sessions.ask((disk) => disk.modifiedNow()));
    },
    fill(buffer, offset) {
      const wanted = Math.max(0, Math.min(buffer.length, sizeBytes - offset));
      return sessions.fill(buffer.subarray(0, wanted), offset);
    },
    close: () => sessions.close(),
  };
}

async function openDisk(
  place: LibvirtDisk,
  options: RemoteOptions,
  connected: Connected,
): Promise<Disk> {
  const { path, domain, shown } = place;
  const connection = await said(shown, () => connected(place, silenceLimitMs(options)));
  const ask: Ask = (op, args) =>
    said(shown, () => connection.ask(op, args, silenceLimitMs(options)));
  // The connection is the guest's, not this disk's.
  const end = () => {};
  const volume = await volumeAt(ask, path);
  if (volume !== null) {
    const read = (range: Range) => ask('readVolume', { path, ...range });
    const modifiedNow = async () => parseVolume(await ask('volume', { path })).modified;
    return { sizeBytes: volume.sizeBytes, volume, modifiedNow, read: readEach(read), end };
  }
  if (domain === null) throw noVolume(place);
  const peeked = { uuid: domain, path };
  const read = (range: Range) => ask('peek', { ...peeked, ...range });
  const sizeBytes = await ask('diskSize', peeked);
  return { sizeBytes, volume, modifiedNow: async () => null, read: readEach(read), end };
}

type Ask = <Op extends keyof ByteRequests>(
  op: Op,
  args: ByteRequests[Op],
) => Promise<ByteResults[Op]>;

/** null: no active pool has a volume there. */
async function volumeAt(ask: Ask, path: string): Promise<VolumeFile | null> {
  try {
    return parseVolume(await ask('volume', { path }));
  } catch (error) {
    if (error instanceof LibvirtError && WITHOUT_VOLUME.has(error.data.libvirtCode)) return null;
    throw error;
  }
}

const WITHOUT_VOLUME: ReadonlySet<unknown> = new Set([NO_VOLUME, NO_SUPPORT]);

type Range = { readonly offsetBytes: number; readonly lengthBytes: number };

/** One read that fails says nothing of the others. */
function readEach(read: (range: Range) => Promise<Uint8Array>): Session['read'] {
  const readPiece = async ({ buffer, offsetBytes }: Piece) => {
    try {
      const bytes = await read({ offsetBytes, lengthBytes: buffer.length });
      buffer.set(bytes);
      return bytes.length;
    } catch (error) {
      if (error instanceof LostError || !(error instanceof LibvirtError)) throw error;
      return new SourceError('IO', error.message, { data: error.data, cause: error });
    }
  };
  return (pieces) => Promise.all(pieces.map(readPiece));
}

/** A connection that is lost is made again; that it may not write is a matter of rights. */
async function said<T>(shown: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    const { code, data } = error;
    const message = `${shown}: ${error.message}`;
    if (code === 'TIMEOUT') throw new LostError('TIMEOUT', message, { data, cause: error });
    if (code === 'LIBVIRT_CONNECT') throw new LostError('IO', message, { data, cause: error });
    if (data.libvirtCode === DENIED || data.libvirtCode === ACCESS_DENIED) {
      throw new SourceError('PERMISSION', message, { data, cause: error });
    }
    throw error;
  }
}

/** Of a file of this host it counts that this user may not read it; that libvirt was asked too is beside that. */
function refused({ path }: LibvirtDisk, error: unknown): unknown {
  if (!(error instanceof VirtDfError) || error.code === 'TIMEOUT') return error;
  const message = `${path} may not be read by this user, nor through libvirt: ${error.message}`;
  return new SourceError('PERMISSION', message, { data: { path }, cause: error });
}

function noVolume({ path, host }: LibvirtDisk): UnsupportedError {
  const where = host === '' ? "libvirt's host" : `the host ${host}`;
  const message =
    `${path} on ${where} is in no active storage pool, and libvirt gives the bytes of no other file but a domain's raw disk; ` +
    'a pool of its directory (virsh pool-create-as NAME dir --target DIR) gives them, or qemu+ssh://';
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { path } });
}
