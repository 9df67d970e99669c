// The records of df that every output is made from. Keys here are camelCase; report/columns.ts gives their public names.
import type { ErrorCode, SignatureClaim } from '../errors.js';
import type { Basis, View } from '../filesystem/filesystem.js';
import type { Access, AgentChannel } from '../guests/guest.js';
import type { ReadStatistics } from '../host/scope.js';

export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** Only of AMBIGUOUS: the signatures that compete, with their places. */
  readonly signatures?: readonly SignatureClaim[];
  /** Only of INTERNAL: the program's call stack, for --debug on stderr; no output shows it. */
  readonly stack?: readonly string[];
  /** The file holds no disk, as far as its format goes: a program, an archive without one. No output shows it. */
  readonly isNoDisk?: true;
}

/** A df row: a filesystem, or a place where one was expected and could not be read (then `problem` is set). */
export interface FilesystemRecord {
  readonly guest: string;
  readonly uuid: string | null;
  /** The disk's own device name `/dev/sda`; null for a volume over several disks. */
  readonly disk: string | null;
  /** `/dev/sda1`, `/dev/VG/LV`, as libguestfs names it. */
  readonly device: string;
  /** Where it begins on its disk; null where it lies in several pieces, as a logical volume does. */
  readonly offsetBytes: number | null;
  /** Of the partition that it lies in; null where it lies in none. */
  readonly partitionBytes: number | null;
  /** Of the partition that it fills, as its table has it; null or left out: it fills none. No output shows it. */
  readonly partitionUuid?: string | null;
  readonly type: string | null;
  readonly label: string | null;
  /** The label itself where it is another: in UTF-8, and bytes that were no characters as they stand on the disk. */
  readonly labelBytes?: Uint8Array;
  readonly fsUuid: string | null;
  /** As the format counts its versions: `1.0`, `FAT32`. */
  readonly fsVersion: string | null;
  readonly blockSizeBytes: number | null;
  /** Of the device that it fills, or of all its devices together. */
  readonly volumeBytes: number | null;
  /** Where in that volume the filesystem ends; null where it does not say, or lies on several devices. */
  readonly endBytes: number | null;
  /** What the numbers leave out; null: nothing. */
  readonly remark: string | null;
  readonly sizeBytes: number | null;
  /** sizeBytes - freeBytes */
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
  readonly availBytes: number | null;
  readonly files: number | null;
  readonly filesUsed: number | null;
  readonly filesFree: number | null;
  readonly basis: Basis | null;
  readonly stale: boolean | null;
  /** Nothing can be written to it: its format is written once, or it says so of itself. */
  readonly readOnly: boolean | null;
  /** What fstrim would give back of its image; null where nobody asked, or it cannot be told. */
  readonly reclaimableBytes: number | null;
  /** Of the used bytes, those of files that were deleted and are still open; null where that is not known. */
  readonly deletedOpenBytes: number | null;
  /** Whose numbers these are; null where there are none. No output shows it. */
  readonly view: View | null;
  /**
   * Only of a directory of the host that the guest has as a filesystem. The filesystem there, since several guests may have it, by
   * several of its mounts; null is not known. No output shows it.
   */
  readonly hostDevice?: string | null;
  /** What the agent in the guest says of it; left out: it was not asked, or says nothing that can be of this filesystem. */
  readonly live?: LiveRecord;
  /** Why the numbers may be off; never empty where they are stale or an estimate. */
  readonly doubts: readonly Problem[];
  readonly problem: Problem | null;
}

/** What the agent in a guest says of a filesystem. */
export interface LiveRecord {
  /**
   * How it was found. `device`: by its disk and partition. `numbers`: by its type and its size, or what is used of it, as volumes that
   * have no name in the answer. `ambiguous`: several fit, and the row has the disk's numbers. `agent`: no disk shows it.
   */
  readonly match: 'device' | 'numbers' | 'ambiguous' | 'agent';
  /** Of its device in the guest (`vda1`, `dm-0`); null where it is ambiguous. */
  readonly name: string | null;
  /** In the order of mounting; those of all that fit where it is ambiguous. */
  readonly mountpoints: readonly string[];
  /** What is used and what users can have, together; null: the agent does not tell. */
  readonly totalBytes: number | null;
  readonly usedBytes: number | null;
  /** Which numbers of the row are the agent's; the others are the disk's. */
  readonly numbers: readonly LiveNumber[];
  /** What was read from the disk where the row has the agent's; null: nothing was. */
  readonly diskUsedBytes: number | null;
  readonly diskAvailBytes: number | null;
}

export type LiveNumber = 'sizeBytes' | 'usedBytes' | 'freeBytes' | 'availBytes';

/** Something on a disk that is no filesystem: swap, a physical volume, a reserved partition, an empty disk. */
export interface VolumeRecord {
  readonly guest: string;
  readonly disk: string | null;
  readonly device: string;
  /** blkid's word or ours: `swap`, `LVM2_member`, `bios-boot`, `extended`, `empty`. */
  readonly type: string;
  /** As in FilesystemRecord. */
  readonly offsetBytes: number | null;
  readonly partitionBytes: number | null;
  readonly sizeBytes: number | null;
  readonly label: string | null;
  /** The label itself where it is another: in UTF-8, and bytes that were no characters as they stand on the disk. */
  readonly labelBytes?: Uint8Array;
  readonly fsUuid: string | null;
  readonly fsVersion: string | null;
}

export interface DiskRecord {
  /** `/dev/sda` */
  readonly disk: string;
  readonly target: string | null;
  /** As libvirt gives it to the guest; left out: none is known. No output shows it. */
  readonly serial?: string;
  /** As GuestDisk has it. No output shows it. */
  readonly address?: string;
  readonly path: string | null;
  readonly format: string | null;
  readonly capacityBytes: number | null;
  readonly allocationBytes: number | null;
  readonly physicalBytes: number | null;
  /** Layers of its chain of images; 1 for an image without a backing file. */
  readonly layerCount: number | null;
  /** How its bytes are had; null where it was not opened. */
  readonly access: Access | null;
  /** Other guests may have it too, so that a total over guests counts it once. */
  readonly isShareable: boolean;
}

/** A problem with its place. The list holds those of rows of `filesystems`, and those that have no row there. */
export interface ProblemRecord extends Problem {
  readonly guest: string;
  readonly disk: string | null;
  readonly device: string | null;
}

/** The guest's name and state, and the cost of reading it, which every answer begins with. */
export interface GuestHeader {
  readonly guest: string;
  /** The name as it is, where `guest` is another: cleaned, or spelled because it looked like that of another guest. */
  readonly givenName?: string;
  readonly uuid: string | null;
  readonly state: string | null;
  readonly uri: string | null;
  /** Left out: it has no channel for an agent. No output shows it. */
  readonly agent?: AgentChannel;
  readonly statistics: ReadStatistics;
  /** Paths of the files that were read as parts of its disks: extents, and the images behind the active ones. */
  readonly partFiles: readonly string[];
}

/** df's answer for one guest. */
export interface DfReport {
  readonly disks: readonly DiskRecord[];
  readonly filesystems: readonly FilesystemRecord[];
  readonly volumes: readonly VolumeRecord[];
  readonly problems: readonly ProblemRecord[];
  /** The types of filesystems that a filter left out; only with a filter. */
  readonly otherTypes?: readonly string[];
}

export type GuestReport = GuestHeader & DfReport;
