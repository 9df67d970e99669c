// A source some ranges of which have other bytes than the source below it: the blocks of a filesystem that a replay of its
// journal would write, or the tables of an image that its log would. Nothing is written; a read that meets no changed
// range is the read below.
import { MIB } from '../limits.js';
import { type ByteRange, type Change, type Changes, changedRangesOf } from './changes.js';
import { checkedRange, checkedRead } from './range.js';
import { resize } from './resize.js';
import { type ByteSource, dataRuns, MAX_RUNS, type Origin, type SourceRun } from './source.js';

const MAX_LOOKED_UP_BYTES = 16 * MIB;

interface OverlayOptions {
  /** Default: the size of the source below. Beyond the end of that one, unchanged bytes are zeros. */
  readonly sizeBytes?: number;
  /** Called with the length of each read that meets a changed range. */
  readonly spend?: (bytes: number) => void;
}

export interface OverlaySource extends ByteSource {
  /** The ranges that differ from the source below, in order; ranges that touch each other are one. */
  changedRanges(): Iterable<ByteRange>;
}

export function overlay(
  below: ByteSource,
  changes: Changes,
  { sizeBytes = below.sizeBytes, spend }: OverlayOptions = {},
): OverlaySource {
  const isBelow = (offset: number, length: number, changed: readonly Change[]): boolean =>
    changed.length === 0 && offset + length <= below.sizeBytes;
  const padded = sizeBytes > below.sizeBytes ? resize(below, sizeBytes) : below;
  const source: OverlaySource = {
    sizeBytes,
    changedRanges: () => changedRangesOf(changes),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const changed = changes.within(offset, length);
      if (isBelow(offset, length, changed)) return below.read(offset, length);
      spend?.(length);
      const [only] = changed;
      // A function reads the source below by itself: it need not be read here too. Bytes in memory are copied instead, since
      // they may change after this read.
      if (typeof only?.content === 'function' && covers(only, offset, length)) {
        const newer = await only.content(below);
        return newer.subarray(offset - only.offsetBytes).subarray(0, length);
      }
      const bytes = new Uint8Array(length);
      const held = heldBytes(below, offset, length);
      if (held > 0) bytes.set(await below.read(offset, held));
      await patch(below, changed, offset, bytes);
      return bytes;
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      // A range of any length may have any number of changes: they are looked up for a part of it.
      const part = Math.min(length, MAX_LOOKED_UP_BYTES);
      return changedRuns(padded, changes.within(offset, part), offset, part);
    },
  };
  if (below.readInto === undefined) return source;
  return {
    ...source,
    async readInto(offset, target) {
      checkedRange(offset, target.length, sizeBytes);
      const changed = changes.within(offset, target.length);
      if (!isBelow(offset, target.length, changed)) spend?.(target.length);
      const held = heldBytes(below, offset, target.length);
      if (held > 0) await below.readInto?.(offset, target.subarray(0, held));
      target.fill(0, held);
      await patch(below, changed, offset, target);
    },
  };
}

function heldBytes({ sizeBytes }: ByteSource, offset: number, length: number): number {
  return Math.min(length, Math.max(0, sizeBytes - offset));
}

function changedRuns(
  below: ByteSource,
  changed: readonly Change[],
  offset: number,
  length: number,
): readonly SourceRun[] {
  const runs: SourceRun[] = [];
  let at = offset;
  for (const change of changed) {
    if (runs.length >= MAX_RUNS) return runs;
    const from = Math.max(offset, change.offsetBytes);
    const to = Math.min(offset + length, change.offsetBytes + change.lengthBytes);
    runs.push(...dataRuns(below, at, from - at, at));
    runs.push({ offsetBytes: from, lengthBytes: to - from, ...originOf(change, from) });
    at = to;
  }
  return [...runs, ...dataRuns(below, at, offset + length - at, at)];
}

function originOf({ offsetBytes, content, place }: Change, from: number): Origin {
  if (content === null) return { kind: 'zero' };
  if (place === undefined) return { kind: 'memory' };
  const parentOffsetBytes = place.offsetBytes + (from - offsetBytes);
  return { kind: 'data', parent: place.source, parentOffsetBytes };
}

async function patch(
  below: ByteSource,
  changed: readonly Change[],
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  for (const change of changed) {
    const { offsetBytes, lengthBytes } = change;
    const from = Math.max(offset, offsetBytes);
    const to = Math.min(offset + bytes.length, offsetBytes + lengthBytes);
    const newer = await contentOf(below, change);
    if (newer === null) bytes.fill(0, from - offset, to - offset);
    else bytes.set(newer.subarray(from - offsetBytes, to - offsetBytes), from - offset);
  }
}

async function contentOf(below: ByteSource, { content }: Change): Promise<Uint8Array | null> {
  return typeof content === 'function' ? content(below) : content;
}

function covers({ offsetBytes, lengthBytes }: Change, offset: number, length: number): boolean {
  return offsetBytes <= offset && offset + length <= offsetBytes + lengthBytes;
}
