// The account of a volume by its reader of files: who has each byte of it. The invariant is that each has one owner.
import assert from 'node:assert/strict';
import type {
  DfCount,
  FileDoubt,
  FileNode,
  FileReader,
  VolumeRange,
} from '../../../src/filesystem/files.js';

/** A stretch of a volume and its owner. */
export interface Owned {
  readonly volumeIndex: number;
  readonly start: number;
  readonly end: number;
  readonly owner: string;
  readonly countedAs: DfCount | 'unallocated';
  /** Several files may have it: a block of attributes. */
  readonly mayBeShared: boolean;
}

export interface Account {
  /** Ascending, without what was shared twice. */
  readonly owned: readonly Owned[];
  /** What no one has. */
  readonly lost: readonly { readonly start: number; readonly end: number }[];
  /** What two have that may not share it, in words. */
  readonly overlaps: readonly string[];
  readonly nodes: readonly FileNode[];
  readonly usedBytes: number;
  readonly freeBytes: number;
}

export interface Doubts {
  readonly list: FileDoubt[];
  onDoubt(doubt: FileDoubt): void;
}

export function doubts(): Doubts {
  const list: FileDoubt[] = [];
  return { list, onDoubt: (doubt) => void list.push(doubt) };
}

export async function accountOf(reader: FileReader): Promise<Account> {
  const all: Owned[] = [];
  const add = (
    at: VolumeRange,
    owner: string,
    countedAs: Owned['countedAs'],
    mayBeShared = false,
  ) => {
    assert.ok(at.lengthBytes > 0, `${owner}: an empty range`);
    const { volumeIndex, offsetBytes: start, lengthBytes } = at;
    all.push({ volumeIndex, start, end: start + lengthBytes, owner, countedAs, mayBeShared });
  };
  for await (const page of reader.free()) for (const at of page) add(at, 'free', 'unallocated');
  for await (const page of reader.metadata()) {
    for (const { at, name, countedAs } of page) add(at, name, countedAs);
  }
  const nodes: FileNode[] = [];
  for await (const page of reader.files()) {
    for (const node of page) {
      nodes.push(node);
      for await (const extents of node.extents()) {
        for (const extent of extents) {
          if (extent.kind === 'hole' || extent.kind === 'inline') continue;
          const owner = `${extent.kind} of ${node.id.tree}/${node.id.number}`;
          for (const at of [extent.at, ...(extent.copies ?? [])]) {
            add(at, owner, extent.countedAs, extent.isShared !== false);
          }
        }
      }
    }
  }
  const settled = reader.volumes.map(({ sizeBytes }, index) => {
    const own = all.filter(({ volumeIndex }) => volumeIndex === index);
    return settle(own, sizeBytes);
  });
  const sum = (of: (one: Settled) => number) => settled.reduce((bytes, one) => bytes + of(one), 0);
  return {
    owned: settled.flatMap(({ owned }) => owned),
    lost: settled.flatMap(({ lost }) => lost),
    overlaps: settled.flatMap(({ overlaps }) => overlaps),
    usedBytes: sum(({ usedBytes }) => usedBytes),
    freeBytes: sum(({ freeBytes }) => freeBytes),
    nodes,
  };
}

type Settled = ReturnType<typeof settle>;

/** Those that go on behind a byte, of owners that are ascending and disjoint. */
function sharers(owned: readonly Owned[], start: number): readonly Owned[] {
  const first = owned.findLastIndex(({ end }) => end <= start);
  return owned.slice(first + 1);
}

function settle(all: Owned[], sizeBytes: number) {
  const rank = { used: 0, overhead: 1, free: 2, unallocated: 3 };
  all.sort((a, b) => a.start - b.start || rank[a.countedAs] - rank[b.countedAs]);
  const owned: Owned[] = [];
  const lost: { start: number; end: number }[] = [];
  const overlaps: string[] = [];
  let at = 0;
  for (const one of all) {
    const last = owned.at(-1);
    if (one.start > at) lost.push({ start: at, end: one.start });
    if (one.start < at) {
      const other = sharers(owned, one.start).find(({ mayBeShared }) => !mayBeShared);
      const notShared = one.mayBeShared ? other : last;
      if (notShared !== undefined) {
        overlaps.push(`${one.owner} has ${one.start}..${one.end} of ${notShared.owner}`);
      }
      if (one.end <= at) continue;
    }
    owned.push({ ...one, start: Math.max(at, one.start) });
    at = Math.max(at, one.end);
  }
  if (at < sizeBytes) lost.push({ start: at, end: sizeBytes });
  const sum = (...kinds: readonly Owned['countedAs'][]) =>
    owned
      .filter(({ countedAs }) => kinds.includes(countedAs))
      .reduce((bytes, { start, end }) => bytes + end - start, 0);
  return { owned, lost, overlaps, usedBytes: sum('used'), freeBytes: sum('free', 'unallocated') };
}
