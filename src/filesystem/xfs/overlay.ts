// The device after the log was replayed: a source in which each buffer and inode that the log changes is put together when
// it is read, from the disk and the log. If the log changed bytes 0 to 127 of a block of a directory,
// a read of the block gives these from the log, the others from the disk, and a checksum over both.
// References: Linux 6.18 fs/xfs/xfs_buf_item_recover.c: xlog_recover_do_reg_buffer, xlog_recover_do_inode_buffer;
// xfs_icreate_item.c: xlog_recover_icreate_commit_pass2.
import type { ByteRange, Change, Changes } from '../../bytes/changes.js';
import { lru } from '../../bytes/lru.js';
import { type OverlaySource, overlay } from '../../bytes/overlay.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import type { GroupContext } from './group-headers.js';
import { CHUNK_BYTES } from './log-buffer-item.js';
import { LOG_BLOCK_BYTES } from './log-ring.js';
import { patchInode, putNewInode, putNextUnlinked, sealInode } from './logged-inode.js';
import type { LoggedBuffer, ReplayedLog } from './replay-state.js';
import { type StampOwner, stamp, writtenLsn } from './stamps.js';

/** A buffer has 64 KiB at most. Only a log that nobody but an attacker wrote has so many over each other. */
const MAX_RANGE_BYTES = MIB;
/** Inodes are read one by one, in the order of chains: the buffers that were put together last are kept. */
const MAX_MADE_BYTES = MIB;

/** The filesystem as it is on the disk, below the replay. */
type Below = Pick<GroupContext, 'source' | 'features' | 'geometry' | 'metadataUuid'>;

/** @throws FormatError OUT_OF_BOUNDS for a change beyond the device, INVALID for too many over each other. */
export function replayedSource(below: Below, replay: ReplayedLog): OverlaySource {
  return overlay(below.source, replayChanges(below, replay));
}

function replayChanges(below: Below, replay: ReplayedLog): Changes {
  const { starts, ends } = changedRanges(below, replay);
  const sectors = Float64Array.from(replay.buffers.keys()).sort();
  const rangeAt = (i: number) => {
    const offsetBytes = starts[i] ?? 0;
    return { offsetBytes, lengthBytes: (ends[i] ?? 0) - offsetBytes };
  };
  const made = lru<number>(MAX_MADE_BYTES);
  const content = async (source: ByteSource, range: ByteRange) => {
    const known = made.get(range.offsetBytes);
    if (known !== undefined) return known;
    const bytes = await contentOf(source, range, below, replay, sectors);
    made.set(range.offsetBytes, bytes);
    return bytes;
  };
  const changeAt = (i: number): Change => {
    const range = rangeAt(i);
    return { ...range, content: (source) => content(source, range) };
  };
  return {
    within(offset, length) {
      const found: Change[] = [];
      const first = lastAtMost(offset, ends.length, (i) => ends[i]) + 1;
      for (let i = first; i < starts.length && (starts[i] ?? 0) < offset + length; i++) {
        found.push(changeAt(i));
      }
      return found;
    },
    *ranges() {
      for (let i = 0; i < starts.length; i++) yield rangeAt(i);
    },
  };
}

/** Where the log changes something, in order: a buffer is one range, and so is each block with an inode. */
function changedRanges({ source, geometry }: Below, replay: ReplayedLog) {
  const { blockSizeBytes, inodesPerBlock } = geometry;
  const blocks = new Set(replay.createdBlocks.keys());
  for (const places of [replay.inodes, replay.nextUnlinked]) {
    for (const place of places.keys()) blocks.add(Math.floor(place / inodesPerBlock));
  }
  const all = [...replay.buffers].map(([sector, { sectorCount }]): readonly [number, number] => {
    return [sector * LOG_BLOCK_BYTES, (sector + sectorCount) * LOG_BLOCK_BYTES];
  });
  for (const block of blocks) all.push([block * blockSizeBytes, (block + 1) * blockSizeBytes]);
  all.sort(([a], [b]) => a - b);
  const starts: number[] = [];
  const ends: number[] = [];
  for (const [start, end] of all) {
    if (end > source.sizeBytes) {
      throw new FormatError(
        'OUT_OF_BOUNDS',
        `xfs: the log changes byte ${end - 1} of a device of ${source.sizeBytes} bytes`,
      );
    }
    const last = ends.length - 1;
    if (start >= (ends[last] ?? 0)) {
      starts.push(start);
      ends.push(end);
    } else ends[last] = Math.max(end, ends[last] ?? 0);
    if ((ends.at(-1) ?? 0) - (starts.at(-1) ?? 0) > MAX_RANGE_BYTES) {
      throw new FormatError('INVALID', `xfs: the log has buffers over each other at byte ${start}`);
    }
  }
  return { starts, ends };
}

