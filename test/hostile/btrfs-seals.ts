// The checksums of btrfs's superblocks and nodes, which may be of four kinds.
// References: Linux fs/btrfs/disk-io.c: csum_tree_block, btrfs_check_super_csum.
import { createHash } from 'node:crypto';
import { CRC32C_SEED, crc32c, inverted } from '../../src/bytes/crc32c.js';
import { blake2b, xxhash64 } from '../../src/filesystem/btrfs/hashes.js';
import type { MemoryEditor } from './memory-editor.js';
import type { Seal } from './seal.js';

const SUPERBLOCKS = [64 * 1024, 64 * 1024 * 1024, 256 * 1024 ** 3];
const SUPERBLOCK_BYTES = 4096;
const CHECKSUM_BYTES = 32;

type Sum = (content: Uint8Array) => Uint8Array;

/** Of the content, which is one device; the nodes are where something of their size is read. */
export async function btrfsSeals(file: MemoryEditor): Promise<readonly Seal[]> {
  const superblock = file.read(SUPERBLOCKS[0] ?? 0, SUPERBLOCK_BYTES);
  if (superblock.toString('latin1', 0x40, 0x48) !== '_BHRfS_M') return [];
  const sum = await sumOf(superblock.readUInt16LE(0xc4));
  const nodeBytes = superblock.readUInt32LE(0x94);
  const nodes = file.ranges.filter(([at, length]) => length === nodeBytes && at % 4096 === 0);
  return [
    ...SUPERBLOCKS.map((at) => [at, SUPERBLOCK_BYTES] as const),
    ...nodes.filter(([at]) => !SUPERBLOCKS.includes(at)),
  ].map(([offsetBytes, lengthBytes]) => ({
    offsetBytes,
    lengthBytes,
    correct(editor) {
      const bytes = editor.read(offsetBytes, lengthBytes);
      editor.write(offsetBytes, sum(bytes.subarray(CHECKSUM_BYTES)));
    },
  }));
}

async function sumOf(type: number): Promise<Sum> {
  if (type === 1) return xxhash64();
  if (type === 2) return (content) => createHash('sha256').update(content).digest();
  if (type === 3) return blake2b();
  return (content) => {
    const stored = Buffer.alloc(4);
    stored.writeUInt32LE(inverted(crc32c(CRC32C_SEED, content)));
    return stored;
  };
}
