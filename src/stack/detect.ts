// What fills a source: a partition table, a member of a group, a filesystem, nothing, or something unknown.
// References: docs/signatures.md; util-linux libblkid/src/superblocks/superblocks.c: blkid_do_safeprobe.

import type { ByteSource } from '../bytes/source.js';
import { AmbiguousError, type SignatureClaim, UnsupportedError, VirtDfError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { candidates, signatureOffset } from '../kaitai/signature.js';
import { encrypted, groups, lastTables, tables, type VolumeEntry } from '../volume/registry.js';
import type {
  EncryptedVolume,
  GroupFormat,
  PartitionTable,
  TableFormat,
} from '../volume/volume.js';
import { isAtEnd, rankOf, unbeaten } from './signatures.js';

export type Detected =
  | { readonly kind: 'table'; readonly table: PartitionTable }
  | { readonly kind: 'member'; readonly group: GroupFormat }
  | { readonly kind: 'encrypted'; readonly volume: EncryptedVolume }
  | { readonly kind: 'filesystem'; readonly filesystem: Filesystem }
  | { readonly kind: 'empty' };

/** How much of a source must be zeros before it counts as empty: all that the probes look at lies within it. */
const EMPTY_HEAD_BYTES = 128 * 1024;
const MBR_BYTES = 512;

/**
 * @param isDisk whether a partition table may begin the source; the kernel looks for one on whole disks only.
 * @throws UnsupportedError UNKNOWN_FILESYSTEM, or the error of what was recognised and is damaged.
 */
export async function detect(
  source: ByteSource,
  isDisk: boolean,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  const atEnd = filesystems.filter(({ name }) => isAtEnd(name));
  const others = filesystems.filter(({ name }) => !isAtEnd(name));
  const [member] = await openSound(source, await candidates(source, atEnd), 1, []);
  if (member === undefined) return detectBeginning(source, isDisk, others);
  const { filesystem, entry } = member;
  const offsetBytes = (await signatureOffset(source, entry)) ?? 0;
  const content = await orNull(detectBeginning(source, isDisk, others));
  // What was made in an array ends before the array's metadata; what reaches over them was made after it.
  const isStale = content !== null && endOf(content) > offsetBytes;
  if (isStale) return content;
  return (await memberAtEnd(source)) ?? { kind: 'filesystem', filesystem };
}

/** The group of which it is a member that can be put together; the others are only recognised. */
async function memberAtEnd(source: ByteSource): Promise<Detected | null> {
  for (const entry of await candidates(source, groups)) {
    const group = await entry.load();
    if (await group.probeEnd?.(source)) return { kind: 'member', group };
  }
  return null;
}

/** Where it ends by its own account; 0 if it does not say. */
function endOf(found: Detected): number {
  if (found.kind === 'filesystem') return found.filesystem.endBytes ?? 0;
  if (found.kind !== 'table') return 0;
  return found.table.partitions.reduce((end, { endBytes }) => Math.max(end, endBytes), 0);
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return null;
  }
}

async function detectBeginning(
  source: ByteSource,
  isDisk: boolean,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  // A table comes first, as in the kernel: an ISO image made for USB sticks has both, and its partitions are what it shows.
  const table = isDisk ? await detectTable(source, tables) : null;
  if (table !== null) return table;
  for (const entry of await candidates(source, groups)) {
    const group = await entry.load();
    if (await group.probe(source)) return { kind: 'member', group };
  }
  for (const entry of await candidates(source, encrypted)) {
    const format = await entry.load();
    if (await format.probe(source)) return { kind: 'encrypted', volume: await format.open(source) };
  }
  return detectFilesystem(source, isDisk, filesystems);
}

async function detectTable(
  source: ByteSource,
  formats: readonly VolumeEntry<TableFormat>[],
): Promise<Detected | null> {
  for (const entry of await candidates(source, formats)) {
    const format = await entry.load();
    if (await format.probe(source)) return { kind: 'table', table: await format.open(source) };
  }
  return null;
}

