// What fills a source: a partition table, a member of a group, a filesystem, nothing, or something unknown.
import { UnsupportedError, VirtDfError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { candidates } from '../source/signature.js';
import type { ByteSource } from '../source/source.js';
import { encrypted, groups, tables } from '../volume/registry.js';
import type { EncryptedVolume, GroupFormat, PartitionTable } from '../volume/volume.js';
import { rankOf, unbeaten } from './signatures.js';

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
  // A table comes first, as in the kernel: an ISO image made for USB sticks has both, and its partitions are what it shows.
  if (isDisk) {
    for (const entry of await candidates(source, tables)) {
      const format = await entry.load();
      if (await format.probe(source)) return { kind: 'table', table: await format.open(source) };
    }
  }
  for (const entry of await candidates(source, groups)) {
    const group = await entry.load();
    if (await group.probe(source)) return { kind: 'member', group };
  }
  for (const entry of await candidates(source, encrypted)) {
    const format = await entry.load();
    if (await format.probe(source)) return { kind: 'encrypted', volume: await format.open(source) };
  }
  return detectFilesystem(source, filesystems);
}

/** A candidate that opened. */
interface Sound {
  readonly name: string;
  readonly filesystem: Filesystem;
}

/** The one candidate that opens. A stale signature whose superblock is damaged does not hide a sound one behind it. */
async function detectFilesystem(
  source: ByteSource,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  const entries = await candidates(source, filesystems);
  const errors: VirtDfError[] = [];
  for (const rank of [0, 1, 2] as const) {
    const ranked = entries.filter(({ name }) => rankOf(name) === rank);
    // Only those of the middle compete: of the others the first counts.
    const sound = await openSound(source, ranked, rank === 1 ? ranked.length : 1, errors);
    const [first, ...others] = unbeaten(sound);
    if (first === undefined) continue;
    if (others.length > 0) throw ambiguous([first, ...others]);
    return { kind: 'filesystem', filesystem: first.filesystem };
  }
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
      sound.push({ name: entry.name, filesystem: await format.open(source) });
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      errors.push(error);
    }
  }
  return sound;
}

function ambiguous(sound: readonly Sound[]): UnsupportedError {
  const names = sound.map(({ name, filesystem: { type, uuid } }) => {
    const word = type === name ? type : `${type} (${name})`;
    return uuid === null ? word : `${word} with the UUID ${uuid}`;
  });
  return new UnsupportedError(
    'AMBIGUOUS',
    `this may be ${names.join(', or ')}: both signatures are whole, and no rule says which one is stale (docs/signatures.md); wipefs shows where they lie and erases one`,
    { data: { types: sound.map(({ name }) => name).join(' ') } },
  );
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
