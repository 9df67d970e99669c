// The bands of a sparse bundle as one file of the disk's size. A band is opened when it is read, by the name that its number
// gives, so that a bundle of a million bands costs as much as the few that are read.
// References: sparsebundlefs (torarnv/sparsebundlefs) sparsebundlefs.cpp.
import { checkedRange, checkedRead } from '../../bytes/range.js';
import { resize } from '../../bytes/resize.js';
import { type ByteSource, dataRuns, MAX_RUNS, type SourceRun } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { FileSizes } from '../../host/folder.js';
import type { HostFile } from '../../host/scope.js';
import type { ContainerContext, Layer } from '../container.js';
import { extentBuilder } from '../tables/extent-builder.js';

const FOLDER = 'bands';
/** Bands that one answer of the map tells of. */
const BANDS_AT_ONCE = 1024;

export interface Bands {
  /** Zeros where there is no band. */
  readonly content: ByteSource;
  readonly map: NonNullable<Layer['map']>;
  /** Of all bands; null where there are more than are counted. */
  readonly allocationBytes: number | null;
  readonly physicalBytes: number | null;
}

interface Sizes {
  readonly sizeBytes: number;
  readonly bandBytes: number;
}

/** @throws FormatError INVALID for a band that is too large. */
export async function openBands(sizes: Sizes, context: ContainerContext): Promise<Bands> {
  const { bandBytes } = sizes;
  const listed = await context.filesIn(FOLDER);
  for (const [name, { sizeBytes }] of listed ?? []) checkSize(name, sizeBytes, bandBytes);
  const opened = new Map<number, Promise<ByteSource | null>>();
  const open = (index: number): Promise<ByteSource | null> => {
    const known = opened.get(index);
    if (known !== undefined) return known;
    const opening = openBand(index, bandBytes, context);
    opened.set(index, opening);
    return opening;
  };
  const isThere = async (index: number): Promise<boolean> =>
    listed?.has(nameOf(index)) ?? (await open(index)) !== null;
  return {
    content: joined(sizes, open),
    map: (offset, length) => mapBands(bandBytes, isThere, offset, length),
    allocationBytes: sum(listed, ({ allocationBytes }) => allocationBytes),
    physicalBytes: sum(listed, ({ sizeBytes }) => sizeBytes),
  };
}

function nameOf(index: number): string {
  return index.toString(16);
}

async function openBand(
  index: number,
  bandBytes: number,
  context: ContainerContext,
): Promise<ByteSource | null> {
  const file: HostFile | null = await context.piece(`${FOLDER}/${nameOf(index)}`);
  if (file === null) return null;
  checkSize(nameOf(index), file.sizeBytes, bandBytes);
  return resize(file, bandBytes);
}

function checkSize(name: string, sizeBytes: number, bandBytes: number): void {
  if (sizeBytes <= bandBytes || !/^(?:0|[1-9a-f][0-9a-f]*)$/u.test(name)) return;
  const message = `sparsebundle: the band ${name} has ${sizeBytes} bytes; bands have at most ${bandBytes}`;
  throw new FormatError('INVALID', message, { data: { sizeBytes, bandBytes } });
}

function sum(
  files: ReadonlyMap<string, FileSizes> | null,
  bytesOf: (file: FileSizes) => number,
): number | null {
  if (files === null) return null;
  return [...files.values()].reduce((total, file) => total + bytesOf(file), 0);
}

/** As `Layer.map`: what has no band is `backing`, that is zeros. */
async function mapBands(
  bandBytes: number,
  isThere: (index: number) => Promise<boolean>,
  offset: number,
  lengthBytes: number,
) {
  const extents = extentBuilder();
  const end = offset + lengthBytes;
  for (let [at, count] = [offset, 0]; at < end && count < BANDS_AT_ONCE; count++) {
    const index = Math.floor(at / bandBytes);
    const length = Math.min(end, (index + 1) * bandBytes) - at;
    if (await isThere(index)) extents.data(at, length, at);
    else extents.plain('backing', at, length);
    at += length;
  }
  return extents.finish();
}

function joined(
  { sizeBytes, bandBytes }: Sizes,
  open: (index: number) => Promise<ByteSource | null>,
): ByteSource {
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const first = Math.floor(offset / bandBytes);
      const skipped = offset - first * bandBytes;
      if (skipped + length <= bandBytes) {
        return (await open(first))?.read(skipped, length) ?? new Uint8Array(length);
      }
      const bytes = new Uint8Array(length);
      for (let at = offset; at < offset + length; ) {
        const index = Math.floor(at / bandBytes);
        const count = Math.min(offset + length, (index + 1) * bandBytes) - at;
        const band = await open(index);
        if (band !== null) bytes.set(await band.read(at - index * bandBytes, count), at - offset);
        at += count;
      }
      return bytes;
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const runs: SourceRun[] = [];
      for (let at = offset; at < offset + length && runs.length < MAX_RUNS; ) {
        const index = Math.floor(at / bandBytes);
        const lengthBytes = Math.min(offset + length, (index + 1) * bandBytes) - at;
        const band = await open(index);
        if (band === null) runs.push({ kind: 'zero', offsetBytes: at, lengthBytes });
        else runs.push(...dataRuns(band, at, lengthBytes, at - index * bandBytes));
        at += lengthBytes;
      }
      return runs;
    },
  };
}
