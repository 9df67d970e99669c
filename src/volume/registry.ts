// The partition tables and volume groups that are known. Only names and signatures are loaded at start; what reads a
// format is loaded when a source begins as one does.
// References: Linux block/partitions/core.c (check_part: the order of tables).
import type { ByteSource } from '../source/source.js';
import type { GroupFormat, TableFormat } from './volume.js';

/** Bytes that a source has somewhere when it may be of the format. */
export interface Signature {
  readonly offsetBytes: number;
  readonly text: string;
}

export interface VolumeEntry<T> {
  readonly name: string;
  /** Any of them makes the source worth a probe; a negative offset counts from the end. */
  readonly signatures: readonly Signature[];
  load(): Promise<T>;
}

/** GPT first, as in the kernel: its protective or hybrid MBR is also an MBR. */
export const tables: readonly VolumeEntry<TableFormat>[] = [
  {
    name: 'gpt',
    signatures: [
      { offsetBytes: 512, text: 'EFI PART' },
      { offsetBytes: 4096, text: 'EFI PART' },
      { offsetBytes: -512, text: 'EFI PART' },
      { offsetBytes: -4096, text: 'EFI PART' },
    ],
    load: async () => (await import('./gpt.js')).gpt,
  },
  {
    name: 'mbr',
    signatures: [{ offsetBytes: 510, text: '\x55\xaa' }],
    load: async () => (await import('./mbr.js')).mbr,
  },
];

export const groups: readonly VolumeEntry<GroupFormat>[] = [
  {
    name: 'lvm2',
    signatures: [0, 512, 1024, 1536].map((offsetBytes) => ({ offsetBytes, text: 'LABELONE' })),
    load: async () => (await import('./lvm2.js')).lvm2,
  },
];

/** Whether the source has one of the entry's signatures, so that loading and probing the format is worth it. */
export async function mayBegin(
  source: ByteSource,
  { signatures }: Pick<VolumeEntry<unknown>, 'signatures'>,
): Promise<boolean> {
  for (const { offsetBytes, text } of signatures) {
    const start = offsetBytes < 0 ? source.sizeBytes + offsetBytes : offsetBytes;
    if (start < 0 || start + text.length > source.sizeBytes) continue;
    const bytes = await source.read(start, text.length);
    if (bytes.every((byte, index) => byte === text.charCodeAt(index))) return true;
  }
  return false;
}
