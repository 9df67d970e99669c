// A UDF volume of images/ in memory, and the changes that tests make to it, with the checksums that they need.
// References: ECMA-167 parts 3 and 4.
import { resolve } from 'node:path';
import { crcItu } from '../../src/bytes/crc-itu.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';

export const TAG = {
  anchor: 2,
  pointer: 3,
  partition: 5,
  logical: 6,
  end: 8,
  integrity: 9,
  continued: 258,
} as const;

const TAG_BYTES = 16;
const BLOCK_SIZES = [512, 1024, 2048, 4096];
/** Where a logical volume descriptor has its partition maps. */
export const MAPS = 440;

/** A sequence of volume descriptors. */
interface Sequence {
  readonly block: number;
  readonly lengthBytes: number;
}

export interface Disc {
  readonly bytes: Buffer;
  readonly blockBytes: number;
  readonly lastBlock: number;
  /** The main and the reserve one. */
  readonly sequences: readonly Sequence[];
  /** The first block of the partition. */
  readonly start: number;
  /** The block of its bitmap. */
  readonly bitmap: number;
  readonly integrity: number;
  /** A block, to be written to. */
  at(block: number): Buffer;
  /** Makes the block's tag right, for `location` if that is another number than the block's. */
  seal(block: number, location?: number): void;
  /** The blocks with such a descriptor, of both sequences. */
  find(tag: number): readonly number[];
  /** Changes all descriptors of a kind, and seals them. */
  change(tag: number, change: (bytes: Buffer) => void): void;
  copy(from: number, to: number): void;
  clear(block: number): void;
}

export async function recordedBytes(name: string): Promise<Buffer> {
  const scope = openScope({ deadlineMs: null });
  try {
    const { content } = await openDisk(resolve(`images/${name}.qcow2`), { format: 'auto', scope });
    return Buffer.from(await content.read(0, content.sizeBytes));
  } finally {
    await scope.close();
  }
}

export function openDisc(bytes: Buffer): Disc {
  const blockBytes = BLOCK_SIZES.find((size) => bytes.readUInt32LE(256 * size + 12) === 256) ?? 0;
  const at = (block: number) => bytes.subarray(block * blockBytes, (block + 1) * blockBytes);
  const anchor = at(256);
  const sequences = [16, 24].map((place) => ({
    block: anchor.readUInt32LE(place + 4),
    lengthBytes: anchor.readUInt32LE(place),
  }));
  const find = (tag: number) => sequences.flatMap((one) => found(at, one, blockBytes, tag));
  const seal = (block: number, location = block) => sealTag(at(block), location);
  const partition = at(find(TAG.partition)[0] ?? 0);
  return {
    bytes,
    blockBytes,
    lastBlock: Math.floor(bytes.length / blockBytes) - 1,
    sequences,
    start: partition.readUInt32LE(188),
    bitmap: partition.readUInt32LE(68),
    integrity: at(find(TAG.logical)[0] ?? 0).readUInt32LE(436),
    at,
    seal,
    find,
    change(tag, change) {
      for (const block of find(tag)) {
        change(at(block));
        seal(block);
      }
    },
    copy: (from, to) => void at(from).copy(at(to)),
    clear: (block) => void at(block).fill(0),
  };
}

function found(
  at: (block: number) => Buffer,
  { block, lengthBytes }: Sequence,
  blockBytes: number,
  tag: number,
): readonly number[] {
  const blocks = Array.from({ length: lengthBytes / blockBytes }, (_, i) => block + i);
  const end = blocks.findIndex((one) => [0, TAG.end].includes(at(one).readUInt16LE(0)));
  const used = end < 0 ? blocks : blocks.slice(0, end + 1);
  return used.filter((one) => at(one).readUInt16LE(0) === tag);
}

/** With its place, its CRC over as many bytes as before, and its checksum. */
export function sealTag(bytes: Buffer, location: number): void {
  const crcBytes = bytes.readUInt16LE(10);
  bytes.writeUInt32LE(location, 12);
  bytes.writeUInt16LE(crcItu(bytes.subarray(TAG_BYTES, TAG_BYTES + crcBytes)), 8);
  sealHead(bytes);
}

/** The checksum of the tag alone. */
export function sealHead(bytes: Buffer): void {
  bytes[4] = 0;
  bytes[4] = bytes.subarray(0, TAG_BYTES).reduce((sum, byte) => sum + byte, 0) % 256;
}
