// The header of a QED image, and the meaning of the entries in its tables.
// References: QEMU docs/interop/qed_spec.txt; block/qed.c bdrv_qed_do_open(), qed_is_image_size_valid(); block/qed.h
// qed_check_cluster_offset(), qed_check_table_offset(); tests/qemu-iotests/116.
import { type GuestQed, parseQed, parseQedFileName } from '../../../generated/container/qed.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import { KIB, MIB } from '../../limits.js';
import { hasFlag, int, powerOfTwo, rawText, unknownFlags } from '../../validation/guest.js';
import { fileEnd } from '../tables/file-end.js';
import type { ClusterPlace, Entry, TwoLevels } from '../tables/two-levels.js';

const invalid = invalidIn('qed: ');

export interface Header extends TwoLevels {
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  /** Clusters before the first that tables may name. */
  readonly headerClusterCount: number;
  readonly tableClusterCount: number;
  /** Whether the image was not closed, so that its tables may be inconsistent. */
  readonly needsCheck: boolean;
  /** The image behind this one; null without one. */
  readonly backing: {
    /** The name in the image, not cleaned. */
    readonly name: string;
    readonly isRaw: boolean;
  } | null;
}

export const HEADER_BYTES = 64;
const ENTRY_BYTES = 8;
const WORD = 2 ** 32;
const FEATURE = { backingFile: 1n, needsCheck: 2n, rawBackingFile: 4n };
const KNOWN_FEATURES = 7n;
/** QEMU's own limits. */
const CLUSTER_BYTES = { min: 4 * KIB, max: 64 * MIB };
const MAX_TABLE_CLUSTERS = 16;
const MAX_NAME_BYTES = 1023;
/** The value of an entry for a cluster of zeros. */
const ZERO = 1;

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const base = parseQed(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  refuseUnknownFeatures(base);
  const { min, max } = CLUSTER_BYTES;
  const clusterBytes = powerOfTwo(base.lenCluster, 'qed: cluster_size', min, max);
  const tableClusterCount = powerOfTwo(
    base.numTableClusters,
    'qed: table_size',
    1,
    MAX_TABLE_CLUSTERS,
  );
  const maxHeader = Math.floor((2 ** 32 - 1) / clusterBytes);
  const headerClusterCount = int(base.numHeaderClusters, 'qed: header_size', 1, maxHeader);
  const entryCount = (tableClusterCount * clusterBytes) / ENTRY_BYTES;
  const coverage = entryCount * clusterBytes;
  const maxSize = Math.min(Number.MAX_SAFE_INTEGER, entryCount * coverage);
  const sizeBytes = int(base.lenDisk, 'qed: image_size', 0, maxSize);
  if (sizeBytes % SECTOR_BYTES !== 0) {
    throw invalid(`the disk has ${sizeBytes} bytes, no multiple of ${SECTOR_BYTES}`);
  }
  const bounds: Bounds = { file, clusterBytes, tableClusterCount, headerClusterCount };
  const l1OffsetBytes = int(base.ofsL1Table, 'qed: l1_table_offset', 0, Number.MAX_SAFE_INTEGER);
  checkCluster('L1 table', l1OffsetBytes, bounds);
  checkL1(l1OffsetBytes, bounds);
  return {
    tables: file,
    end: fileEnd('qed', file.sizeBytes, clusterBytes),
    format: 'qed',
    isLittleEndian: true,
    sizeBytes,
    clusterBytes,
    headerClusterCount,
    tableClusterCount,
    l1OffsetBytes,
    l1EntryCount: entryCount,
    l2EntryCount: entryCount,
    needsCheck: hasFlag(base.features, FEATURE.needsCheck),
    backing: await readBacking(base, file, headerClusterCount * clusterBytes),
    l2Offset: (entry, index) => l2Offset(entry, index, bounds),
    place: (entry, clusterOffset) => place(entry, clusterOffset, bounds),
  };
}

function refuseUnknownFeatures({ features }: GuestQed): void {
  const unknown = unknownFlags(features, KNOWN_FEATURES);
  if (unknown === null) return;
  const message = `qed: the image needs features ${unknown}, which are not known`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { bits: unknown } });
}

async function readBacking(
  base: GuestQed,
  file: ByteSource,
  headerBytes: number,
): Promise<Header['backing']> {
  if (!hasFlag(base.features, FEATURE.backingFile)) return null;
  const length = int(base.lenBackingFile, 'qed: backing_filename_size', 0, MAX_NAME_BYTES);
  const room = Math.min(headerBytes, file.sizeBytes) - length;
  const offset = int(base.ofsBackingFile, 'qed: backing_filename_offset', 0, room);
  const { value } = parseQedFileName(await file.read(offset, length));
  return {
    name: rawText(value, MAX_NAME_BYTES),
    isRaw: hasFlag(base.features, FEATURE.rawBackingFile),
  };
}

/** Where tables and clusters may be. */
interface Bounds {
  readonly file: ByteSource;
  readonly clusterBytes: number;
  readonly tableClusterCount: number;
  readonly headerClusterCount: number;
}

function l2Offset({ high, low }: Entry, index: number, bounds: Bounds): number {
  const offset = high * WORD + low;
  if (offset !== 0) checkCluster(`L2 table ${index}`, offset, bounds);
  return offset;
}

function place({ high, low }: Entry, clusterOffset: number, bounds: Bounds): ClusterPlace {
  if (high === 0 && low === 0) return { kind: 'backing' };
  if (high === 0 && low === ZERO) return { kind: 'zero' };
  const hostOffsetBytes = high * WORD + low;
  checkCluster(`cluster at ${clusterOffset}`, hostOffsetBytes, bounds);
  return { kind: 'data', hostOffsetBytes };
}

function checkL1(offset: number, { file, clusterBytes, tableClusterCount }: Bounds): void {
  const endBytes = offset + tableClusterCount * clusterBytes;
  if (endBytes <= file.sizeBytes) return;
  const message = `qed: the L1 table ends at ${endBytes}, the file at ${file.sizeBytes}`;
  throw new FormatError('TRUNCATED', message, { data: { endBytes, sizeBytes: file.sizeBytes } });
}

/** Where a file ends is asked when the cluster is mapped. */
function checkCluster(
  what: string,
  offset: number,
  { clusterBytes, headerClusterCount, tableClusterCount }: Bounds,
): void {
  const headerBytes = headerClusterCount * clusterBytes;
  const last = Number.MAX_SAFE_INTEGER - tableClusterCount * clusterBytes;
  if (offset < headerBytes || offset > last) {
    const message = `qed: the ${what} is at ${BigInt(offset)}, which is not in ${headerBytes}..${last}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  if (offset % clusterBytes !== 0) {
    throw invalid(`the ${what} is at ${offset}, no multiple of the cluster size ${clusterBytes}`);
  }
}
