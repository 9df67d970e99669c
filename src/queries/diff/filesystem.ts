// One filesystem's answer to `virt-df diff`.

import { changedRanges } from '../../bytes/changed-ranges.js';
import type { FileReader } from '../../filesystem/files.js';
import type { GuestDefinition } from '../../guests/guest.js';
import type { FilesystemNode } from '../../stack/node.js';
import { type Memory, within } from '../files/columns.js';
import type { Doubts } from '../files/doubts.js';
import { withFiles } from '../files/filesystem.js';
import { placeOf } from '../place.js';
import { identityRecord, NO_NUMBERS } from '../record.js';
import type { FilesystemRecord } from '../report.js';
import { foundById } from './by-id.js';
import { foundByPath } from './by-path.js';
import type { Pair } from './differing.js';
import type { DiffOptions } from './options.js';
import { isRelated, type NodePair } from './pairs.js';
import { EVERYTHING, rangeSet } from './range-set.js';
import type { DiffChange, DiffFilesystem } from './record.js';
import { rowsOf } from './rows.js';
import type { Field, Ignored } from './state.js';

interface DiffWork {
  readonly options: DiffOptions;
  readonly memory: Memory;
  /** By whom the states' rows are told. */
  readonly guests: { readonly old: GuestDefinition; readonly other: GuestDefinition };
  onFiles(count: number): void;
  /** Throws where the time is up. */
  check(): void;
}

export async function diffFilesystem(
  { old, other }: NodePair,
  work: DiffWork,
): Promise<DiffFilesystem | null> {
  const { guests } = work;
  if (old === null || other === null) {
    const node = other ?? old;
    if (node === null) return null;
    const record = recordOf(node, other === null ? guests.old : guests.other);
    const presence = other === null ? 'removed' : 'added';
    return { record, presence, changes: [], doubts: [], problem: null };
  }
  const record = recordOf(other, guests.other);
  const { value, ...reasons } = await withFiles(other.filesystem, record, (reader, doubts) =>
    compared(old, other, reader, doubts, work),
  );
  const doubts = [...(value?.doubts ?? []), ...reasons.doubts];
  const problem = reasons.problem ?? value?.problem ?? null;
  return { record, presence: 'both', changes: value?.changes ?? null, doubts, problem };
}

/** df's row without its numbers, which nobody asks for here. */
function recordOf(node: FilesystemNode, guest: GuestDefinition): FilesystemRecord {
  const { filesystem, sizeBytes } = node;
  const identity = { ...identityRecord(filesystem), volumeBytes: sizeBytes };
  return { ...placeOf(node, guest), ...NO_NUMBERS, ...identity, problem: null };
}

async function compared(
  old: FilesystemNode,
  other: FilesystemNode,
  reader: FileReader,
  doubts: Doubts,
  work: DiffWork,
) {
  const oldRecord = recordOf(old, work.guests.old);
  const read = await withFiles(old.filesystem, oldRecord, (oldReader, oldDoubts) =>
    within(work.memory, (memory) => {
      const onDoubt = (doubt: Parameters<Doubts['onDoubt']>[0]) => {
        oldDoubts.onDoubt(doubt);
      };
      const all = { ...doubts, onDoubt };
      const readers = { old: oldReader, other: reader };
      return changesOf(readers, isRelated(old, other), all, { ...work, memory });
    }),
  );
  return { changes: read.value, doubts: read.doubts, problem: read.problem };
}

/** Images that were made apart: their files were made at other times, in other places. */
const APART: Ignored = new Set<Field>(['changed', 'created', 'blocks']);
const NO_FIELDS: Ignored = new Set<Field>();

async function changesOf(
  readers: Pick<Pair, 'old' | 'other'>,
  isOne: boolean,
  doubts: Doubts,
  { options, memory, onFiles, check }: DiffWork,
): Promise<readonly DiffChange[]> {
  const pair = { ...readers, changed: await changedOf(readers, check) };
  const hasIdentity = isOne && (await knowsFiles(readers.other));
  const hasContent = options.hasContent ?? (isOne && !hasIdentity);
  const ignored = isOne ? NO_FIELDS : APART;
  const found = hasIdentity
    ? await foundById(pair, { memory, doubts, hasContent, onFiles })
    : await foundByPath({ pair, memory, ignored, isRelated: isOne, hasContent, onFiles });
  return rowsOf(pair, found, { isExpanded: options.isExpanded, ignored });
}

/** Of filesystems on several devices each is compared with the one that has its number. */
function changedOf({ old, other }: Pick<Pair, 'old' | 'other'>, check: () => void) {
  return Promise.all(
    other.volumes.map((volume, index) => {
      const before = old.volumes[index];
      return before === undefined ? EVERYTHING : rangeSet(changedRanges(before, volume, check));
    }),
  );
}

/** Whether a number tells a file from a later one in its place; without one there are no times of the record either (FAT). */
async function knowsFiles(reader: FileReader): Promise<boolean> {
  const [root] = reader.roots;
  const node = root === undefined ? null : await reader.file(root);
  return node !== null && node.stat().generation !== null;
}
