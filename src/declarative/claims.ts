// A declarative format's claims -> statvfs's numbers. Every number is bounded before it is used, every count is made
// within the source, and numbers that contradict each other (more free blocks than blocks) are an error that names them.
// References: the formulas are the .ksy's; Linux fs/statfs.c has the meaning of the numbers.

import { countZeroBits, countZeroEntries, eachChunk } from '../bytes/aggregates.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import { inUse } from '../filesystem/doubts.js';
import { cutDoubts } from '../filesystem/fault.js';
import type { Usage } from '../filesystem/filesystem.js';
import type { GuestClaim, GuestClaims } from '../kaitai/claims.js';
import type { Spec } from '../kaitai/index.js';
import { MAX_PARSE_TEXT_BYTES, MAX_SUMMED_RECORDS, MIB } from '../limits.js';
import {
  big,
  int,
  type Label,
  labelOf,
  powerOfTwo,
  rawText,
  text,
  textOrDigits,
  uuidText,
} from '../validation/guest.js';

const MIN_BLOCK_BYTES = 512;
const MAX_BLOCK_BYTES = 2 * MIB;
const MAX = Number.MAX_SAFE_INTEGER;
const MAX_RECORD_BYTES = 64 * 1024;
const MAX_PER_BIT = 2 ** 20;
/** Bits at the beginning of a bitmap that stand for nothing: that of inode 0. */
const MAX_TAKEN = 64;
const NOT_UNMOUNTED =
  'it was not unmounted, and its numbers are those of when they were last written';
const ALL_IDENTIFIERS = 2 ** 32 - 1;
/** Of a compressed format's pointer to a block. */
const POINTER_BYTES = 4;
/** Of no format more fit into a byte: SquashFS packs inodes of 16 bytes by 8 KiB, which take 3 bytes at least. */
const FILES_PER_BYTE = 256;

/** The type, label, UUID and version of a volume, printable; null if empty or not stated. */
interface Identity extends Label {
  readonly type: string;
  readonly uuid: string | null;
  readonly version: string | null;
}

export function identityOf({ type, label, uuid, version }: GuestClaims): Identity {
  return {
    type,
    ...labelOf(label === undefined ? '' : rawText(label, MAX_PARSE_TEXT_BYTES).trim()),
    uuid: uuid === undefined ? null : uuidOf(uuid),
    version: version === undefined ? null : text(version).trim() || null,
  };
}

function uuidOf(uuid: NonNullable<GuestClaims['uuid']>): string | null {
  if (uuid instanceof Uint8Array) return uuidText(uuid);
  const clean = textOrDigits(uuid).trim();
  // A UUID with characters that cannot be printed is none: nobody could look for it.
  return clean === '' || /[\ufffd\\]/u.test(clean) ? null : clean;
}

/**
 * The numbers that statvfs gives; the format's word begins the error messages.
 * @throws FormatError when a number is not possible or the numbers contradict each other or the source;
 *         UnsupportedError UNSUPPORTED_FEATURE, ENCRYPTED when the format says nothing of its size.
 */
