// An image with some of its bytes changed, and what a row says of it against what a kernel said.
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import type { View } from '../../src/filesystem/filesystem.js';
import { isContrary } from '../../src/queries/problem.js';
import type { FilesystemRecord } from '../../src/queries/report.js';
import { dfOfSources } from '../queries/sources.js';

/** Offset and bytes, in hexadecimal. */
export type Edit = readonly [offsetBytes: number, bytes: string];

/** f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree. */
export type Statfs = readonly number[];

export function edited(content: ByteSource, edits: readonly Edit[]): ByteSource {
  const changes = edits.map(([at, hex]) => ({ at, bytes: Buffer.from(hex, 'hex') }));
  const within = (offset: number, length: number) =>
    changes.filter(({ at, bytes }) => at < offset + length && at + bytes.length > offset);
  return {
    sizeBytes: content.sizeBytes,
    async runs(offset, length) {
      if (within(offset, length).length > 0) return memoryRuns(offset, length);
      return content.runs(offset, length);
    },
    async read(offset, length) {
      const stored = await content.read(offset, length);
      const hits = within(offset, length);
      if (hits.length === 0) return stored;
      const bytes = Uint8Array.from(stored);
      for (const { at, bytes: change } of hits) {
        const from = Math.max(at, offset);
        const to = Math.min(at + change.length, offset + length);
        bytes.set(change.subarray(from - at, to - at), from - offset);
      }
      return bytes;
    },
  };
}

/**
 * `equal`: the kernel's numbers. `told`: other numbers or none, with the reason. `refused`: as the kernel does, with the reason.
 * `silent`: other numbers or none, and nothing says why. `clean`: numbers of what the kernel refuses, as if all was well.
 */
export type Outcome = 'equal' | 'told' | 'refused' | 'silent' | 'clean';

export interface Judged {
  readonly outcome: Outcome;
  /** The codes that say why. */
  readonly codes: readonly string[];
  readonly message: string;
  readonly numbers: Statfs | null;
}

/** What virt-df says of a disk that is one filesystem, of which the kernel gave the numbers or refused it (null). */
export async function judge(
  source: ByteSource,
  view: View,
  kind: string,
  expected: Statfs | null,
): Promise<Judged> {
  const { filesystems, problems } = await dfOfSources([source], view);
  const rows = filesystems.filter(({ type }) => type !== null && isOfKind(type, kind));
  const row = rows.length === 1 ? rows[0] : undefined;
  const numbers = row === undefined ? null : numbersOf(row);
  const doubts = rows.flatMap((one) => one.doubts);
  const contrary = [...problems, ...doubts.filter(isContrary)];
  const reasons = expected === null ? contrary : [...contrary, ...doubts];
  const isEqual = expected !== null && numbers !== null && isSame(numbers, expected);
  return {
    outcome: outcomeOf(isEqual, expected, rows.length > 0, reasons.length > 0),
    codes: [...new Set(reasons.map(({ code }) => code))].sort(),
    message: reasons[0]?.message ?? '',
    numbers,
  };
}

function outcomeOf(
  isEqual: boolean,
  expected: Statfs | null,
  hasRow: boolean,
  hasReason: boolean,
): Outcome {
  if (isEqual) return 'equal';
  if (expected !== null) return hasReason ? 'told' : 'silent';
  return hasReason || !hasRow ? 'refused' : 'clean';
}

/** ext4's driver mounts all of ext; all other kinds have the words of blkid. */
function isOfKind(type: string, kind: string): boolean {
  return type === kind || (kind === 'ext4' && /^ext[234]$/u.test(type));
}

/** As statvfs says them; null where there is one that is not known. What a format does not count is 0 there. */
function numbersOf(row: FilesystemRecord): Statfs | null {
  const { blockSizeBytes: unit, sizeBytes, freeBytes, availBytes, files, filesFree } = row;
  if (unit === null || sizeBytes === null || freeBytes === null || availBytes === null) return null;
  const blocks = [sizeBytes, freeBytes, availBytes].map((bytes) => bytes / unit);
  return [unit, ...blocks, files ?? 0, filesFree ?? 0];
}

/** As many files as there are is how a kernel says that it does not count them: EROFS gives that, less its files as free. */
const UNCOUNTED = -1;

/** The unit may be another where the bytes are the same. */
function isSame(ours: Statfs, kernels: Statfs): boolean {
  const bytes = ([unit = 0, ...numbers]: Statfs) =>
    counted(numbers).map((number, i) => (i < 3 ? number * unit : number));
  const [one, other] = [bytes(ours), bytes(kernels)];
  return one.every((number, i) => number === other[i]);
}

/** f_blocks, f_bfree, f_bavail, and no files where they are not counted. */
function counted(numbers: Statfs): Statfs {
  return numbers[3] === UNCOUNTED ? [...numbers.slice(0, 3), 0, 0] : numbers;
}
