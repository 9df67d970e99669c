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
import { partsOf } from './parts.js';
import { EVERYTHING, rangeSet } from './range-set.js';
import type { DiffChange, DiffFilesystem, OverlayPart } from './record.js';
import { rowsOf } from './rows.js';
import { type Field, type Ignored, keyOf } from './state.js';
import { storedIn } from './stored.js';

interface DiffWork {
  readonly options: DiffOptions;
  readonly memory: Memory;
  /** The files of overlays on images of the old state; null: nobody asks what they hold. */
  readonly overlayPaths: ReadonlySet<string> | null;
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
    return { record, presence, changes: [], parts: [], doubts: [], problem: null };
  }
  const record = recordOf(other, guests.other);
  const { value, ...reasons } = await withFiles(
    other.filesystem,
    record,
    (reader, doubts) => compared(old, other, reader, doubts, work),
    askedBy(work),
  );
  const doubts = [...(value?.doubts ?? []), ...reasons.doubts];
  const problem = reasons.problem ?? value?.problem ?? null;
  const { changes = null, parts = [] } = value?.found ?? {};
  return { record, presence: 'both', changes, parts, doubts, problem };
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
  const read = await withFiles(
    old.filesystem,
    oldRecord,
    (oldReader, oldDoubts) =>
      within(work.memory, (memory) => {
        const onDoubt = (doubt: Parameters<Doubts['onDoubt']>[0]) => {
          oldDoubts.onDoubt(doubt);
        };
        const all = { ...doubts, onDoubt };
        const readers = { old: oldReader, other: reader };
        return foundOf(readers, { old, other }, all, { ...work, memory });
      }),
    askedBy(work),
  );
  return { found: read.value, doubts: read.doubts, problem: read.problem };
}

/** Whose space it is, only the parts of an overlay tell. */
function askedBy({ overlayPaths }: DiffWork) {
  return { needsNoCounts: overlayPaths === null };
}

/** Images that were made apart: their files were made at other times, in other places. */
const APART: readonly Field[] = ['changed', 'created', 'blocks'];

function ignoredOf({ hasAccessTimes = false }: DiffOptions, isOne: boolean): Ignored {
  return new Set<Field>([
    ...(hasAccessTimes ? [] : ['accessed' as const]),
    ...(isOne ? [] : APART),
  ]);
}

interface Nodes {
  readonly old: FilesystemNode;
  readonly other: FilesystemNode;
}

async function foundOf(
  readers: Pick<Pair, 'old' | 'other'>,
  nodes: Nodes,
  doubts: Doubts,
  work: DiffWork,
): Promise<Pick<DiffFilesystem, 'changes' | 'parts'>> {
  const { options, memory, onFiles, check } = work;
  const isOne = isRelated(nodes.old, nodes.other);
  const ignored = ignoredOf(options, isOne);
  const pair = { ...readers, changed: await changedOf(readers, check), ignored };
  const hasIdentity = isOne && (await knowsFiles(readers.other));
  const hasContent = options.hasContent ?? (isOne && !hasIdentity);
  // What an overlay holds is told file by file.
  const hasSnapshots = options.isExpanded || options.hasOverlay;
  const found = hasIdentity
    ? await foundById(pair, { memory, doubts, hasSnapshots, hasContent, onFiles })
    : await foundByPath({ pair, memory, ignored, isRelated: isOne, hasContent, onFiles });
  const changes = await rowsOf(pair, found, { ...options, ignored, memory });
  return { changes, parts: await storedParts(readers, nodes, changes, work) };
}

/** What the overlay holds of the filesystem, before the replay of its log. */
async function storedParts(
  { old, other }: Pick<Pair, 'old' | 'other'>,
  nodes: Nodes,
  changes: readonly DiffChange[],
  { overlayPaths, memory, check }: DiffWork,
): Promise<readonly OverlayPart[]> {
  if (overlayPaths === null) return [];
  const sources = other.volumes.map((volume, index) => ({
    old: nodes.old.source ?? old.volumes[index] ?? volume,
    other: nodes.other.source ?? volume,
  }));
  return partsOf({
    device: nodes.other.device,
    old,
    other,
    sources,
    stored: await Promise.all(sources.map((source) => storedIn(source.other, overlayPaths, check))),
    changed: new Map(
      changes.flatMap((change) =>
        change.other === null ? [] : [[keyOf(change.other.id), change.path]],
      ),
    ),
    memory,
  });
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
