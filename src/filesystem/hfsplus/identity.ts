// What an HFS or HFS+ volume is called, and its UUID. The label of HFS+ is the name of its root folder, the first entry of
// the first leaf of its catalog: two reads. The UUID is a digest of eight bytes of its header, the same that macOS and blkid
// show. An HFS volume may be but a wrapper, for machines of its time, around an HFS+ volume.
// References: Apple Technical Note TN1150; Apple hfs, hfs_util/hfsutil_main.c (the name space of the UUID); RFC 4122, 4.3.
import { parseHfs } from '../../../generated/filesystem/hfs.js';
import {
  type GuestHfsplus,
  parseHfsplus,
  parseHfsplusFirstEntry,
  parseHfsplusTreeHead,
} from '../../../generated/filesystem/hfsplus.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { slice } from '../../bytes/slice.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import {
  equals,
  int,
  type Label,
  labelOf,
  NO_LABEL,
  powerOfTwo,
  rawText,
  text,
  uuidText,
} from '../../validation/guest.js';
import type { Filesystem } from '../filesystem.js';

type Names = Pick<Filesystem, 'label' | 'uuid'>;

const NAME_SPACE = Buffer.from('b3e20f39f29211d697a400306543ecac', 'hex');
const HEADER_OFFSET = 0x400;
const HEADER_BYTES = 512;
const MIN_NODE_BYTES = 512;
const MAX_NODE_BYTES = 32768;
const MIN_BLOCK_BYTES = 512;
const MAX_BLOCK_BYTES = 2 ** 31;
/** As far as a name of 255 characters reaches. */
const ENTRY_BYTES = 534;
const MAX_NAME_UNITS = 255;
const TREE_HEAD_BYTES = 34;
const HEAD_NODE = 1;
const LEAF = -1;
/** The parent of the root folder. */
const ROOT_PARENT = 1;

/** Of an HFS+ volume, from its header. */
export async function hfsplusNames(source: ByteSource, header: Uint8Array): Promise<Names> {
  const volume = parseHfsplus(header);
  const label = (await orNull(() => rootName(source, volume))) ?? NO_LABEL;
  return { ...label, uuid: uuidOf(volume.volumeId) };
}

/** Of an HFS volume, or of the HFS+ volume in it. */
export async function hfsNames(
  source: ByteSource,
  block: Uint8Array,
): Promise<Partial<Names & Pick<Filesystem, 'version'>>> {
  const volume = parseHfs(block);
  if (!volume.hasHfsplus) return { uuid: uuidOf(volume.volumeId) };
  const blockBytes = int(volume.lenBlock, 'hfs: drAlBlkSiz', MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
  const sectors = Math.floor(source.sizeBytes / SECTOR_BYTES);
  const maxBlocks = Math.ceil(source.sizeBytes / blockBytes);
  const firstSector = int(volume.firstBlockSector, 'hfs: drAlBlSt', 0, sectors);
  const firstBlock = int(volume.embeddedFirstBlock, 'hfs: first embedded block', 0, maxBlocks);
  const blocks = int(volume.numEmbeddedBlocks, 'hfs: embedded blocks', 0, maxBlocks);
  const offset = firstSector * SECTOR_BYTES + firstBlock * blockBytes;
  const length = Math.min(blocks * blockBytes, source.sizeBytes - offset);
  if (length < HEADER_OFFSET + HEADER_BYTES) return NO_LABEL;
  const inner = slice(source, offset, length);
  const header = await inner.read(HEADER_OFFSET, HEADER_BYTES);
  const version = text(parseHfsplus(header).versionText);
  return { ...(await hfsplusNames(inner, header)), version };
}

async function rootName(source: ByteSource, volume: GuestHfsplus): Promise<Label> {
  const blockBytes = powerOfTwo(
    volume.lenBlock,
    'hfsplus: block size',
    MIN_BLOCK_BYTES,
    MAX_BLOCK_BYTES,
  );
  const read = async (offset: number, length: number) =>
    source.read(placeOf(volume, blockBytes, offset, length, source.sizeBytes), length);
  const head = parseHfsplusTreeHead(await read(0, TREE_HEAD_BYTES));
  if (!equals(head.node.kind, HEAD_NODE)) return NO_LABEL;
  const nodeBytes = powerOfTwo(
    head.lenNode,
    'hfsplus: size of a node',
    MIN_NODE_BYTES,
    MAX_NODE_BYTES,
  );
  const lastNode = Math.floor(source.sizeBytes / nodeBytes);
  const leaf = int(head.firstLeafNode, 'hfsplus: first leaf of the catalog', 1, lastNode);
  const entry = parseHfsplusFirstEntry(
    await read(leaf * nodeBytes, Math.min(ENTRY_BYTES, nodeBytes)),
  );
  const isRoot = equals(entry.node.kind, LEAF) && equals(entry.parent, ROOT_PARENT);
  // A slash in a name is a colon on the disk, and the other way round: blkid shows it as it is on the disk.
  return isRoot ? labelOf(rawText(entry.name, MAX_NAME_UNITS).trim()) : NO_LABEL;
}

/** The byte of the volume that holds a byte of the catalog. */
function placeOf(
  { catalogFile }: GuestHfsplus,
  blockBytes: number,
  offset: number,
  length: number,
  sizeBytes: number,
): number {
  const maxBlocks = Math.floor(sizeBytes / blockBytes);
  let skipped = offset;
  for (const { firstBlock, numBlocks } of catalogFile.extents) {
    const extentBytes = int(numBlocks, 'hfsplus: blocks of an extent', 0, maxBlocks) * blockBytes;
    if (skipped < extentBytes) {
      const first = int(firstBlock, 'hfsplus: first block of an extent', 0, maxBlocks) * blockBytes;
      if (first + skipped + length <= sizeBytes) return first + skipped;
      break;
    }
    skipped -= extentBytes;
  }
  throw new FormatError(
    'INVALID',
    `hfsplus: byte ${offset} of the catalog is outside of the volume`,
  );
}

/** A name-based UUID (version 3); null where the volume has no identifier. */
function uuidOf(volumeId: Uint8Array): string | null {
  if (volumeId.every((byte) => byte === 0)) return null;
  const { createHash } = process.getBuiltinModule('node:crypto');
  const digest = createHash('md5').update(NAME_SPACE).update(volumeId).digest();
  digest.set([((digest[6] ?? 0) % 16) + 0x30], 6);
  digest.set([((digest[8] ?? 0) % 64) + 0x80], 8);
  return uuidText(digest);
}
