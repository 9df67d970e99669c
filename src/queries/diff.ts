// The question of `virt-df diff`: in which files a guest differs from another state of it, such as the image that it was cloned
// from.
// References: virt-diff(1); docs/files.md.
import { reasonOf, SourceError } from '../errors.js';
import type { GuestDefinition, GuestDisk } from '../guests/guest.js';
import { imageGuest } from '../guests/images.js';
import { KIB } from '../limits.js';
import type { DiskNode, FilesystemNode, StackNode } from '../stack/node.js';
import type { RunQuery } from './ask.js';
import { diffFilesystem } from './diff/filesystem.js';
import type { DiffOptions } from './diff/options.js';
import { type Overlays, overlayOf, overlaysOf, swapParts } from './diff/overlay.js';
import { pairsOf } from './diff/pairs.js';
import type { DiffAnswer, DiffFilesystem, OverlayPart } from './diff/record.js';
import { guestsMemory, type MemoryPart } from './files/columns.js';
import {
  ended,
  type Found as FoundRows,
  isSound,
  nothingFound,
  problemsTold,
  walkFilesystems,
} from './files/walk.js';
import type { ProblemRecord } from './report.js';
import type { Stack } from './stack.js';

const PAGE_BYTES = 4 * KIB;

interface Found extends FoundRows<DiffFilesystem> {
  /** What the overlays hold in all, and of swap. */
  overlays: { readonly all: Overlays; readonly swap: readonly OverlayPart[] } | null;
  readonly memory: MemoryPart;
  /** So far. */
  fileCount: number;
}

export function diff(options: DiffOptions): RunQuery<Found, DiffAnswer> {
  let reading: Found | null = null;
  const ofGuest = guestsMemory(options.memoryBytes);
  return {
    question: { kind: 'diff', options },
    isNoted: false,
    // Blocks of directories lie apart, and what lies beside them mostly is the same in both states.
    pageBytes: PAGE_BYTES,
    status: () => (reading === null ? null : `${reading.fileCount} files`),
    begin: () => {
      reading = {
        ...nothingFound(),
        overlays: null,
        memory: ofGuest(),
        fileCount: 0,
      };
      return reading;
    },
    async read(found, stack) {
      const others = await nodesOf(found, stack);
      const before = oldStack(stack, others.disks, options);
      const ofNew = [...found.problems];
      const olds = await nodesOf(found, before);
      // What is wrong with an image is wrong with what lies behind it.
      found.problems = found.problems.filter(
        (problem) => ofNew.includes(problem) || !ofNew.some((known) => isRepeated(known, problem)),
      );
      const check = () => stack.scope.check();
      const all = options.hasOverlay ? await overlaysOf(olds.disks, others.disks, check) : null;
      if (all !== null) found.overlays = { all, swap: await swapParts(others.swap, all, check) };
      const work = {
        options,
        check,
        overlayPaths: all?.paths ?? null,
        memory: found.memory,
        guests: { old: before.guest, other: stack.guest },
        onFiles: (count: number) => {
          found.fileCount += count;
        },
      };
      for (const pair of pairsOf(olds.filesystems, others.filesystems)) {
        // What one state seems to have alone may lie in what could not be read of the other.
        if (found.isUnread && (pair.old === null || pair.other === null)) continue;
        const row = await diffFilesystem(pair, work);
        const node = pair.other ?? pair.old;
        if (row !== null && node !== null) found.filesystems.set(node, row);
      }
    },
    end(found, failure, { name }) {
      found.memory.end();
      return ended(found, failure, name);
    },
    isSound,
    report(found, isSettled, { name }) {
      const rows = [...found.filesystems.values()];
      const { overlays } = found;
      const overlay = overlays === null ? null : overlayOf(overlays.all, rows, overlays.swap);
      return { filesystems: rows, overlay, problems: problemsTold(found, isSettled, name) };
    },
  };
}

/** All filesystems of a state; what cannot be read of it is told with the problems. */
async function nodesOf(found: Found, stack: Stack) {
  const disks: DiskNode[] = [];
  const swap: StackNode[] = [];
  const filesystems = new Set<FilesystemNode>();
  await walkFilesystems(found, stack, {
    asked: { device: null, path: [] },
    onNode(node) {
      if (node.kind === 'disk') disks.push(node);
      if (node.kind === 'swap') swap.push(node);
    },
    async filesystem(node) {
      if (node.before !== null) filesystems.delete(node.before);
      filesystems.add(node);
      return null;
    },
  });
  return { disks, swap, filesystems: [...filesystems] };
}

function oldStack(stack: Stack, disks: readonly DiskNode[], { old }: DiffOptions): Stack {
  const { guest } = stack;
  switch (old.kind) {
    case 'images':
      return stack.beside(imageGuest(old.paths, old.format), null);
    case 'guest':
      return stack.beside(old.guest, null);
    case 'snapshot':
      return stack.beside({ ...guest, name: `${guest.name} (${old.name})` }, old.name);
    case 'backing':
      return stack.beside(backingGuest(guest, disks), null);
  }
}

/** The images behind a guest's own, each at its disk's place. */
function backingGuest(guest: GuestDefinition, disks: readonly DiskNode[]): GuestDefinition {
  const behind = disks.map(({ definition, layer, problem }): GuestDisk => {
    const backing = layer?.backing ?? null;
    if (backing !== null && backing.problem === null) {
      return { ...definition, path: backing.path, format: backing.format, problem: null };
    }
    const reason = problem ?? backing?.problem ?? noBacking(definition);
    return { ...definition, path: null, problem: reasonOf(reason) };
  });
  return { ...guest, name: `${guest.name} (backing)`, disks: behind };
}

function isRepeated(known: ProblemRecord, problem: ProblemRecord): boolean {
  return known.code === problem.code && known.message === problem.message;
}

function noBacking({ path }: GuestDisk): SourceError {
  const message = `${path ?? 'the disk'} has no backing image; virt-df diff OLD NEW compares two images`;
  return new SourceError('NOT_FOUND', message);
}