export async function usageOf(
  spec: Unread,
  claims: GuestClaims,
  source: ByteSource,
): Promise<Usage> {
  if (claims.blocks === undefined || claims.blockSize === undefined || claims.isCounted === false) {
    throw unread(spec, claims);
  }
  const { name } = spec;
  const what = (words: string) => `${name}: ${words}`;
  const blockSizeBytes = powerOfTwo(
    claims.blockSize,
    what('block size'),
    MIN_BLOCK_BYTES,
    MAX_BLOCK_BYTES,
  );
  const value = (claim: GuestClaim | undefined, words: string, max: number) =>
    claim === undefined ? null : evaluate(claim, what(words), max, source);

  const allBlocks = (await value(claims.blocks, 'number of blocks', MAX)) ?? 0;
  const isCompressed = claims.isCompressed === true;
  const [cut = null] = [
    ...(isCompressed ? [] : missingBlocks(name, allBlocks, blockSizeBytes, source.sizeBytes)),
    ...cutDoubts(name, (await value(claims.end, 'end', MAX)) ?? 0, source.sizeBytes),
  ];
  if (cut !== null && claims.isMountedCut !== true) throw cut;
  const overhead = (await value(claims.overhead, 'overhead in blocks', allBlocks)) ?? 0;
  const blockCount = allBlocks - overhead;
  const freeBlockCount = await value(claims.free, 'number of free blocks', blockCount);
  const availableBlockCount =
    claims.available === undefined || freeBlockCount === null
      ? freeBlockCount
      : await value(claims.available, 'number of available blocks', freeBlockCount);
  const fileCount = await value(claims.inodes, 'number of inodes', MAX);
  const freeFileCount = await value(claims.inodesFree, 'number of free inodes', fileCount ?? MAX);
  return {
    blockSizeBytes,
    blockCount,
    ...(isCompressed ? { isCompressed } : {}),
    freeBlockCount,
    availableBlockCount,
    fileCount,
    freeFileCount: fileCount === null ? null : freeFileCount,
    basis: isCounted(claims.free) ? 'metadata' : 'superblock',
    isStale: claims.isStale === true,
    doubts: [
      ...(claims.isStale === true ? [inUse(`${name}: ${NOT_UNMOUNTED}`)] : []),
      ...(isCompressed ? compressedDoubts(name, allBlocks, source.sizeBytes) : []),
      ...fileDoubts(name, filesOf(fileCount, freeFileCount), source.sizeBytes),
      ...(cut === null ? [] : [cut]),
    ],
  };
}

type Unread = Pick<Spec, 'name' | 'openedBy' | 'isEncrypted'>;

function unread({ name, openedBy, isEncrypted }: Unread, claims: GuestClaims): UnsupportedError {
  const { type, version } = identityOf(claims);
  const what = version === null ? type : `${type} ${version}`;
  const next = openedBy === undefined ? '' : `; ${openedBy}`;
  return isEncrypted === true
    ? new UnsupportedError('ENCRYPTED', `${name}: ${what} is encrypted${next}`)
    : new UnsupportedError(
        'UNSUPPORTED_FEATURE',
        `${name}: ${what} is recognised and not read yet${next}`,
      );
}

/** Each block of a compressed filesystem needs a pointer in the image, so that 8 KiB cannot hold 16 TiB. */
function compressedDoubts(name: string, blocks: number, sizeBytes: number): FormatError[] {
  if (blocks * POINTER_BYTES <= sizeBytes) return [];
  const message = `${name}: it says that it has ${blocks} blocks, more than the ${sizeBytes} bytes of the volume have pointers for`;
  return [new FormatError('INVALID', message, { data: { blocks, sizeBytes } })];
}

/** HFS+ tells how many identifiers are left of all, and not how many files it has room for. */
function filesOf(count: number | null, free: number | null): number {
  return count === ALL_IDENTIFIERS ? count - (free ?? 0) : (count ?? 0);
}

/** Also of what is compressed: 4 KiB cannot hold four billion files. */
function fileDoubts(name: string, files: number, sizeBytes: number): FormatError[] {
  if (files <= sizeBytes * FILES_PER_BYTE) return [];
  const message = `${name}: it says that it has ${files} files, more than the ${sizeBytes} bytes of the volume can hold`;
  return [new FormatError('INVALID', message, { data: { files, sizeBytes } })];
}

