// The interfaces of this layer, which makes named sources of sources: a partition table splits one source into partitions, a
// volume group joins several into logical volumes, LUKS decrypts one.

import type { ByteRange, ByteSource } from '../bytes/source.js';
import type { Secrets } from '../container/secrets.js';
import type { VirtDfError } from '../errors.js';

/** A partition of a table. */
export interface Partition {
  /** The number that the kernel gives it: 1.., logical ones from 5. */
  readonly number: number;
  /** The type that the table gives it: of an MBR `0x83`, of a GPT a UUID in lower case. */
  readonly typeCode: string;
  /**
   * `data`: may hold anything. `extended`: an MBR extended partition, the frame of logical ones.
   * `whole`: the whole disk or slice once more, as BSD's `c`, the frame of all others.
   * `part`: of volumes that the disk's group makes up: a dynamic disk's.
   * `reserved`: by its type it never holds a filesystem (BIOS boot, Microsoft reserved, LDM metadata).
   */
  readonly role: 'data' | 'extended' | 'whole' | 'part' | 'reserved';
  /** GPT's partition name, printable; null if none. */
  readonly label: string | null;
  readonly labelBytes?: Uint8Array;
  readonly uuid: string | null;
  readonly sizeBytes: number;
  /** Where it ends on the disk; 0 when no part of it lies there. */
  readonly endBytes: number;
  /** Its bytes, or the error that keeps them from being read: it lies outside of the disk, ... */
  readonly source: ByteSource | VirtDfError;
  /** What the system calls it whose table this is, on the disk of that number, counted from 0: `da0s1a`. */
  readonly nativeName?: (disk: number) => string;
  /** By its type it may begin with a table of its own, a BSD's label; null if it has none. Never throws for what is there. */
  readonly inner?: (source: ByteSource) => Promise<PartitionTable | null>;
}

/** Whether a partition is only the frame of others, so that nothing is looked for in it. */
export function isFrame({ role }: Pick<Partition, 'role'>): boolean {
  return role === 'extended' || role === 'whole';
}

/** The content of a partition table, read from the primary or the backup. */
export interface PartitionTable {
  /** `mbr`, `gpt`, `bsd` ... */
  readonly type: string;
  readonly sectorSizeBytes: number;
  /**
   * Of a table within a partition: whether Linux counts on with its partitions where those of the disk end (`/dev/sda5`).
   * Others are known by no number of the disk's: `/dev/sda1p1`.
   */
  readonly isNumberedOnDisk?: boolean;
  /** The group that the disk is a member of beside having the table: a dynamic disk of Windows. */
  readonly memberOf?: () => Promise<GroupFormat>;
  /** Of an MBR the sectors that describe its logical partitions, each one; left out where there are none. */
  readonly recordSectors?: readonly number[];
  readonly uuid: string | null;
  readonly partitions: readonly Partition[];
  /** Faults that could be worked around: a broken primary header, a damaged chain of logical partitions. */
  readonly problems: readonly VirtDfError[];
}

/** One source -> partitions. */
export interface TableFormat {
  readonly name: string;
  /** As `FilesystemFormat.probe`: a signature matched already. */
  probe(source: ByteSource): Promise<boolean>;
  open(source: ByteSource): Promise<PartitionTable>;
}

/** The identity of a group's member, by its own metadata: a physical volume, an array's disk. */
export interface Member {
  /** blkid's word (`LVM2_member`). */
  readonly type: string;
  /** The member's own UUID, for its row; null if unknown. */
  readonly uuid: string | null;
  /** The name of the group or array that it belongs to, for its row; null if unknown. */
  readonly label: string | null;
  /** As `Filesystem.version`. */
  readonly version: string;
}

/** Where a member was found: `/dev/sda2`. */
export interface MemberDevice {
  readonly device: string;
  readonly source: ByteSource;
}

/**
 * A volume group: several members make it up, and its volumes are taken from it. An array has none: it is its own volume. A thin
 * pool is a group within one.
 */
