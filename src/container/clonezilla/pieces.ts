// A disk that is put together of pieces: saved sectors, partitions' images, sectors that are made. Zeros lie between them.
import { concat } from '../../bytes/concat.js';
import { checkedRead } from '../../bytes/range.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { memoryRuns } from '../../bytes/source.js';
import { FormatError, type VirtDfError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import type { Layer, LayerFile } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';

/** A range of the disk. */
export interface Place {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface Piece {
  /** On the disk. */
  readonly offsetBytes: number;
  readonly source: ByteSource;
  /** As `Layer.map`, of the piece; null: all of it is data. */
  readonly map: Layer['map'];
}

/** A piece, and the files of the host that it is made of. */
export interface Found {
  readonly piece: Piece;
  readonly files: readonly LayerFile[];
}

type Map = NonNullable<Layer['map']>;

/** @throws FormatError OVERLAP, OUT_OF_BOUNDS. */
export function assemble(
  given: readonly Piece[],
  sizeBytes: number,
  scope: Scope,
): { readonly content: ByteSource; readonly map: Map } {
  const pieces = [...given].sort((one, other) => one.offsetBytes - other.offsetBytes);
  const parts: ByteSource[] = [];
  let end = 0;
  for (const { offsetBytes, source } of pieces) {
    if (offsetBytes < end) throw overlap(offsetBytes, end);
    if (offsetBytes > end) parts.push(zeros(offsetBytes - end, scope));
    parts.push(source);
    end = offsetBytes + source.sizeBytes;
  }
  if (end > sizeBytes) throw beyond(end, sizeBytes);
  if (end < sizeBytes) parts.push(zeros(sizeBytes - end, scope));
  return { content: concat(parts), map: (at, length) => mapPieces(pieces, at, length) };
}

function overlap(offsetBytes: number, end: number): FormatError {
  const message = `clonezilla: one part of the saved disk begins at ${offsetBytes}, before another ends at ${end}`;
  return new FormatError('OVERLAP', message, { data: { offsetBytes, end } });
}

function beyond(end: number, sizeBytes: number): FormatError {
  const message = `clonezilla: a part of the saved disk ends at ${end}, behind the disk's end at ${sizeBytes}`;
  return new FormatError('OUT_OF_BOUNDS', message, { data: { end, sizeBytes } });
}

/** A saved table of a few lines may tell of petabytes, so zeros count as decompressed bytes do. */
function zeros(sizeBytes: number, scope: Scope): ByteSource {
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      scope.spend(length);
      return new Uint8Array(length);
    },
    async runs(offsetBytes, lengthBytes) {
      return lengthBytes === 0 ? [] : [{ kind: 'zero', offsetBytes, lengthBytes }];
    },
  };
}

/** Bytes that are made: a boot record, a header. */
export function made(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    async read(offset, length) {
      checkedRead(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
    runs: memoryRuns,
  };
}

/**
 * A part of the disk that cannot be read. Whoever looks into it reads its first sector, and learns why; the rest is zeros, so
 * that the disk can be asked for what other programs keep at its end.
 */
export function unreadable(
  { offsetBytes, sizeBytes }: Place,
  problem: VirtDfError,
  scope: Scope,
): Piece {
  const nothing = zeros(sizeBytes, scope);
  const fail = async (): Promise<never> => {
    throw problem;
  };
  const source: ByteSource = {
    sizeBytes,
    read: (offset, length) =>
      offset < SECTOR_BYTES && length > 0 ? fail() : nothing.read(offset, length),
    runs: (offset, length) => (offset < SECTOR_BYTES ? fail() : nothing.runs(offset, length)),
  };
  return { offsetBytes, source, map: fail };
}

async function mapPieces(
  pieces: readonly Piece[],
  offset: number,
  length: number,
): Promise<readonly DiskExtent[]> {
  const piece = pieces.find(({ offsetBytes, source }) => offset < offsetBytes + source.sizeBytes);
  const gap = (piece?.offsetBytes ?? Number.POSITIVE_INFINITY) - offset;
  if (piece === undefined || gap > 0) {
    return [{ kind: 'backing', offsetBytes: offset, lengthBytes: Math.min(length, gap) }];
  }
  const { offsetBytes, source, map } = piece;
  const held = Math.min(length, offsetBytes + source.sizeBytes - offset);
  const data: DiskExtent = {
    kind: 'data',
    offsetBytes: offset,
    lengthBytes: held,
    hostOffsetBytes: offset,
  };
  const extents = await map?.(offset - offsetBytes, held);
  return extents?.map((extent) => moved(extent, offsetBytes)) ?? [data];
}

/** An extent of a piece as one of the disk: whatever the piece holds is data. */
function moved({ kind, offsetBytes: at, lengthBytes }: DiskExtent, startBytes: number): DiskExtent {
  const offsetBytes = startBytes + at;
  return kind === 'backing' || kind === 'zero'
    ? { kind, offsetBytes, lengthBytes }
    : { kind: 'data', offsetBytes, lengthBytes, hostOffsetBytes: offsetBytes };
}