/** A candidate that opened. */
interface Sound {
  readonly name: string;
  readonly entry: FilesystemEntry;
  readonly filesystem: Filesystem;
}

/** The one candidate that opens. A stale signature whose superblock is damaged does not hide a sound one behind it. */
async function detectFilesystem(
  source: ByteSource,
  isDisk: boolean,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  const errors: VirtDfError[] = [];
  for (const rank of [0, 1, 2] as const) {
    // What counts last may lie anywhere: it is read only when it is asked for.
    const entries = filesystems.filter(({ name }) => rankOf(name) === rank);
    const ranked = await candidates(source, entries);
    // Only those of the middle compete: of the others the first counts.
    const sound = await openSound(source, ranked, rank === 1 ? ranked.length : 1, errors);
    const [first, ...others] = unbeaten(sound);
    if (first === undefined) continue;
    if (others.length > 0) throw await ambiguous(source, [first, ...others]);
    return { kind: 'filesystem', filesystem: first.filesystem };
  }
  const table = isDisk ? await detectTable(source, lastTables) : null;
  if (table !== null) return table;
  const [firstError] = errors;
  if (firstError !== undefined) throw firstError;
  const head = await source.read(0, Math.min(EMPTY_HEAD_BYTES, source.sizeBytes));
  if (await isEmpty(head)) return { kind: 'empty' };
  throw new UnsupportedError(
    'UNKNOWN_FILESYSTEM',
    `these ${source.sizeBytes} bytes begin with nothing that virt-df knows (virt-df formats list)`,
    { data: { sizeBytes: source.sizeBytes } },
  );
}

/** The first `max` that open; what does not is added to `errors`. */
async function openSound(
  source: ByteSource,
  entries: readonly FilesystemEntry[],
  max: number,
  errors: VirtDfError[],
): Promise<readonly Sound[]> {
  const sound: Sound[] = [];
  for (const entry of entries) {
    if (sound.length === max) break;
    try {
      const format = await entry.load();
      if (!(await format.probe(source))) continue;
      sound.push({ name: entry.name, entry, filesystem: await format.open(source) });
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      errors.push(error);
    }
  }
  return sound;
}

async function ambiguous(source: ByteSource, sound: readonly Sound[]): Promise<AmbiguousError> {
  const signatures: SignatureClaim[] = [];
  for (const { name, entry, filesystem } of sound) {
    const { type, label, uuid } = filesystem;
    const offsetBytes = (await signatureOffset(source, entry)) ?? 0;
    signatures.push({ format: name, type, label, uuid, offsetBytes });
  }
  const [first] = signatures;
  return new AmbiguousError(
    `this may be ${signatures.map(claimText).join(', or ')}: both signatures are whole, and no rule says which one is ` +
      'stale (docs/signatures.md); in the guest `wipefs DEVICE` lists them, and ' +
      `\`wipefs --backup --offset ${hexadecimal(first?.offsetBytes ?? 0)} DEVICE\` erases the first one`,
    signatures,
  );
}

function claimText({ format, type, label, uuid, offsetBytes }: SignatureClaim): string {
  const word = type === format ? type : `${type} (${format})`;
  const names = [
    label === null ? '' : ` '${label}'`,
    uuid === null ? '' : ` with the UUID ${uuid}`,
  ];
  return `${word}${names.join('')} at byte ${hexadecimal(offsetBytes)}`;
}

/** As wipefs writes and takes offsets. */
function hexadecimal(offsetBytes: number): string {
  return `0x${offsetBytes.toString(16)}`;
}

/** Nothing but zeros, or a new MBR with no partitions in it yet. */
async function isEmpty(head: Uint8Array): Promise<boolean> {
  if (isZeros(head)) return true;
  if (!isZeros(head.subarray(MBR_BYTES))) return false;
  const { isUnusedMbr } = await import('../volume/mbr.js');
  return isUnusedMbr(head.subarray(0, MBR_BYTES));
}

/** Compared natively: a guest may have thousands of volumes. */
function isZeros(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, new Uint8Array(bytes.length)) === 0;
}