/** Where the format ends by its own account; null where it does not say, or says what cannot be. */
export function endOf(claims: GuestClaims): number | null {
  const { end, blocks, blockSize, isCompressed } = claims;
  if (claims.isCounted === false) return null;
  const isCounted = end === undefined && isCompressed !== true;
  const count = isCounted ? blocks : end;
  if (count === undefined || blockSize === undefined || isAggregate(count)) return null;
  try {
    const bytes = isCounted ? int(blockSize, 'block size', 1, MAX_BLOCK_BYTES) : 1;
    return int(count, 'end', 0, Math.floor(MAX / bytes)) * bytes;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}

/** The last block may be a part of one, as in squashfs and romfs; more than that is missing from the device. */
function missingBlocks(
  name: string,
  blocks: number,
  blockSizeBytes: number,
  sizeBytes: number,
): readonly FormatError[] {
  if (blocks <= Math.ceil(sizeBytes / blockSizeBytes)) return [];
  const message = `${name}: it says that it has ${blocks} blocks of ${blockSizeBytes} bytes, but the volume has only ${sizeBytes} bytes`;
  return [new FormatError('TRUNCATED', message, { data: { blocks, blockSizeBytes, sizeBytes } })];
}

function isCounted(claim: GuestClaim | undefined): boolean {
  return isAggregate(claim);
}

type Aggregate = Extract<
  GuestClaim,
  { readonly zeroBits: unknown } | { readonly zeroEntries: unknown } | { readonly sum: unknown }
>;

/** Never `typeof === 'symbol'`: an Untrusted is one for the type-checker only. */
function isAggregate(claim: GuestClaim | undefined): claim is Aggregate {
  return typeof claim === 'object';
}

/** The number that a claim means, within 0..`max`. */
async function evaluate(
  claim: GuestClaim,
  what: string,
  max: number,
  source: ByteSource,
): Promise<number> {
  if (!isAggregate(claim)) return int(claim, what, 0, max);
  const n = await count(claim, what, source);
  if (n < 0n || n > BigInt(max)) {
    const counted = n < 0n ? 'less than nothing' : n;
    throw new FormatError('INVALID', `${what} counts to ${counted}, which is not in 0..${max}`, {
      data: { what, value: String(n), max },
    });
  }
  return Number(n);
}

async function count(claim: Aggregate, what: string, source: ByteSource): Promise<bigint> {
  const offset = (at: Parameters<typeof int>[0]) => int(at, `${what}: offset`, 0, source.sizeBytes);
  if ('zeroBits' in claim) {
    const { at, bits, perBit, taken } = claim.zeroBits;
    const from = offset(at);
    const length = int(bits, `${what}: bits`, 0, (source.sizeBytes - from) * 8);
    const factor = int(perBit, `${what}: blocks per bit`, 1, MAX_PER_BIT);
    const takenBits = int(taken, `${what}: bits that are taken`, 0, Math.min(length, MAX_TAKEN));
    const zeros = await countZeroBits(source, from, length);
    const zerosTaken = takenBits === 0 ? 0 : await countZeroBits(source, from, takenBits);
    return BigInt(zeros - zerosTaken) * BigInt(factor);
  }
  if ('zeroEntries' in claim) {
    const { at, count: entries, width } = claim.zeroEntries;
    const from = offset(at);
    const strideBytes = int(width, `${what}: width`, 1, MAX_RECORD_BYTES);
    const room = Math.floor((source.sizeBytes - from) / strideBytes);
    const n = int(entries, `${what}: entries`, 0, room);
    return BigInt(await countZeroEntries(source, from, n, strideBytes));
  }
  const { at, count: records, size, base, total } = claim.sum;
  const offsetBytes = offset(at);
  const strideBytes = int(size, `${what}: record size`, 1, MAX_RECORD_BYTES);
  const room = Math.floor((source.sizeBytes - offsetBytes) / strideBytes);
  const table = { offsetBytes, count: int(records, `${what}: records`, 0, room), strideBytes };
  if (table.count > MAX_SUMMED_RECORDS) {
    throw new FormatError(
      'LIMIT',
      `${what}: ${table.count} records are more than the ${MAX_SUMMED_RECORDS} that virt-df adds up`,
    );
  }
  let sum = big(base, `${what}: base`, -MAX_SUM, MAX_SUM);
  await eachChunk(source, table, (bytes) => {
    sum += big(total(bytes, strideBytes), `${what}: sum`, -MAX_SUM, MAX_SUM);
  });
  return sum;
}

const MAX_SUM = 2n ** 63n;