export interface Group {
  /** `/dev/VG`, `/dev/VG/POOL`, printable. */
  readonly device: string;
  /** blkid's word for it, `LVM2_group`, or lvs's: `thin-pool`. */
  readonly type: string;
  readonly uuid: string | null;
  /** The group of whose extents it is made; left out where it has members. */
  readonly within?: Group;
  /** The devices of its members that were found. */
  readonly members: readonly string[];
  /** What its members have room for, and how much of it no volume has. */
  readonly sizeBytes: number;
  readonly freeBytes: number;
  /** Of a thin pool: the room for its trees. */
  readonly metadata?: { readonly sizeBytes: number; readonly usedBytes: number };
  /** Of each member that was found; left out where the group does not tell. */
  readonly areas?: readonly MemberArea[];
}

/** What of a member volumes can have: before it and behind it lies the group's metadata, or nothing. */
export interface MemberArea {
  readonly device: string;
  readonly extents: ByteRange;
  /** What no volume has of it, hidden ones included; ascending. */
  readonly free: readonly ByteRange[];
}

/** How full a volume's own store is, as lvs has it; left out where there is nothing of the kind. */
export interface VolumeFigures {
  /** Of a snapshot: how much of the store of its changes is taken, in percent. */
  readonly snapPercent?: number;
  /** Of a thin volume: what of it some block of the pool holds. */
  readonly mappedBytes?: number;
  /** What of that no other volume of the pool has; left out where it was not asked for. */
  readonly exclusiveBytes?: number;
}

/** A volume that one or several members give. */
export interface AssembledVolume {
  /** As libguestfs names it: `/dev/VG/LV`, printable. */
  readonly device: string;
  readonly sizeBytes: number;
  readonly uuid: string | null;
  /** Its bytes, or the error that keeps them from being read: a missing member, an unsupported segment type. */
  readonly source: ByteSource | VirtDfError;
  /** The group that it is taken from; left out for an array, which is all that its members make up. */
  readonly group?: Group;
  /** Whether the kernel looks for a partition table on it: on an array it does, on a logical volume it does not. */
  readonly isDisk?: boolean;
  /** Left out where there are none. What a thin volume holds alone takes a walk through all trees of its pool. */
  figures?(isAllAsked: boolean): Promise<VolumeFigures>;
}

export interface Assembly {
  readonly volumes: readonly AssembledVolume[];
  /** Groups that are told even if no volume is taken from them: an empty pool. */
  readonly groups?: readonly Group[];
  /** Problems of a member or a group as a whole (metadata of which no copy is readable), by member's device. */
  readonly problems: readonly { readonly device: string; readonly error: VirtDfError }[];
}

/** A volume whose content is encrypted, as its header tells. */
export interface EncryptedVolume {
  /** blkid's word: `crypto_LUKS`. */
  readonly type: string;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly labelBytes?: Uint8Array;
  /** As `Filesystem.version`. */
  readonly version: string;
  /** The name that libguestfs gives to the decrypted device: `/dev/mapper/luks-UUID`. null: it is made of the device's own. */
  readonly device: string | null;
  /**
   * The decrypted content.
   * @throws UnsupportedError ENCRYPTED when there is no passphrase, or none that fits; FormatError LIMIT when trying costs
   *         too much.
   */
  unlock(secrets: Secrets): Promise<ByteSource>;
}

/** One encrypted source -> its content in clear. */
export interface EncryptedFormat {
  readonly name: string;
  /** As `FilesystemFormat.probe`: a signature matched already. */
  probe(source: ByteSource): Promise<boolean>;
  /** Reads the header only; nothing is derived from a passphrase yet. */
  open(source: ByteSource): Promise<EncryptedVolume>;
}

/** Several sources of one guest -> volumes. */
export interface GroupFormat {
  /** `lvm2` */
  readonly name: string;
  probe(source: ByteSource): Promise<boolean>;
  /**
   * The same for members whose metadata lie at their end: the first bytes of such a member may be those of the filesystem on
   * the array, which must not be taken for one of its own.
   */
  probeEnd?(source: ByteSource): Promise<boolean>;
  /** Reads the member's own label; throws when it is damaged. */
  member(source: ByteSource): Promise<Member>;
  /** Joins what belongs together. Never throws for one bad group: its problem is in the answer. */
  join(members: readonly MemberDevice[]): Promise<Assembly>;
}
