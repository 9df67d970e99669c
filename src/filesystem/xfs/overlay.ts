// The filesystem as it is after the log was replayed: a source whose metadata is patched in memory.
// References: Linux 6.18 fs/xfs/xfs_buf_item_recover.c: xlog_recover_get_buf_lsn.
import { xfsBtreeHeadRecords, xfsStampRecords } from '../../../generated/filesystem/xfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { equals, u32, u64 } from '../../validation/guest.js';
import { checksum } from './checksum.js';
import { CHUNK_BYTES } from './log-buffer-item.js';
import { LOG_BLOCK_BYTES } from './log-ring.js';
import type { LoggedBuffer, Replay } from './replay-state.js';

const U64_MAX = 2n ** 64n - 1n;
const CHECKSUM_BYTES = 4;

/** Where a sector or block of version 5 has its checksum and the place in the log of its last change. */
interface Layout {
  readonly lsn: number;
  readonly checksum: number;
  /** The UUID that must be the filesystem's; what is of another one was never written. */
  readonly uuid?: number;
}

const TREE: Layout = { lsn: 24, checksum: 52, uuid: 32 };
const FILE_TREE: Layout = { lsn: 32, checksum: 64, uuid: 40 };
const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  [fourCharacters('XFSB'), { lsn: 240, checksum: 224 }],
  [fourCharacters('XAGF'), { lsn: 208, checksum: 216 }],
  [fourCharacters('XAGI'), { lsn: 320, checksum: 312 }],
  [fourCharacters('BMA3'), FILE_TREE],
  ...['AB3B', 'AB3C', 'IAB3', 'FIB3', 'RMB3', 'R3FC'].map((magic): [number, Layout] => [
    fourCharacters(magic),
    TREE,
  ]),
]);

function fourCharacters(magic: string): number {
  return Buffer.from(magic, 'latin1').readUInt32BE();
}

/** Reads of whole sectors and blocks of metadata give what the log makes of them. */
export function overlaySource(
  source: ByteSource,
  { buffers }: Pick<Replay, 'buffers'>,
  { version, metadataUuid }: { readonly version: number; readonly metadataUuid: Uint8Array },
): ByteSource {
  return {
    sizeBytes: source.sizeBytes,
    async read(offset, length) {
      const changed = buffersIn(offset, length, buffers);
      if (changed.length === 0) return source.read(offset, length);
      // The last one may be read in part, but its checksum is over all of it.
      const ends = changed.map(
        ([sector, buffer]) => (sector + buffer.sectorCount) * LOG_BLOCK_BYTES,
      );
      const end = Math.min(Math.max(offset + length, ...ends), source.sizeBytes);
      const patched = Buffer.from(await source.read(offset, end - offset));
      for (const [sector, logged] of changed) {
        const from = sector * LOG_BLOCK_BYTES - offset;
        const bytes = patched.subarray(from, from + logged.sectorCount * LOG_BLOCK_BYTES);
        patch(bytes, logged, version >= 5 ? metadataUuid : null);
      }
      return patched.subarray(0, length);
    },
  };
}

/** The changed buffers that begin within a range. */
function buffersIn(
  offset: number,
  length: number,
  buffers: Replay['buffers'],
): readonly (readonly [number, LoggedBuffer])[] {
  const found: [number, LoggedBuffer][] = [];
  const first = Math.ceil(offset / LOG_BLOCK_BYTES);
  for (let sector = first; sector * LOG_BLOCK_BYTES < offset + length; sector++) {
    const buffer = buffers.get(sector);
    if (buffer !== undefined) found.push([sector, buffer]);
  }
  return found;
}

function patch(bytes: Buffer, { bytes: newer, lsns }: LoggedBuffer, uuid: Uint8Array | null): void {
  const written = uuid === null ? 0n : writtenLsn(bytes, uuid);
  let isChanged = false;
  for (const [index, lsn] of lsns.entries()) {
    const at = index * CHUNK_BYTES;
    if (lsn === undefined || at >= bytes.length || (written !== 0n && lsn <= written)) continue;
    bytes.set(newer.subarray(at, Math.min(at + CHUNK_BYTES, bytes.length)), at);
    isChanged = true;
  }
  if (uuid !== null && isChanged) seal(bytes);
}

function layoutOf(bytes: Uint8Array): Layout | undefined {
  const magic = xfsBtreeHeadRecords(bytes).at(0).magic;
  return LAYOUTS.get(u32(magic));
}

/** The place in the log up to which what lies on the disk is newer than the log; 0 if all of the log is newer. */
function writtenLsn(bytes: Uint8Array, uuid: Uint8Array): bigint {
  const layout = layoutOf(bytes);
  if (layout === undefined) return 0n;
  const { uuid: at } = layout;
  if (at !== undefined && uuid.some((byte, i) => byte !== bytes[at + i])) return 0n;
  const { lsn } = xfsStampRecords(bytes.subarray(layout.lsn)).at(0);
  return equals(lsn, U64_MAX) ? 0n : u64(lsn);
}

/** The kernel computes checksums when it writes, so what is logged has none that is right. */
function seal(bytes: Buffer): void {
  const layout = layoutOf(bytes);
  if (layout === undefined) return;
  const value = checksum(bytes, layout.checksum);
  for (let i = 0; i < CHECKSUM_BYTES; i++) {
    bytes[layout.checksum + i] = Math.floor(value / 256 ** i) % 256;
  }
}
