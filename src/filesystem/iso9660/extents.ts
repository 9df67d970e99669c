// The pieces of a file of ISO 9660: its sections, content that zisofs compressed, a link's target in its record.
// References: ECMA-119 section 6.4; Linux fs/isofs/inode.c: isofs_get_blocks.
import { UnsupportedError } from '../../errors.js';
import { type FileExtent, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { countedAt } from '../written-once.js';
import type { IsoFile } from './file.js';
import type { Section } from './records.js';
import type { Volume } from './volume.js';

type Page = readonly FileExtent[];

export function extentPages(volume: Volume, file: IsoFile): AsyncIterable<Page> {
  return toldOf(volume, file.number, pages(volume, file));
}

async function* pages(volume: Volume, file: IsoFile): AsyncGenerator<Page, void, undefined> {
  const { entry, extensions, kind } = file;
  if (entry.first.attributeBlocks > 0) yield [attributesOf(volume, file)];
  const link = extensions?.link ?? [];
  if (kind === 'symlink') yield linkExtents(volume, link);
  if (entry.first.isInterleaved) {
    throw new UnsupportedError('UNSUPPORTED_FEATURE', 'iso9660: a file is interleaved with others');
  }
  let offsetBytes = 0;
  for (const [i, section] of entry.sections.entries()) {
    if (section.lengthBytes === 0) continue;
    const isLast = i === entry.sections.length - 1;
    yield sectionExtents(volume, file, section, { offsetBytes, isFirst: i === 0, isLast });
    offsetBytes += section.lengthBytes;
  }
}

function attributesOf(volume: Volume, { entry: { first } }: IsoFile): FileExtent {
  const { attributeBlocks, section } = first;
  const { blockBytes, volumes } = volume;
  const start = (section.block - attributeBlocks) * blockBytes;
  const at = volumeRange(volumes, start, attributeBlocks * blockBytes);
  const countedAs = countedAt(volume, start);
  return { kind: 'attributes', offsetBytes: null, lengthBytes: 0, at, isShared: null, countedAs };
}

function linkExtents(
  { volumes }: Volume,
  link: readonly {
    readonly at: { offsetBytes: number; lengthBytes: number };
    targetBytes: number;
  }[],
): Page {
  let offsetBytes = 0;
  return link.map(({ at, targetBytes }) => {
    const extent: FileExtent = {
      kind: 'inline',
      offsetBytes,
      lengthBytes: targetBytes,
      at: volumeRange(volumes, at.offsetBytes, at.lengthBytes),
    };
    offsetBytes += targetBytes;
    return extent;
  });
}

interface Place {
  readonly offsetBytes: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** A section takes whole blocks; the file goes on behind the bytes of one that is not the last. */
function sectionExtents(
  volume: Volume,
  { kind, extensions, sizeBytes }: IsoFile,
  { block, lengthBytes }: Section,
  { offsetBytes, isFirst, isLast }: Place,
): Page {
  const { volumes, blockBytes } = volume;
  const start = block * blockBytes;
  const storedBytes = Math.ceil(lengthBytes / blockBytes) * blockBytes;
  const countedAs = countedAt(volume, start);
  const whole = volumeRange(volumes, start, storedBytes);
  const isShared = null;
  const isCompressed = extensions?.uncompressedBytes != null;
  const hasContent = kind === 'file' || kind === 'directory';
  if (isCompressed && isFirst && hasContent && sizeBytes > 0) {
    return [
      {
        kind: 'compressed',
        offsetBytes: 0,
        lengthBytes: sizeBytes,
        at: whole,
        isShared,
        countedAs,
      },
    ];
  }
  const slack = (at: typeof whole): FileExtent => ({
    kind: 'slack',
    offsetBytes: null,
    lengthBytes: 0,
    at,
    isShared,
    countedAs,
  });
  if (isCompressed || !hasContent) return [slack(whole)];
  if (isLast) {
    return [
      { kind: 'data', offsetBytes, lengthBytes: storedBytes, at: whole, isShared, countedAs },
    ];
  }
  const at = volumeRange(volumes, start, lengthBytes);
  const restBytes = storedBytes - lengthBytes;
  const data: FileExtent = { kind: 'data', offsetBytes, lengthBytes, at, isShared, countedAs };
  if (restBytes === 0) return [data];
  return [data, slack(volumeRange(volumes, start + lengthBytes, restBytes))];
}
