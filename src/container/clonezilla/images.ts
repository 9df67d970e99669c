// What is in the images of partitions and logical volumes: streams of partclone's or of dd's, compressed, in parts.
// References: Clonezilla ocs-functions save_part_by_partclone(), get_image_cat_zip_cmd().
import { signatures } from '../../../generated/signatures.js';
import { resize } from '../../bytes/resize.js';
import type { ByteSource } from '../../bytes/source.js';
import { SourceError, UnsupportedError, VirtDfError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { candidates } from '../../kaitai/signature.js';
import { printable } from '../../validation/guest.js';
import {
  type ContainerContext,
  type LayerFile,
  layerFile,
  type WrapperFormat,
} from '../container.js';
import { inNamed } from '../in-named.js';
import { partclone } from '../partclone.js';
import { FIRST_PART, partNames } from '../split/names.js';
import { joinParts, missingPart } from '../split.js';
import { type ImageName, PLAIN } from './names.js';
import { type Found, type Piece, type Place, unreadable } from './pieces.js';

interface Compression {
  readonly command: string;
  /** null: virt-df does not decompress it. */
  readonly load: (() => Promise<WrapperFormat>) | null;
  /** The specification of its signature, which a name without an ending leaves to be looked at. */
  readonly spec: string;
}

/** By Clonezilla's endings. */
const COMPRESSIONS: Readonly<Record<string, Compression>> = {
  gz: { spec: 'gzip', command: 'gunzip -c', load: async () => (await import('../gzip.js')).gzip },
  zst: { spec: 'zstd', command: 'zstd -dc', load: async () => (await import('../zstd.js')).zstd },
  xz: { spec: 'xz', command: 'xz -dc', load: async () => (await import('../xz.js')).xz },
  bz2: { spec: 'bzip2', command: 'bunzip2 -c', load: null },
  lzma: { spec: 'lzma', command: 'xz -dc', load: null },
  lz4: { spec: 'lz4', command: 'lz4 -dc', load: null },
  lzo: { spec: 'lzop', command: 'lzop -dc', load: null },
  lzip: { spec: 'lzip', command: 'lzip -dc', load: null },
  lrz: { spec: 'lrzip', command: 'lrzip -d -o -', load: null },
};
const PARTCLONE_SPEC = 'partclone';

/** What is read of an image. */
interface OpenedImage {
  readonly content: ByteSource;
  readonly map: Piece['map'];
  readonly files: readonly LayerFile[];
}

/** @throws FormatError, UnsupportedError, SourceError. */
export async function openImage(image: ImageName, context: ContainerContext): Promise<OpenedImage> {
  const joined = await joinedFile(image, context);
  const files = [layerFile(joined, 'extent')];
  const plain = await decompressed(joined, image, context);
  if (image.program === 'dd') return { content: plain, map: null, files };
  if (image.program === 'other' && !(await begins(plain, PARTCLONE_SPEC))) {
    throw new UnsupportedError(
      'UNSUPPORTED_FORMAT',
      `it is not of partclone: restore it with Clonezilla${image.type === 'ntfs' ? ', or with ntfsclone --restore-image' : ''}`,
    );
  }
  const { content, layer } = await partclone.open(plain, context);
  return { content, map: layer.map, files };
}

async function joinedFile({ name }: ImageName, context: ContainerContext): Promise<HostFile> {
  const file = await context.piece(name);
  if (file === null) throw new SourceError('NOT_FOUND', `${printable(name)} is not there`);
  if (!FIRST_PART.test(name)) return file;
  const { names, gap } = partNames(name, await context.siblings());
  if (gap !== null) throw missingPart(gap.missing);
  return names.length === 0 ? file : joinParts(file, names, context);
}

async function decompressed(
  file: HostFile,
  image: ImageName,
  context: ContainerContext,
): Promise<HostFile> {
  if (image.compression === PLAIN) return file;
  const known = image.compression === null ? await compressionOf(file) : image.compression;
  if (known === null) return file;
  const compression = COMPRESSIONS[known];
  const message = await whyNot(file, compression, context);
  if (typeof message !== 'string') return message;
  const { name } = image;
  const stem = name.replace(/\.a{2,5}$/u, '');
  const parts = stem === name ? stem : `${stem}.*`;
  const target = image.compression === null ? `${stem}.plain` : stem.replace(/[^.]+$/u, PLAIN);
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `${message}; \`cat ${printable(parts)} | ${compression?.command ?? 'DECOMPRESS'} > ${printable(target)}\` in the folder makes it readable`,
  );
}

/** The content, or why it cannot be had. */
async function whyNot(
  file: HostFile,
  compression: Compression | undefined,
  context: ContainerContext,
): Promise<HostFile | string> {
  const load = compression?.load ?? null;
  if (load === null)
    return `it is compressed with ${compression?.spec ?? 'an unknown program'}, which is not read`;
  try {
    const [content] = await (await load()).unwrap(file, context);
    return content ?? 'there is nothing in it';
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return 'it is too large to be decompressed for each read, and cannot be read at random';
  }
}

/** Of a name that does not tell: the ending that the content has a right to; null: it is not compressed. */
async function compressionOf(file: HostFile): Promise<string | null> {
  for (const [ending, { spec }] of Object.entries(COMPRESSIONS)) {
    if (await begins(file, spec)) return ending;
  }
  return null;
}

async function begins(file: ByteSource, name: string): Promise<boolean> {
  const entries = signatures.filter((signature) => signature.name === name);
  return (await candidates(file, entries)).length > 0;
}

/** The image as a piece of the disk. The rest of a longer place is zeros, and one that cannot be read says why. */
export async function pieceOf(
  { offsetBytes, sizeBytes }: Place,
  image: ImageName,
  context: ContainerContext,
): Promise<Found> {
  try {
    const { content, map, files } = await openImage(image, context);
    const held = content.sizeBytes;
    const source = resize(content, sizeBytes);
    return { piece: { offsetBytes, source, map: within(map, held) }, files };
  } catch (error) {
    if (!(error instanceof VirtDfError) || error.code === 'TIMEOUT') throw error;
    const problem = inNamed(image.name, error);
    if (!(problem instanceof VirtDfError)) throw problem;
    return { piece: unreadable({ offsetBytes, sizeBytes }, problem, context.scope), files: [] };
  }
}

/** `Layer.map` of a source that zeros follow. */
function within(map: Piece['map'], heldBytes: number): Piece['map'] {
  return async (offsetBytes, lengthBytes) => {
    const held = Math.min(lengthBytes, heldBytes - offsetBytes);
    if (held <= 0) return [{ kind: 'backing', offsetBytes, lengthBytes }];
    if (map !== null) return map(offsetBytes, held);
    return [{ kind: 'data', offsetBytes, lengthBytes: held, hostOffsetBytes: offsetBytes }];
  };
}
