// The map of a sparse file whose holes show what lies below it.
// References: Longhorn longhorn-engine pkg/replica/diff_disk.go lookup() (in units of 4 KiB; it asks by FIEMAP, in which
// room that was reserved and never written counts as data: Longhorn reserves none).

import type { FilePiece } from '../../bytes/source.js';
import { UnsupportedError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { printable } from '../../validation/guest.js';
import type { Layer } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';

/** A unit with one byte of data is data. */
const UNIT_BYTES = 4096;
/** Pieces are asked for in stretches of so many bytes, and those of the last stretches are kept. */
const STRETCH_BYTES = 256 * MIB;
const KEPT_STRETCHES = 64;

/** `Layer.map`. @throws UnsupportedError UNSUPPORTED_FEATURE where holes cannot be asked for. */
export function mapHoles(file: HostFile): NonNullable<Layer['map']> {
  const kept: (readonly FilePiece[])[] = [];
  /** The pieces from a place on, of which the first holds it. */
  const piecesAt = async (offset: number): Promise<readonly FilePiece[]> => {
    const known = kept.find((pieces) => holds(pieces, offset));
    if (known !== undefined) return known.slice(known.findIndex((piece) => endOf(piece) > offset));
    const start = offset - (offset % UNIT_BYTES);
    const length = Math.min(STRETCH_BYTES, file.sizeBytes - start);
    const found = (await file.dataRanges?.(start, length)) ?? null;
    if (found === null) throw cannotAsk(file);
    const pieces = inUnits(found, file.sizeBytes);
    kept.unshift(pieces);
    kept.length = Math.min(kept.length, KEPT_STRETCHES);
    return pieces.slice(pieces.findIndex((piece) => endOf(piece) > offset));
  };
  return async (offsetBytes, lengthBytes) => {
    const end = offsetBytes + lengthBytes;
    const extents: DiskExtent[] = [];
    for (const piece of await piecesAt(offsetBytes)) {
      const start = Math.max(piece.offsetBytes, offsetBytes);
      if (start >= end) break;
      const range = { offsetBytes: start, lengthBytes: Math.min(endOf(piece), end) - start };
      extents.push(
        piece.kind === 'hole'
          ? { ...range, kind: 'backing' }
          : { ...range, kind: 'data', hostOffsetBytes: start },
      );
    }
    return extents;
  };
}

function endOf({ offsetBytes, lengthBytes }: FilePiece): number {
  return offsetBytes + lengthBytes;
}

function holds(pieces: readonly FilePiece[], offset: number): boolean {
  const [first] = pieces;
  const last = pieces.at(-1);
  return (
    first !== undefined && last !== undefined && first.offsetBytes <= offset && offset < endOf(last)
  );
}

/** The pieces with holes of whole units only: on a filesystem of smaller blocks a hole may be a part of one. */
function inUnits(pieces: readonly FilePiece[], fileBytes: number): readonly FilePiece[] {
  const whole: FilePiece[] = [];
  const add = (kind: FilePiece['kind'], offsetBytes: number, end: number): void => {
    if (end > offsetBytes) whole.push({ kind, offsetBytes, lengthBytes: end - offsetBytes });
  };
  for (const piece of pieces) {
    const { kind, offsetBytes } = piece;
    const end = endOf(piece);
    if (kind === 'data') {
      add('data', offsetBytes, end);
      continue;
    }
    const start = Math.min(Math.ceil(offsetBytes / UNIT_BYTES) * UNIT_BYTES, end);
    const stop = end === fileBytes ? end : Math.max(start, end - (end % UNIT_BYTES));
    add('data', offsetBytes, start);
    add('hole', start, stop);
    add('data', stop, end);
  }
  return whole;
}

function cannotAsk({ path }: HostFile): UnsupportedError {
  return new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `longhorn: where ${printable(path)} has holes cannot be asked here, and they decide which layer is seen`,
  );
}
