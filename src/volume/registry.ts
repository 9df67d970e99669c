// The partition tables and volume groups that are known. Only names and signatures are loaded at start; what reads a
// format is loaded when a source begins as one does.
// References: Linux block/partitions/core.c (check_part: the order of tables).
import { catalog } from '../../generated/catalog.js';
import type { Recognizable } from '../kaitai/signature.js';
import type { EncryptedFormat, GroupFormat, TableFormat } from './volume.js';

export interface VolumeEntry<T> extends Recognizable {
  readonly name: string;
  load(): Promise<T>;
}

/** GPT first, as in the kernel: its protective or hybrid MBR is also an MBR. */
export const tables: readonly VolumeEntry<TableFormat>[] = [
  entry('gpt', async () => (await import('./gpt.js')).gpt),
  entry('mbr', async () => (await import('./mbr.js')).mbr),
];

/** Looked for where nothing else is sound. */
export const lastTables: readonly VolumeEntry<TableFormat>[] = [
  entry('gpt', async () => (await import('./gpt.js')).unprotectedGpt),
];

export const groups: readonly VolumeEntry<GroupFormat>[] = [
  // pvcreate overwrites metadata 1.2, and mdadm leaves the label of what was a physical volume.
  entry('md', async () => (await import('./md.js')).md),
  entry('lvm2', async () => (await import('./lvm2.js')).lvm2),
];

export const encrypted: readonly VolumeEntry<EncryptedFormat>[] = [
  entry('luks', async () => (await import('./luks.js')).luks),
  entry('luks2', async () => (await import('./luks.js')).luks),
];

function entry<T>(name: string, load: () => Promise<T>): VolumeEntry<T> {
  return { name, probes: catalog.find((format) => format.name === name)?.probes ?? [], load };
}
