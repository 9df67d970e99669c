// The label of a FAT volume: an entry of the root directory. That of the boot sector, which few programs change, does
// not count, as in util-linux.
// References: util-linux libblkid/src/superblocks/vfat.c: search_fat_label, probe_vfat.
import {
  fatChainEntryRecords,
  fatDirectoryEntryRecords,
  type GuestFatDirectoryEntry,
} from '../../../generated/filesystem/fat.js';
import type { ByteSource } from '../../bytes/source.js';
import { decode } from '../../kaitai/text.js';
import { KIB, MIB } from '../../limits.js';
import { equals, hasFlag, type Label, labelOf, NO_LABEL, u8, u32 } from '../../validation/guest.js';
import { FIRST_CLUSTER } from './chain.js';
import type { Geometry } from './geometry.js';

const CHUNK_BYTES = 16 * KIB;
/** A directory has at most 65536 entries. */
const MAX_DIRECTORY_BYTES = 2 * MIB;
/** As many as libblkid follows; a chain that is a ring ends here too. */
const MAX_CLUSTERS = 100;
const CHAIN_ENTRY_BYTES = 4;
const CHAIN_NUMBER = 0x10000000;

const END = 0x00;
const DELETED = 0xe5;
const ESCAPED = 0x05;
const VOLUME_ID = 0x08n;
const DIRECTORY = 0x10n;
/** All four together mark a part of a long name; the two highest bits mean nothing. */
const LONG_NAME = 0x0f;
const ALL_ATTRIBUTES = 0x40;

type Search = { readonly isOver: boolean; readonly label: Label };
const GO_ON: Search = { isOver: false, label: NO_LABEL };
const NONE: Search = { isOver: true, label: NO_LABEL };

export async function readLabel(source: ByteSource, geometry: Geometry): Promise<Label> {
  const { root } = geometry;
  if ('offsetBytes' in root) {
    return (await search(source, root.offsetBytes, root.sizeBytes)).label;
  }
  return searchChain(source, geometry, root.firstCluster);
}

async function searchChain(
  source: ByteSource,
  geometry: Geometry,
  firstCluster: number,
): Promise<Label> {
  const { clusterBytes, clusterCount, dataOffsetBytes, fatOffsetBytes } = geometry;
  const most = Math.min(MAX_CLUSTERS, Math.ceil(MAX_DIRECTORY_BYTES / clusterBytes));
  let cluster = firstCluster;
  for (let count = 0; count < most; count++) {
    if (cluster < FIRST_CLUSTER || cluster >= clusterCount + FIRST_CLUSTER) return NO_LABEL;
    const offset = dataOffsetBytes + (cluster - FIRST_CLUSTER) * clusterBytes;
    const found = await search(source, offset, clusterBytes);
    if (found.isOver) return found.label;
    const entry = await source.read(
      fatOffsetBytes + cluster * CHAIN_ENTRY_BYTES,
      CHAIN_ENTRY_BYTES,
    );
    const { value } = fatChainEntryRecords(entry).at(0);
    cluster = u32(value) % CHAIN_NUMBER;
  }
  return NO_LABEL;
}

/** One stretch of a directory. */
async function search(source: ByteSource, offset: number, sizeBytes: number): Promise<Search> {
  for (let done = 0; done < sizeBytes; done += CHUNK_BYTES) {
    const bytes = await source.read(offset + done, Math.min(CHUNK_BYTES, sizeBytes - done));
    const entries = fatDirectoryEntryRecords(bytes);
    for (let i = 0; i < entries.length; i++) {
      const found = judge(entries.at(i));
      if (found.isOver) return found;
    }
  }
  return GO_ON;
}

function judge({ name, attributes, clusterHigh, clusterLow }: GuestFatDirectoryEntry): Search {
  const [first = END] = name;
  if (first === END) return NONE;
  if (first === DELETED || !equals(clusterHigh, 0) || !equals(clusterLow, 0)) return GO_ON;
  const isVolume = hasFlag(attributes, VOLUME_ID) && !hasFlag(attributes, DIRECTORY);
  if (!isVolume || isLongName(attributes)) return GO_ON;
  const bytes = Uint8Array.from(name);
  if (first === ESCAPED) bytes[0] = DELETED;
  // Of a code page that is not written down, so that only its first half is known.
  return { isOver: true, label: labelOf(decode(bytes, 'ASCII')) };
}

function isLongName(attributes: GuestFatDirectoryEntry['attributes']): boolean {
  return u8(attributes) % ALL_ATTRIBUTES === LONG_NAME;
}
