// Who claims which ranges, as columns: a disk may lie in millions of pieces, and an object for each would take several times the
// memory. Ranges are compared here, and what a claim says is read from its columns when it is told.
import { type Cover, coverFrom, coverOf, without } from '../../bytes/range-list.js';
import type { ByteRange } from '../../bytes/source.js';
import { bytes, floats, growColumns, integers, type Memory, naturals } from '../files/columns.js';
import type { Ranges } from './ranges.js';
import { MAP_KINDS, type MapKind } from './row.js';

const COLUMNS = [
  'volumes',
  'offsets',
  'lengths',
  'fileOffsets',
  'files',
  'kinds',
  'names',
  'shared',
] as const;
/** Of a claim in a cover, where it begins and ends. */
const COVER_BYTES = 16;
const [UNKNOWN, NO, YES] = [0, 1, 2];

/** What is claimed of a range. */
export interface FoundClaim extends ByteRange {
  readonly volumeIndex: number;
  readonly kind: MapKind;
  readonly name: string | null;
  /** The owner's place among the files; null: it is no file's. */
  readonly file: number | null;
  readonly fileOffsetBytes: number | null;
  readonly isShared: boolean | null;
}

/** Plain data, which other processes are sent. */
export interface Claims {
  count: number;
  volumes: Uint32Array;
  offsets: Float64Array;
  lengths: Float64Array;
  /** NaN: it has no place in a file. */
  fileOffsets: Float64Array;
  /** -1: no file's. */
  files: Int32Array;
  kinds: Uint8Array;
  /** Into `words`; -1: none. */
  names: Int32Array;
  shared: Uint8Array;
  readonly words: string[];
}

export function noClaims(): Claims {
  return {
    count: 0,
    volumes: naturals(0),
    offsets: floats(0),
    lengths: floats(0),
    fileOffsets: floats(0),
    files: integers(0),
    kinds: bytes(0),
    names: integers(0),
    shared: bytes(0),
    words: [],
  };
}

/** Names are few, and come again and again. */
export type Words = Map<string, number>;

/** @throws SourceError OVER_BUDGET */
export function addClaim(claims: Claims, claim: FoundClaim, known: Words, memory: Memory): void {
  const at = claims.count;
  if (at >= claims.offsets.length) growColumns(claims, COLUMNS, at, memory);
  claims.volumes[at] = claim.volumeIndex;
  claims.offsets[at] = claim.offsetBytes;
  claims.lengths[at] = claim.lengthBytes;
  claims.fileOffsets[at] = claim.fileOffsetBytes ?? Number.NaN;
  claims.files[at] = claim.file ?? -1;
  claims.kinds[at] = MAP_KINDS.indexOf(claim.kind);
  claims.names[at] = claim.name === null ? -1 : wordAt(claims.words, claim.name, known);
  claims.shared[at] = claim.isShared === null ? UNKNOWN : claim.isShared ? YES : NO;
  claims.count = at + 1;
}

export function wordAt(words: string[], word: string, known: Words): number {
  const place = known.get(word) ?? words.push(word) - 1;
  known.set(word, place);
  return place;
}

export function claimAt(claims: Claims, at: number): FoundClaim {
  const [file = -1, name = -1, fileOffset = Number.NaN] = [
    claims.files[at],
    claims.names[at],
    claims.fileOffsets[at],
  ];
  const shared = claims.shared[at];
  return {
    volumeIndex: claims.volumes[at] ?? 0,
    offsetBytes: claims.offsets[at] ?? 0,
    lengthBytes: claims.lengths[at] ?? 0,
    kind: MAP_KINDS[claims.kinds[at] ?? 0] ?? 'unknown',
    name: claims.words[name] ?? null,
    file: file === -1 ? null : file,
    fileOffsetBytes: Number.isNaN(fileOffset) ? null : fileOffset,
    isShared: shared === UNKNOWN ? null : shared === YES,
  };
}

/** That no other file has it, or that it is no file's. */
export function isAlone({ files, shared }: Claims, at: number): boolean {
  return files[at] === -1 || shared[at] === NO;
}

/** What nobody has claimed, by the device. @param counts which claims; default: all. */
export function leftOf(
  wanted: readonly Cover[],
  claims: Claims,
  memory: Memory,
  counts: (at: number) => boolean = () => true,
): readonly Cover[] {
  const takenBytes = COVER_BYTES * claims.count;
  memory.take(takenBytes);
  const left = wanted.map((own, volume) => {
    if (own.count === 0) return own;
    return coverFrom(without(own, coverFrom(rangesOf(claims, volume, counts))));
  });
  memory.drop(takenBytes);
  return left;
}

function* rangesOf(claims: Claims, volume: number, counts: (at: number) => boolean) {
  const { offsets, lengths, volumes } = claims;
  for (let at = 0; at < claims.count; at++) {
    if (volumes[at] !== volume || !counts(at)) continue;
    yield { offsetBytes: offsets[at] ?? 0, lengthBytes: lengths[at] ?? 0 };
  }
}

/** Of ranges that are ascending and apart. */
export function coverOfRanges(ranges: Ranges): Cover {
  const [only] = ranges;
  if (only === undefined || ranges.length > 1) return coverFrom(ranges);
  return coverOf(only.offsetBytes, only.offsetBytes + only.lengthBytes);
}

/** By the device and where they begin, claims of one place as they came. */
export function orderOf({ count, volumes, offsets }: Claims, memory: Memory): Int32Array {
  const order = integers(count);
  memory.take(order.byteLength);
  for (let at = 0; at < count; at++) order[at] = at;
  return order.sort(
    (a, b) =>
      (volumes[a] ?? 0) - (volumes[b] ?? 0) || (offsets[a] ?? 0) - (offsets[b] ?? 0) || a - b,
  );
}

/** Where the format does not say whether blocks are shared, other claims do. */
export function markShared(claims: Claims, order: Int32Array, memory: Memory): void {
  const { volumes, offsets, lengths, files, shared } = claims;
  const isOverlapped = bytes(claims.count);
  memory.take(isOverlapped.byteLength);
  // The claim that reaches farthest so far: whatever begins before its end overlaps it.
  let farthest = -1;
  let end = 0;
  for (const at of order) {
    const isSameVolume = farthest !== -1 && volumes[farthest] === volumes[at];
    const offset = offsets[at] ?? 0;
    if (isSameVolume && offset < end) {
      isOverlapped[at] = 1;
      isOverlapped[farthest] = 1;
    }
    if (isSameVolume && offset + (lengths[at] ?? 0) <= end) continue;
    farthest = at;
    end = offset + (lengths[at] ?? 0);
  }
  for (const at of order) {
    if (files[at] !== -1) shared[at] = shared[at] === YES || isOverlapped[at] === 1 ? YES : NO;
  }
  memory.drop(isOverlapped.byteLength);
}
