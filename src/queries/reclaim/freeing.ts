// What a discard does to each format of images: which unit it frees, and who does it.
// References: QEMU 7.2 block/: the drivers with bdrv_co_pdiscard are qcow2.c, file-posix.c, raw-format.c; qcow2-cluster.c
// discard_in_l2_slice(); Microsoft's [MS-VHDX] 2.5.1.1 PAYLOAD_BLOCK_UNMAPPED; VirtualBox src/VBox/Storage/VDI.cpp vdiDiscard().
import type { Layer } from '../../container/container.js';
import { KIB } from '../../limits.js';
import type { ActiveImage } from './stored.js';

/**
 * `discard`: the image frees what the guest discards. `compact`: a discard only marks blocks, and the file becomes smaller when its
 * hypervisor compacts it. `none`: nothing is given back but by a copy.
 */
export type FreeingWay = 'discard' | 'compact' | 'none';

export interface Freeing {
  readonly way: FreeingWay;
  /** What is freed at once. */
  readonly unitBytes: number;
  /** Why nothing is freed, or by whom. */
  readonly reason: string | null;
}

/** What a filesystem of the host frees at once: ext4's and XFS's usual block. */
const HOST_BLOCK_BYTES = 4 * KIB;

/** Formats that a hypervisor shrinks, and by what. */
const COMPACTED: ReadonlyMap<string, string> = new Map([
  ['vhdx', 'Hyper-V frees the blocks when it compacts the file; QEMU frees nothing in VHDX'],
  ['vpc', 'Hyper-V frees the blocks when it compacts the file; QEMU frees nothing in VHD'],
  [
    'vdi',
    'VirtualBox frees the blocks of a disk that is attached with discard; QEMU frees nothing in VDI',
  ],
  ['vmdk', 'VMware frees the grains when it shrinks the file; QEMU frees nothing in VMDK'],
]);

export async function freeingOf({ layer, source }: ActiveImage): Promise<Freeing> {
  const { format, clusterBytes } = layer;
  const unitBytes = clusterBytes ?? HOST_BLOCK_BYTES;
  const compacted = COMPACTED.get(format) ?? null;
  if (compacted !== null) return { way: 'compact', unitBytes, reason: compacted };
  const reason = await uselessReason(layer, source);
  return { way: reason === null ? 'discard' : 'none', unitBytes, reason };
}

async function uselessReason(
  { format, version, backing, files }: Layer,
  source: ActiveImage['source'],
): Promise<string | null> {
  if (format === 'qcow2') {
    if (version !== '2' || backing === null) return null;
    return 'qcow2 of version 2 cannot mark zeros over a backing file, so that QEMU drops discards (qemu-img amend -o compat=1.1)';
  }
  if (format !== 'raw') return `QEMU frees nothing in ${format}`;
  if (files[0]?.isDevice === true) return null;
  const [run] = source.sizeBytes === 0 ? [] : await source.runs(0, 1);
  return run === undefined || run.kind === 'host' ? null : 'the disk lies in an archive';
}
