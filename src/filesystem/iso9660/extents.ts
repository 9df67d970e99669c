// The pieces of a file of ISO 9660: its sections, content that zisofs compressed, a link's target in its record.
// References: ECMA-119 section 6.4; Linux fs/isofs/inode.c: isofs_get_blocks.
import type { ByteRange } from '../../bytes/source.js';
import { UnsupportedError } from '../../errors.js';
import { type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { countedAt } from '../written-once.js';
import type { IsoFile } from './file.js';
import type { LinkPiece } from './link.js';
import type { Section } from './records.js';
import { type Volume, wholeBlocks } from './volume.js';

type Page = readonly FileExtent[];

/** Of what is stored for a file, and is no byte of it. */
const NOWHERE = { offsetBytes: null, lengthBytes: 0 };

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
  const { blockBytes } = volume;
  const offsetBytes = (section.block - attributeBlocks) * blockBytes;
  const lengthBytes = attributeBlocks * blockBytes;
  return stored(volume, 'attributes', NOWHERE, { offsetBytes, lengthBytes });
}

function linkExtents({ volumes }: Volume, link: readonly LinkPiece[]): Page {
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
  const whole = wholeBlocks(volume, block, lengthBytes);
  if (kind !== 'file' && kind !== 'directory') return [slack(volume, whole)];
  if (extensions !== null && extensions.uncompressedBytes !== null) {
    if (!isFirst || sizeBytes === 0) return [slack(volume, whole)];
    return [stored(volume, 'compressed', { offsetBytes: 0, lengthBytes: sizeBytes }, whole)];
  }
  if (isLast) {
    return [stored(volume, 'data', { offsetBytes, lengthBytes: whole.lengthBytes }, whole)];
  }
  const data = stored(volume, 'data', { offsetBytes, lengthBytes }, { ...whole, lengthBytes });
  const restBytes = whole.lengthBytes - lengthBytes;
  if (restBytes === 0) return [data];
  return [
    data,
    slack(volume, { offsetBytes: whole.offsetBytes + lengthBytes, lengthBytes: restBytes }),
  ];
}

function slack(volume: Volume, at: ByteRange): StoredExtent {
  return stored(volume, 'slack', NOWHERE, at);
}

/** @param file the bytes of the file that lie there. */
function stored(
  volume: Volume,
  kind: StoredExtent['kind'],
  file: Pick<StoredExtent, 'offsetBytes' | 'lengthBytes'>,
  { offsetBytes, lengthBytes }: ByteRange,
): StoredExtent {
  const at = volumeRange(volume.volumes, offsetBytes, lengthBytes);
  return { kind, ...file, at, isShared: null, countedAs: countedAt(volume, offsetBytes) };
}
