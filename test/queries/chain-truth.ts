// What QEMU says of a chain of images, layer by layer: the truth for what `virt-df chain` says.
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { toolEnv } from '../tools.js';

/** The smallest piece that the counting knows. */
export const PIECE = 512;

/** What a layer by itself holds at each piece of its disk. */
export type PieceKind = 'data' | 'compressed' | 'zero' | 'absent';

export interface TrueLayer {
  readonly path: string;
  readonly format: string;
  readonly capacityBytes: number;
  readonly allocationBytes: number;
  readonly pieces: readonly PieceKind[];
}

interface Range {
  readonly start: number;
  readonly length: number;
  readonly depth: number;
  readonly present: boolean;
  readonly zero: boolean;
  readonly data: boolean;
  /** Of the data in the file; compressed ones have none. */
  readonly offset?: number;
}

interface Info {
  readonly filename: string;
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'actual-size': number;
}

/** In the image's own directory, since QEMU looks for data files where it is started. */
function json<T>(path: string, ...args: readonly string[]): T {
  const options = { env: toolEnv, cwd: dirname(path), encoding: 'utf8' } as const;
  return JSON.parse(execFileSync('qemu-img', [...args, path], options));
}

/** The layers from the active image to the base, each looked at by itself. */
export function trueChain(path: string, format: string): TrueLayer[] {
  const infos: Info[] = json(path, 'info', '--backing-chain', '--output=json', '-f', format);
  return infos.map((info) => ({
    path: info.filename,
    format: info.format,
    capacityBytes: info['virtual-size'],
    allocationBytes: info['actual-size'],
    pieces: piecesOf(info),
  }));
}

/** The map of the chain says how deep each range lies: 0 is what this image says itself. */
function piecesOf({ filename, format, 'virtual-size': size }: Info): PieceKind[] {
  const pieces = new Array<PieceKind>(Math.ceil(size / PIECE)).fill('absent');
  const ranges: Range[] = json(filename, 'map', '--output=json', '-f', format);
  for (const { start, length, depth, present, data, offset } of ranges) {
    if (depth !== 0 || !present) continue;
    const kind = !data ? 'zero' : offset === undefined ? 'compressed' : 'data';
    pieces.fill(kind, start / PIECE, Math.ceil((start + length) / PIECE));
  }
  return pieces;
}

/** Bytes of layer `index` that those above hide. */
export function trueHidden(layers: readonly TrueLayer[], index: number): number {
  const above = layers.slice(0, index);
  return bytesWhere(layers[index], (piece) =>
    above.some(({ pieces }) => (pieces[piece] ?? 'end') !== 'absent'),
  );
}

/** Bytes that a layer stores, where `isCounted`. */
export function bytesWhere(
  layer: TrueLayer | undefined,
  isCounted: (piece: number) => boolean = () => true,
): number {
  if (layer === undefined) return 0;
  const size = layer.capacityBytes;
  return layer.pieces.reduce((total, kind, piece) => {
    const isStored = kind === 'data' || kind === 'compressed';
    if (!isStored || !isCounted(piece)) return total;
    return total + Math.min(PIECE, size - piece * PIECE);
  }, 0);
}

/** Numbers of the clusters of an image that hold data as they are. */
export function dataClusters({ pieces }: TrueLayer, clusterBytes: number): ReadonlySet<number> {
  const clusters = new Set<number>();
  for (const [piece, kind] of pieces.entries()) {
    if (kind === 'data') clusters.add(Math.floor((piece * PIECE) / clusterBytes));
  }
  return clusters;
}

export interface Check {
  readonly 'image-end-offset': number;
  readonly 'compressed-clusters'?: number;
  readonly 'allocated-clusters'?: number;
  readonly leaks?: number;
}

/** qemu-img check; an image with leaks makes it exit with 3. */
export function trueCheck(path: string, format: string): Check {
  try {
    return json(path, 'check', '--output=json', '-f', format);
  } catch (error) {
    const isLeaky = error instanceof Error && 'status' in error && error.status === 3;
    if (!isLeaky || !('stdout' in error)) throw error;
    return JSON.parse(String(error.stdout));
  }
}
