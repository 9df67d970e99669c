// The definition of a guest, from libvirt or from images: its name, and where its disks lie.
import type { VirtDfError } from '../errors.js';
import type { FolderUsage } from '../host/folder-usage.js';
import { isUrl } from '../host/location.js';
import { type Client, clientOf } from '../host/schemes.js';

/** A file that a disk's images may name wherever it lies. */
export interface AllowedFile {
  readonly path: string;
  /** The format that libvirt declares for it; null if it declares none. */
  readonly format: string | null;
}

/** A disk of a guest on this host. */
export interface GuestDisk {
  /** Absolute path of the file or device; null when `problem` says why there is none that can be read. */
  readonly path: string | null;
  /** The format that the caller or libvirt declares. `auto` probes; any other is believed, whatever the bytes look like. */
  readonly format: string;
  /** libvirt's target (`vda`); null for an image. */
  readonly target: string | null;
  /** The serial number that the guest sees; left out: none is known. */
  readonly serial?: string;
  /** Where it is on the guest's buses (src/guests/libvirt/disk-address.ts); left out: it is not known. */
  readonly address?: string;
  /** Files behind the active layer that libvirt itself names (its <backingStore>), which are allowed to be opened. */
  readonly allowedFiles: readonly AllowedFile[];
  /** Several guests may have it at once, as libvirt declares; default: one has it. */
  readonly isShareable?: boolean;
  readonly problem: VirtDfError | null;
}

/**
 * How the bytes of a disk are had: from a file or a block device of this host, from a server by its protocol, through a qemu-nbd that
 * speaks it, or from libvirt, as a volume of a pool or by peeking at the disk of a domain.
 */
export type Access = 'file' | 'device' | 'http' | 'nbd' | 'ssh' | 'qemu-nbd' | 'volume' | 'peek';

const BY_CLIENT = {
  http: 'http',
  nbd: 'nbd',
  ssh: 'ssh',
  qemu: 'qemu-nbd',
  // Where there is no volume, it is peeked at; that is known when it was opened.
  libvirt: 'volume',
} as const satisfies Record<Client, Access>;

/** The access that a location says; null: it is a path of this host, or nothing reads there. */
export function accessOfUrl(location: string): Access | null {
  const client = isUrl(location) ? clientOf(location) : null;
  return client === null ? null : BY_CLIENT[client];
}

/** A directory of the host that a guest has as a filesystem: by virtiofs or 9p, or a container its root. */
export interface GuestFolder {
  /** The tag that the guest mounts it by, or where a container has it. */
  readonly target: string;
  readonly isReadOnly: boolean;
  readonly path: string | null;
  /** As it was when the guest was listed; null when `problem` says why it is not known. */
  readonly usage: FolderUsage | null;
  readonly problem: VirtDfError | null;
}

/** Whether QEMU's agent in a guest is connected; `unknown`: libvirt does not tell. */
export type AgentChannel = 'connected' | 'disconnected' | 'unknown';

export interface GuestDefinition {
  readonly name: string;
  /** The name as it was given, where `name` is another because it looked like that of another guest. */
  readonly givenName?: string;
  readonly uuid: string | null;
  /** `running`, `paused`, `shut off`, ...; null for images. */
  readonly state: string | null;
  /** The libvirt URI that it came from; null for images. */
  readonly uri: string | null;
  readonly disks: readonly GuestDisk[];
  /** Left out: it has no channel for an agent. */
  readonly agent?: AgentChannel;
  /** Left out: it has none. */
  readonly folders?: readonly GuestFolder[];
  /** Why the guest's disks could not be listed; null if they were. */
  readonly problem: VirtDfError | null;
}
