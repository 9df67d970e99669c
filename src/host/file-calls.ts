// The calls by which a file of the host is looked at and read: in threads of their own, where one that never returns holds up
// nothing else; or in this thread, where each costs a tenth of that, in a process that is killed if one never returns.
// References: proc_pid_mountinfo(5); getrusage(2), ru_inblock; libuv, "Thread pool work scheduling".
import {
  type BigIntStats,
  close,
  closeSync,
  fstat,
  fstatSync,
  open,
  openSync,
  read,
  readFileSync,
  readSync,
  realpath,
  realpathSync,
  stat,
  statSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { passedMs } from '../bytes/clock.js';

type Awaitable<T> = T | Promise<T>;

export interface FileCalls {
  /** Whether what a call says of a file is what the host has now: the client of a server may answer with what it knew seconds ago. */
  readonly isLocal: boolean;
  /** The path with its links resolved, as bytes: of names that are not UTF-8 too. */
  realpath(path: string | Buffer): Awaitable<Buffer>;
  stat(path: string | Buffer): Awaitable<BigIntStats>;
  open(path: string | Buffer, flags: number): Awaitable<number>;
  fstat(descriptor: number): Awaitable<BigIntStats>;
  /** Fills the buffer; fewer bytes after a signal and at the end, none only at the end. */
  read(descriptor: number, buffer: Uint8Array, offsetBytes: number): Awaitable<number>;
  close(descriptor: number): Awaitable<void>;
}

/** The calls for the file at a path, its links resolved. */
export type CallsFor = (path: string) => FileCalls;

const BYTES = { encoding: 'buffer' } as const;

const [statPath, openPath, statOpen, closeOpen] = [stat, open, fstat, close].map(promisify) as [
  (path: string | Buffer, options: { bigint: true }) => Promise<BigIntStats>,
  (path: string | Buffer, flags: number) => Promise<number>,
  (descriptor: number, options: { bigint: true }) => Promise<BigIntStats>,
  (descriptor: number) => Promise<void>,
];

const threaded: FileCalls = {
  isLocal: false,
  // By realpath(3), and without the promises of `node:fs`, which take as long to load as a small image to read.
  realpath: (path) =>
    new Promise((resolve, reject) => {
      realpath.native(path, BYTES, (error, real) => {
        if (error === null) resolve(real);
        else reject(error);
      });
    }),
  stat: (path) => statPath(path, { bigint: true }),
  open: openPath,
  fstat: (descriptor) => statOpen(descriptor, { bigint: true }),
  read: (descriptor, buffer, offset) =>
    new Promise((resolve, reject) => {
      read(descriptor, buffer, 0, buffer.length, offset, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    }),
  close: closeOpen,
};

export const inThreads: CallsFor = () => threaded;

/** Filesystems whose reads end unless the machine itself fails. Not devices, which may be far away (iSCSI, NBD, Ceph). */
const LOCAL = new Set(
  'bcachefs btrfs erofs ext2 ext3 ext4 f2fs jfs overlay ramfs squashfs tmpfs xfs zfs'.split(' '),
);

/** Of these, whose reads the kernel does not count for whoever reads: threads of their own make them. */
const UNCOUNTED = new Set(['zfs']);

/** A read that takes longer did not come from memory, unless another process had its turn meanwhile. */
const QUICK_MS = 0.5;
/** Storage that was slow is read in threads for so many reads, and others may be read meanwhile. */
const READS_IN_THREADS = 64;

/**
 * In this thread for files on local filesystems, as long as they answer at once. For a process that is killed if it hangs: one
 * call here can never be given up.
 */
export function inThisThread(mounts: string = mountsNow()): CallsFor {
  const isLocal = localPlaces(mounts);
  const isUncounted = localPlaces(mounts, UNCOUNTED);
  const storage = { readsInThreads: 0, wasAsked: askedStorage() };
  const [counted, uncounted] = [storage, { ...storage, wasAsked: () => true }].map(blocking);
  return (path) => {
    if (!isLocal(path)) return threaded;
    return (isUncounted(path) ? uncounted : counted) ?? threaded;
  };
}

/** What is known of the storage that files lie on. */
interface Storage {
  readsInThreads: number;
  /** Whether anything was read from it, and not from memory, since it was asked before. */
  wasAsked(): boolean;
}

function blocking(storage: Storage): FileCalls {
  return {
    isLocal: true,
    realpath: (path) => realpathSync.native(path, BYTES),
    stat: (path) => statSync(path, { bigint: true }),
    open: (path, flags) => openSync(path, flags),
    fstat: (descriptor) => fstatSync(descriptor, { bigint: true }),
    read(descriptor, buffer, offset) {
      if (storage.readsInThreads > 0) {
        storage.readsInThreads--;
        return threaded.read(descriptor, buffer, offset);
      }
      const beganMs = passedMs();
      const count = readSync(descriptor, buffer, 0, buffer.length, offset);
      if (passedMs() - beganMs > QUICK_MS && storage.wasAsked()) {
        storage.readsInThreads = READS_IN_THREADS;
      }
      return count;
    },
    close: (descriptor) => closeSync(descriptor),
  };
}

/** By the blocks that the kernel read for this process, which it counts when it asks a disk for them. */
function askedStorage(): () => boolean {
  let known = process.resourceUsage().fsRead;
  return () => {
    const before = known;
    known = process.resourceUsage().fsRead;
    return known !== before;
  };
}

/**
 * Whether all that lies at these paths and below them asks no more than the rights of whoever reads it. A server (NFS) or a program
 * (FUSE) asks who it is, and may give root what it gives nobody else.
 */
export function asksRightsAlone(paths: readonly string[], mounts: string = mountsNow()): boolean {
  const types = new Set([...LOCAL, 'devtmpfs']);
  const isFree = localPlaces(mounts, types);
  const others = mountPoints(mounts).filter(([, type]) => !types.has(type));
  return paths.every(
    (path) =>
      isFree(path) && !others.some(([point]) => point.startsWith(path === '/' ? path : `${path}/`)),
  );
}

function mountsNow(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return ''; // No Linux: everything is read in threads.
  }
}

/** Whether the mount that is seen at a path is of these types: the last of those with the longest mount point above it. */
function localPlaces(
  mounts: string,
  types: ReadonlySet<string> = LOCAL,
): (path: string) => boolean {
  const isLocalAt = new Map(mountPoints(mounts).map(([point, type]) => [point, types.has(type)]));
  return (path) => {
    for (let place = path; place !== ''; place = place.slice(0, place.lastIndexOf('/'))) {
      const isLocal = isLocalAt.get(place);
      if (isLocal !== undefined) return isLocal;
    }
    return isLocalAt.get('/') ?? false;
  };
}

/** Where what type is mounted, in the order of mounting. */
function mountPoints(mounts: string): readonly (readonly [point: string, type: string])[] {
  return mounts.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4];
    const [type = ''] = after.split(' ');
    return point === undefined ? [] : [[unescaped(point), type] as const];
  });
}

/** The kernel writes blanks and backslashes as three octal digits. */
function unescaped(point: string): string {
  return point.replace(/\\([0-7]{3})/gu, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}
