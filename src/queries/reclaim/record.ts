// The records of `virt-df reclaim`. Keys here are camelCase; report/reclaim/json.ts gives their public names, and docs/reclaim.md
// explains each number.
import type { FilesystemReasons } from '../files/filesystem.js';
import type { GuestHeader, ProblemRecord } from '../report.js';
import type { FreeingWay } from './freeing.js';

/** Bytes that the images of a guest store for space that nothing uses. */
export interface ReclaimSpace {
  /** As they are. */
  readonly storedBytes: number;
  /** Of those: what the images give back when the space is discarded. */
  readonly reclaimableBytes: number;
  /** Of those: in clusters of which a part is in use. */
  readonly partialBytes: number;
  /** Of those: in clusters that internal snapshots have too. */
  readonly pinnedBytes: number;
  /** Of the disk, that are stored compressed. */
  readonly compressedBytes: number;
  /** What a copy leaves out (virt-sparsify, or qemu-img convert once free space is zeros). */
  readonly copyBytes: number;
}

export interface ReclaimFilesystem extends FilesystemReasons {
  /** What fstrim can discard; null: `problem` says why that is unknown, as in `space`. */
  readonly freeBytes: number | null;
  readonly space: ReclaimSpace | null;
  /** By disk. */
  readonly perDisk: readonly { readonly disk: string; readonly space: ReclaimSpace }[];
  /** All disks that it lies on, also where nothing else is known of it. */
  readonly disks: readonly string[];
  /** What must let discards pass on the way down: a cipher, an array. */
  readonly through: readonly ('cipher' | 'array')[];
}

/** What nothing uses and fstrim does not reach. */
export interface ReclaimArea {
  readonly kind: 'swap' | 'gap' | 'unused-extents';
  /** Of a gap the table's device, of extents the volume group. */
  readonly device: string;
  readonly disk: string | null;
  readonly sizeBytes: number;
  /** What would be given back if it were discarded. */
  readonly space: ReclaimSpace;
}

/** The active image of a disk. */
export interface ReclaimImage {
  /** `/dev/sda` */
  readonly disk: string;
  /** libvirt's word for it: `vda`. */
  readonly target: string | null;
  readonly path: string | null;
  readonly format: string | null;
  readonly version: string | null;
  readonly clusterBytes: number | null;
  readonly capacityBytes: number | null;
  readonly allocationBytes: number | null;
  readonly hasBacking: boolean;
  readonly way: FreeingWay;
  /** Why nothing is freed, or who frees it. */
  readonly reason: string | null;
  /** Clusters of the file that nothing uses: qemu-img check -r leaks frees them; null: the format does not tell. */
  readonly leakedBytes: number | null;
  /** Of all filesystems on it that are known. */
  readonly space: ReclaimSpace;
}

export interface ReclaimAnswer {
  readonly filesystems: readonly ReclaimFilesystem[];
  readonly areas: readonly ReclaimArea[];
  readonly images: readonly ReclaimImage[];
  readonly problems: readonly ProblemRecord[];
}

export type ReclaimReport = GuestHeader & ReclaimAnswer;

/** Filesystems of which nothing is known: whatever is summed up beside them is a lower bound. */
export function unknownOf(
  filesystems: readonly ReclaimFilesystem[],
  disk?: string,
): readonly ReclaimFilesystem[] {
  return filesystems.filter(
    ({ space, disks }) => space === null && (disk === undefined || disks.includes(disk)),
  );
}

const NO_SPACE: ReclaimSpace = {
  storedBytes: 0,
  reclaimableBytes: 0,
  partialBytes: 0,
  pinnedBytes: 0,
  compressedBytes: 0,
  copyBytes: 0,
};

export function sumOf(spaces: readonly ReclaimSpace[]): ReclaimSpace {
  return spaces.reduce(
    (sum, one) => ({
      storedBytes: sum.storedBytes + one.storedBytes,
      reclaimableBytes: sum.reclaimableBytes + one.reclaimableBytes,
      partialBytes: sum.partialBytes + one.partialBytes,
      pinnedBytes: sum.pinnedBytes + one.pinnedBytes,
      compressedBytes: sum.compressedBytes + one.compressedBytes,
      copyBytes: sum.copyBytes + one.copyBytes,
    }),
    NO_SPACE,
  );
}
