// What of df's used space no path leads to, so that the sum of all rows is df's used, to the byte. Mostly the files' own
// numbers are enough; where they are not, the pieces of all files are looked at to say why.
import type { FileDoubt, FileReader, MetadataRange } from '../../filesystem/files.js';
import type { View } from '../../filesystem/filesystem.js';
import type { Memory } from '../files/columns.js';
import { differencesOf } from './differences.js';
import { type Gathered, NO_RECORD } from './gather.js';
import type { DuOther, OtherKind } from './record.js';
import type { Arranging, FileTree } from './tree.js';

const LEAKED = ['leaked', 'used, and of no file'] as const;
const UNACCOUNTED = ['unaccounted', 'not accounted for'] as const;

interface Account {
  readonly other: readonly DuOther[];
  readonly outside: readonly DuOther[];
}

interface AccountOptions {
  readonly view: View;
  readonly usedBytes: number;
  readonly memory: Memory;
  /** Whether anything could not be read so far. */
  isDoubtful(): boolean;
  onDoubt(doubt: FileDoubt): void;
}

export async function account(
  reader: FileReader,
  gathered: Gathered,
  tree: FileTree,
  seen: Arranging,
  options: AccountOptions,
): Promise<Account> {
  const { view, usedBytes, isDoubtful } = options;
  const kept = (await reader.keptBackBytes?.(view)) ?? 0;
  const known = [
    ...ownRows(gathered, reader),
    ...(await metadataRows(reader)),
    ...row('reserved', 'kept back by the kernel', kept),
    ...row('unused', 'rounded up to whole blocks', reader.roundedUpBytes ?? 0),
    ...subvolumeRows(gathered, tree),
    ...withoutPath(gathered, tree, seen),
  ];
  const used = known.flatMap(({ row, isUsed }) => (isUsed ? [row] : []));
  const outside = known.flatMap(({ row, isUsed }) => (isUsed ? [] : [row]));
  const topBytes = tree.allocated[0] ?? 0;
  const isExact = topBytes + sumOf(used) === usedBytes;
  const exact = isExact ? used : [...used, ...(await differences(reader, gathered, options))];
  const other = inWholeBytes(exact);
  const missing = usedBytes - topBytes - sumOf(other);
  const [kind, name] = missing > 0 && !isDoubtful() ? LEAKED : UNACCOUNTED;
  const rest = row(kind, name, missing).map((one) => one.row);
  return { other: [...other, ...rest], outside: inWholeBytes(outside) };
}

async function differences(
  reader: FileReader,
  gathered: Gathered,
  { memory, onDoubt }: AccountOptions,
): Promise<readonly DuOther[]> {
  if (gathered.differences !== null) return gathered.differences;
  const differing = differencesOf(reader, memory, { onDoubt });
  for await (const nodes of reader.files()) {
    for (const node of nodes) await differing.add(node);
  }
  return differing.rows();
}

/** Where df counts three bytes as one, a row may end in a third: its sum with those before it is rounded. */
function inWholeBytes(rows: readonly DuOther[]): readonly DuOther[] {
  let [exact, told] = [0, 0];
  return rows.map((one) => {
    exact += one.allocatedBytes;
    const allocatedBytes = Math.round(exact) - told;
    told += allocatedBytes;
    return { ...one, allocatedBytes };
  });
}

function sumOf(rows: readonly DuOther[]): number {
  return rows.reduce((bytes, { allocatedBytes }) => bytes + allocatedBytes, 0);
}

interface Known {
  readonly row: DuOther;
  readonly isUsed: boolean;
}

function row(
  kind: OtherKind,
  name: string,
  allocatedBytes: number,
  fileCount: number | null = null,
  isUsed = true,
): readonly Known[] {
  if (allocatedBytes === 0) return [];
  return [{ row: { kind, name, allocatedBytes, fileCount }, isUsed }];
}

function ownRows({ apart }: Gathered, { bytesPerDfByte = 1 }: FileReader): readonly Known[] {
  return apart.flatMap(({ kind, name, fileCount, usedBytes, overheadBytes, freeBytes }) => [
    ...row(kind, name, usedBytes / bytesPerDfByte, fileCount),
    ...row(kind, name, (overheadBytes + freeBytes) / bytesPerDfByte, fileCount, false),
  ]);
}

async function metadataRows(reader: FileReader): Promise<readonly Known[]> {
  const { bytesPerDfByte = 1 } = reader;
  const sums = new Map<string, { readonly range: MetadataRange; bytes: number }>();
  for await (const page of reader.metadata()) {
    for (const range of page) {
      const key = `${range.countedAs === 'used'} ${range.kind} ${range.name}`;
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { range, bytes: range.at.lengthBytes });
      else sum.bytes += range.at.lengthBytes;
    }
  }
  return [...sums.values()].flatMap(({ range: { kind, name, countedAs }, bytes }) =>
    row(kind, name, bytes / bytesPerDfByte, null, countedAs === 'used'),
  );
}

/** Subvolumes that no directory leads to are tops behind the first one. */
function subvolumeRows({ files }: Gathered, tree: FileTree): readonly Known[] {
  return tree.ends.slice(0, -1).flatMap((node) => {
    const number = files.trees[tree.files[node] ?? 0] ?? 0;
    const name = `subvolume ${number}, which no directory leads to`;
    return row('subvolume', name, tree.allocated[node] ?? 0);
  });
}

/** Files that no path leads to: their directory is damaged, or lies in a subvolume that -x leaves out. */
function withoutPath(
  { files }: Gathered,
  tree: FileTree,
  { isReached }: Arranging,
): readonly Known[] {
  const ownTree = files.trees[tree.files[0] ?? 0];
  let [bytes, count, foreignBytes, foreignCount] = [0, 0, 0, 0];
  for (let file = 0; file < files.count; file++) {
    if (isReached[file] === 1 || files.kinds[file] === NO_RECORD) continue;
    if (files.isSystem[file] === 1 || files.links[file] === 0) continue;
    const own = files.allocated[file] ?? 0;
    if (files.trees[file] === ownTree) [bytes, count] = [bytes + own, count + 1];
    else [foreignBytes, foreignCount] = [foreignBytes + own, foreignCount + 1];
  }
  return [
    ...row('subvolume', 'other subvolumes', foreignBytes, foreignCount),
    ...row('no-path', 'files without a path', bytes, count),
  ];
}
