// UDF: the numbers that the kernel's statfs gives, counted without mounting.
// References: ECMA-167; OSTA UDF 2.60; Linux fs/udf/super.c: udf_fill_super, udf_find_fileset, udf_statfs.
// UDF has no log. Its counters are written when it is unmounted or synced, and the kernel believes them also where it was
// not: then they are those of an earlier moment.

import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import { theLabel } from '../validation/guest.js';
import { inUse } from './doubts.js';
import { cutDoubts, usageThoughCut } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage } from './filesystem.js';
import { countFree } from './udf/free.js';
import { type Locate, openLocator } from './udf/locate.js';
import { isRecognised } from './udf/recognition.js';
import { openVolume, type Volume } from './udf/volume.js';

const TAG_FILE_SET = 256;
const LARGE_BLOCK_BYTES = 4096;
const SMALL_BLOCK_BYTES = 2048;
const U32 = 2 ** 32;
/** UDF_MAX_READ_VERSION. A volume of UDF 2.60 asks for no newer reader either. */
const MAX_READ_REVISION = 0x0250;

export const udf: FilesystemFormat = { name: 'udf', probe, open };

async function probe(source: ByteSource): Promise<boolean> {
  return (await isRecognised(source, SMALL_BLOCK_BYTES)) || isRecognised(source, LARGE_BLOCK_BYTES);
}

async function open(source: ByteSource): Promise<Filesystem> {
  const volume = await openVolume(source);
  const endBytes = endOf(volume);
  return {
    kind: 'filesystem',
    type: 'udf',
    ...theLabel(volume),
    uuid: volume.uuid,
    version: versionText(revisionOf(volume)),
    // Between the partition and the last block lie descriptors, which nothing follows: only an end that is missing is told.
    ...(endBytes > source.sizeBytes ? { endBytes } : {}),
    isReadOnly: volume.partitions[volume.fileSet.reference]?.isWritable === false,
    usage: (view) =>
      usageThoughCut('udf', endBytes, source.sizeBytes, () => usage(volume, view !== 'mount')),
    // What makes df's row doubtful makes the files so.
    async files(walk) {
      const { doubts } = await usage(volume, false);
      for (const error of [...doubts, ...cutDoubts('udf', endBytes, source.sizeBytes)]) {
        walk.onDoubt({ id: null, error });
      }
      return (await import('./udf/files.js')).udfFiles(volume, walk);
    },
  };
}

/** A volume of 2.60 asks for readers of 2.50, and some say 2.60 in one place alone: the newest number counts, as in blkid. */
function revisionOf({ revision, integrity }: Volume): number {
  return Math.max(revision, integrity?.readRevision ?? 0, integrity?.writeRevision ?? 0);
}

/** 2.01 of 0x0201. */
function versionText(revision: number): string | null {
  if (revision === 0) return null;
  const minor = (revision % 256).toString(16).padStart(2, '0');
  return `${Math.floor(revision / 256).toString(16)}.${minor}`;
}

const OPEN = 'udf: it was not unmounted; the numbers are those of the last time that it was synced';
const NO_INTEGRITY =
  'udf: it has no integrity descriptor, so that nobody knows whether it was unmounted';

const READ_ONLY =
  'udf: it has no integrity descriptor, or a damaged one: Linux mounts it read-only alone';

/** @param isWriting the numbers are those of a mount that may write. */
async function usage(volume: Volume, isWriting: boolean): Promise<Usage> {
  checkRevision(volume);
  const { blocks, integrity, fileSet } = volume;
  const partition = volume.partitions[fileSet.reference];
  if (partition === undefined) {
    const words = `the files are in partition ${fileSet.reference}, which there is not`;
    throw new FormatError('INVALID', `udf: ${words}`, { data: { ...fileSet } });
  }
  const isVirtual = partition.map.kind === 'virtual';
  const locate = await openLocator(volume, fileSet.reference);
  await checkFileSet(volume, locate);
  const free = await countFree(volume, locate);
  const { fileCount = 0, directoryCount = 0 } = integrity ?? {};
  // A disc that is written once stays open until it is finished; nothing is free on it for Linux either way.
  const isOpen = integrity === null ? null : integrity.isOpen && !isVirtual;
  return {
    blockSizeBytes: blocks.blockBytes,
    blockCount: partition.blockCount,
    freeBlockCount: free.blockCount,
    availableBlockCount: free.blockCount,
    // In 32 bits, as the kernel adds them.
    fileCount: ((fileCount + directoryCount) % U32) + free.blockCount,
    freeFileCount: free.blockCount,
    basis: free.basis,
    isOpenEnded: isVirtual,
    isStale: isOpen,
    doubts: [
      ...(isOpen === false ? [] : [inUse(isOpen === null ? NO_INTEGRITY : OPEN)]),
      ...(isWriting && volume.lacksIntegrityAlone ? [new FormatError('INVALID', READ_ONLY)] : []),
    ],
  };
}

function checkRevision({ integrity }: Volume): void {
  const revision = integrity?.readRevision ?? 0;
  if (revision <= MAX_READ_REVISION) return;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `udf: it asks for a reader of UDF ${versionText(revision)}, and Linux knows ${versionText(MAX_READ_REVISION)}`,
    { data: { revision } },
  );
}

/** Where the last partition ends; 0 for a disc that is written once, of which an image holds what is recorded so far. */
function endOf({ blocks, partitions }: Volume): number {
  const known = partitions.filter((partition) => partition !== undefined);
  if (known.some(({ map }) => map.kind === 'virtual')) return 0;
  const ends = known.map(({ firstBlock, blockCount }) => firstBlock + blockCount);
  return Math.max(0, ...ends) * blocks.blockBytes;
}

/** Without it the kernel does not mount the volume. */
async function checkFileSet({ blocks, fileSet }: Volume, locate: Locate): Promise<void> {
  const place = await locate(fileSet.block);
  const descriptor = place && (await blocks.descriptor(place.block, fileSet.block));
  if (descriptor?.ident === TAG_FILE_SET) return;
  const words = `no file set in block ${fileSet.block} of partition ${fileSet.reference}`;
  throw new FormatError('INVALID', `udf: ${words}`, { data: { ...fileSet } });
}
