// A source -> named sources. Partition tables split one source; a volume group joins several.

import type { ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';

/** A partition of a table. */
export interface Partition {
  /** The number that the kernel gives it: 1.., logical ones from 5. */
  readonly number: number;
  /** What the table says it is: an MBR type as `0x83`, a GPT type UUID, lower case. */
  readonly typeCode: string;
  /**
   * `data`: may hold anything. `extended`: an MBR extended partition, the frame of logical ones.
   * `reserved`: by its type it never holds a filesystem (BIOS boot, Microsoft reserved, LDM metadata).
   */
  readonly role: 'data' | 'extended' | 'reserved';
  /** GPT's partition name, printable; null if none. */
  readonly label: string | null;
  readonly uuid: string | null;
  readonly sizeBytes: number;
  /** Where it ends on the disk; 0 when it does not lie there. */
  readonly endBytes: number;
  /** null when `problem` says why it cannot be read (it lies outside of the disk, ...). */
  readonly source: ByteSource | null;
  readonly problem: VirtDfError | null;
}

/** What a partition table says, the primary or the backup. */
export interface PartitionTable {
  /** `mbr` or `gpt`. */
  readonly type: string;
  readonly sectorSizeBytes: number;
  readonly uuid: string | null;
  readonly partitions: readonly Partition[];
  /** What is wrong but could be worked around: a broken primary header, a damaged chain of logical partitions. */
  readonly problems: readonly VirtDfError[];
}

/** One source -> partitions. */
export interface TableFormat {
  readonly name: string;
  /** Whether a table of this kind begins the source. Cheap; false on foreign data, never a FormatError. */
  probe(source: ByteSource): Promise<boolean>;
  open(source: ByteSource): Promise<PartitionTable>;
}

/** A member of a group that was found on a source: a physical volume, an array's disk. */
export interface Member {
  /** Where it was found: `/dev/sda2`. */
  readonly device: string;
  readonly source: ByteSource;
  /** The member's own UUID and what it belongs to, for its row; null if unknown. */
  readonly uuid: string | null;
  readonly label: string | null;
  /** As `Filesystem.version`. */
  readonly version?: string;
  readonly sizeBytes: number;
}

/** A volume that one or several members give. */
export interface AssembledVolume {
  /** As libguestfs names it: `/dev/VG/LV`, printable. */
  readonly device: string;
  readonly sizeBytes: number;
  readonly uuid: string | null;
  /** null when `problem` says why: a missing member, an unsupported segment type. */
  readonly source: ByteSource | null;
  readonly problem: VirtDfError | null;
  /** The kernel looks for a partition table on it: an array is a disk, a logical volume is none. */
  readonly isDisk?: boolean;
}

export interface Assembly {
  readonly volumes: readonly AssembledVolume[];
  /** Problems of a member or a group as a whole (metadata that no copy of is readable), by member's device. */
  readonly problems: readonly { readonly device: string; readonly error: VirtDfError }[];
}

/** A volume whose content is encrypted, as its header tells. */
export interface EncryptedVolume {
  /** blkid's word: `crypto_LUKS`. */
  readonly type: string;
  readonly uuid: string | null;
  readonly label: string | null;
  /** As `Filesystem.version`. */
  readonly version: string;
  /** As libguestfs names what it holds: `/dev/mapper/luks-UUID`. */
  readonly device: string;
  /**
   * What it holds.
   * @throws UnsupportedError ENCRYPTED when there is no passphrase, or none that fits; FormatError LIMIT when trying costs
   *         too much.
   */
  unlock(passphrases: readonly Uint8Array[]): Promise<ByteSource>;
}

/** One source -> what it holds in clear. */
export interface EncryptedFormat {
  readonly name: string;
  /** Whether such a volume begins the source. Cheap; false on foreign data, never a FormatError. */
  probe(source: ByteSource): Promise<boolean>;
  /** Reads the header only; nothing is derived from a passphrase yet. */
  open(source: ByteSource): Promise<EncryptedVolume>;
}

/** Several sources of one guest -> volumes. */
export interface GroupFormat {
  /** `lvm2`; the type of the members' rows is `memberType`, blkid's word (`LVM2_member`). */
  readonly name: string;
  readonly memberType: string;
  probe(source: ByteSource): Promise<boolean>;
  /** The same of members whose metadata lie at their end, so that what begins them may be what they hold. */
  probeEnd?(source: ByteSource): Promise<boolean>;
  /** Reads the member's own label; throws when it is damaged. */
  member(source: ByteSource, device: string): Promise<Member>;
  /** Joins what belongs together. Never throws for one bad group: its problem is in the answer. */
  assemble(members: readonly Member[]): Promise<Assembly>;
}