async function contentOf(
  source: ByteSource,
  { offsetBytes, lengthBytes }: ByteRange,
  below: Below,
  replay: ReplayedLog,
  sectors: Float64Array,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(await source.read(offsetBytes, lengthBytes));
  const owner: StampOwner | null =
    below.features.version >= 5
      ? { metadataUuid: below.metadataUuid, hasMetaUuid: below.features.hasMetaUuid }
      : null;
  const end = offsetBytes + lengthBytes;
  const before = (offsetBytes - 1) / LOG_BLOCK_BYTES;
  for (let i = lastAtMost(before, sectors.length, (n) => sectors[n]) + 1; ; i++) {
    const sector = sectors[i];
    if (sector === undefined || sector * LOG_BLOCK_BYTES >= end) break;
    const buffer = replay.buffers.get(sector);
    const from = sector * LOG_BLOCK_BYTES - offsetBytes;
    const to = from + (buffer?.sectorCount ?? 0) * LOG_BLOCK_BYTES;
    if (buffer !== undefined) patchBuffer(bytes.subarray(from, to), buffer, owner);
  }
  patchInodes(bytes, offsetBytes, below, replay);
  return bytes;
}

function patchBuffer(
  bytes: Uint8Array,
  { bytes: newer, lsns }: LoggedBuffer,
  owner: StampOwner | null,
): void {
  const written = owner === null ? 0n : writtenLsn(bytes, owner);
  let newest: bigint | null = null;
  for (const [index, lsn] of lsns.entries()) {
    const at = index * CHUNK_BYTES;
    if (lsn === undefined || at >= bytes.length || (written !== 0n && lsn <= written)) continue;
    bytes.set(newer.subarray(at, Math.min(at + CHUNK_BYTES, bytes.length)), at);
    if (newest === null || lsn > newest) newest = lsn;
  }
  if (owner !== null && newest !== null) stamp(bytes, newest, owner);
}

/** The inodes of the blocks that begin in a range. */
function patchInodes(
  bytes: Uint8Array,
  offsetBytes: number,
  below: Below,
  replay: ReplayedLog,
): void {
  const { geometry, features, metadataUuid } = below;
  const inodeSizeBytes = geometry.blockSizeBytes / geometry.inodesPerBlock;
  const first = Math.ceil(offsetBytes / inodeSizeBytes);
  for (let place = first; (place + 1) * inodeSizeBytes <= offsetBytes + bytes.length; place++) {
    const generation = replay.createdBlocks.get(Math.floor(place / geometry.inodesPerBlock));
    const next = replay.nextUnlinked.get(place);
    const logged = replay.inodes.get(place);
    if (generation === undefined && next === undefined && logged === undefined) continue;
    const from = place * inodeSizeBytes - offsetBytes;
    const inode = bytes.subarray(from, from + inodeSizeBytes);
    if (generation !== undefined) {
      const { version } = features;
      putNewInode(inode, numberOf(below, place), { version, metadataUuid, generation });
    }
    if (logged !== undefined) patchInode(inode, logged);
    if (next !== undefined) putNextUnlinked(inode, next);
    sealInode(inode);
  }
}

/** The number of the inode at a place: the group, then the place within it in as many bits as groups need. */
function numberOf({ geometry }: Below, place: number): bigint {
  const { blocksPerGroup, inodesPerBlock } = geometry;
  const group = Math.floor(place / (blocksPerGroup * inodesPerBlock));
  const groupUnit = 2n ** BigInt(Math.ceil(Math.log2(blocksPerGroup)));
  const inGroup = place - group * blocksPerGroup * inodesPerBlock;
  return BigInt(group) * groupUnit * BigInt(inodesPerBlock) + BigInt(inGroup);
}
