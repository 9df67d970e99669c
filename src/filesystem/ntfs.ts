// NTFS: the numbers that ntfs-3g's statfs gives, counted without mounting.
// References: ntfs-3g src/ntfs-3g_common.c and src/ntfs-3g.c (ntfs_fuse_statfs); libntfs-3g/attrib.c
// (ntfs_attr_get_free_bits); https://flatcap.github.io/linux-ntfs/ntfs/files/.
// libguestfs's virt-df prints ntfs-3g's answer. Windows shows the same size and the same free space, and counts no
// files; so does Linux's ntfs3. Neither ntfs-3g nor virt-df replays the log: only Windows knows all that can be in it.

import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import { MIB } from '../limits.js';
import { NO_LABEL } from '../validation/guest.js';
import { inUse, orDoubt } from './doubts.js';
import { usageThoughCut } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage } from './filesystem.js';
import { BITMAP, DATA } from './ntfs/attribute-types.js';
import {
  type FileTable,
  openFileTable,
  openValue,
  readFileRecord,
  unnamed,
} from './ntfs/file-table.js';
import { BOOT_BYTES, type Geometry, readGeometry } from './ntfs/geometry.js';
import { isHibernated } from './ntfs/hibernation.js';
import { isLogClosed } from './ntfs/log.js';
import { type Value, zeroBits } from './ntfs/value.js';
import { isMarkedDirty, readLabel, readVersion } from './ntfs/volume-file.js';

const ID_OFFSET = 3;
/** $Boot: the boot sector and what Windows' loader has behind it. */
const LOADER_BYTES = 8192;
const ID_BYTES = 8;
const NTFS = 'NTFS    ';
const BITLOCKER = '-FVE-FS-';
const BITMAP_FILE = 6;
/** A bit for each of 2^32 records. */
const MAX_RECORD_BITMAP_BYTES = 512 * MIB;

export const ntfs: FilesystemFormat = { name: 'ntfs', probe, open };

async function probe(source: ByteSource): Promise<boolean> {
  const id = await systemId(source);
  return id === NTFS || id === BITLOCKER;
}

async function systemId(source: ByteSource): Promise<string> {
  if (source.sizeBytes < BOOT_BYTES) return '';
  return Buffer.from(await source.read(ID_OFFSET, ID_BYTES)).toString('latin1');
}

async function open(source: ByteSource): Promise<Filesystem> {
  if ((await systemId(source)) === BITLOCKER) return bitLocker();
  const geometry = await readGeometry(source);
  const table = await readable(() => openFileTable(source, geometry));
  const label = (table && (await readable(() => readLabel(table)))) ?? NO_LABEL;
  return {
    kind: 'filesystem',
    type: 'ntfs',
    ...label,
    uuid: geometry.uuid,
    version: table && (await readable(() => readVersion(table))),
    endBytes: geometry.endBytes,
    ownsFromBytes: LOADER_BYTES,
    usage: () => usageOf(source, geometry),
    async files(walk) {
      const { ntfsFiles } = await import('./ntfs/files.js');
      const own = await openFileTable(source, geometry);
      return ntfsFiles(own, (await certaintyOf(own)).doubts, walk);
    },
  };
}

/** Linux's ntfs3 mounts what is cut read-only (fs/ntfs3/super.c, ntfs_init_from_boot: "RAW NTFS volume"); ntfs-3g does not. */
function usageOf(source: ByteSource, geometry: Geometry): Promise<Usage> {
  const endBytes = geometry.clusterCount * geometry.clusterBytes;
  return usageThoughCut('ntfs', endBytes, source.sizeBytes, async () =>
    usage(await openFileTable(source, geometry)),
  );
}

/** A volume that cannot be read has a row with its type, and the same error is thrown again when its numbers are read. */
function readable<T>(read: () => Promise<T>): Promise<T | null> {
  return orNull(read, (error) => error instanceof FormatError || error instanceof UnsupportedError);
}

function bitLocker(): Filesystem {
  return {
    kind: 'filesystem',
    type: 'BitLocker',
    label: null,
    uuid: null,
    usage: async () => {
      throw new UnsupportedError(
        'ENCRYPTED',
        'ntfs: BitLocker encrypts this volume, which virt-df cannot read',
      );
    },
  };
}

async function usage(table: FileTable): Promise<Usage> {
  const { source, geometry, first } = table;
  const { clusterBytes, clusterCount, recordBytes } = geometry;
  const bitmap = await openValue(
    table,
    await readFileRecord(table, BITMAP_FILE),
    unnamed(DATA, '$Bitmap'),
  );
  const recordBitmap = await openValue(table, first, unnamed(BITMAP, 'the bitmap of $MFT'));
  if (bitmap === null || recordBitmap === null) {
    throw new FormatError('INVALID', 'ntfs: the volume lacks the bitmap of its clusters or files');
  }
  const freeClusters = await zeroBits(source, geometry, bitmap, clusterCount);
  // The records for which there is room if all free clusters became a part of $MFT.
  const possible = Math.floor((freeClusters * clusterBytes) / recordBytes);
  const records = await countRecords(source, geometry, recordBitmap);
  return {
    blockSizeBytes: clusterBytes,
    blockCount: clusterCount,
    freeBlockCount: freeClusters,
    availableBlockCount: freeClusters,
    fileCount: records.count + possible,
    freeFileCount: records.free + possible,
    basis: 'metadata',
    ...(await certaintyOf(table)),
  };
}

/** The first reason why Windows may have other numbers. Linux shows these, unless a log or a directory is damaged. */
async function certaintyOf(table: FileTable): Promise<Pick<Usage, 'isStale' | 'doubts'>> {
  if (await isMarkedDirty(table)) return { isStale: true, doubts: [inUse(MARKED)] };
  const isClosed = await orDoubt(() => isLogClosed(table));
  if (isClosed === false) return { isStale: true, doubts: [inUse(OPEN_LOG)] };
  if (isClosed !== true) return { isStale: true, doubts: [isClosed] };
  const isAsleep = await orDoubt(() => isHibernated(table));
  if (isAsleep === false) return { isStale: false, doubts: [] };
  if (isAsleep === true) return { isStale: true, doubts: [inUse(ASLEEP)] };
  // Whether Windows sleeps on a volume whose root directory is damaged, nobody knows.
  return { isStale: null, doubts: [isAsleep] };
}

const MARKED = 'ntfs: the volume is marked as to be checked';
const OPEN_LOG = 'ntfs: $LogFile was not closed, and only Windows replays it';
const ASLEEP = 'ntfs: Windows is hibernated on this volume';

/** The records that the bitmap has room for, also where its clusters are larger than it is. */
async function countRecords(source: ByteSource, geometry: Geometry, bitmap: Value) {
  const { sizeBytes, allocatedBytes, what } = bitmap;
  if (allocatedBytes > MAX_RECORD_BITMAP_BYTES) {
    const message = `ntfs: ${what} has ${allocatedBytes} bytes, which are more than ${MAX_RECORD_BITMAP_BYTES}`;
    throw new FormatError('LIMIT', message, { data: { allocatedBytes } });
  }
  const free = await zeroBits(source, geometry, bitmap, sizeBytes * 8);
  return { count: allocatedBytes * 8, free: free + (allocatedBytes - sizeBytes) * 8 };
}
