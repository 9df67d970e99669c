// Writes super partitions, which no tool of Debian's makes.
// References: AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h.
import { createHash } from 'node:crypto';

const SECTOR = 512;
const METADATA_BYTES = 4096;
const GEOMETRIES_END = 12_288;
const HEADER_BYTES = 256;

export interface Extent {
  readonly sectors: number;
  /** First sector on the super partition; null: zeros. */
  readonly at: number | null;
  readonly device?: number;
  readonly kind?: number;
}

export interface Slot {
  readonly [name: string]: readonly Extent[];
}

function sealed(bytes: Buffer, at: number): Buffer {
  createHash('sha256').update(bytes).digest().copy(bytes, at);
  return bytes;
}

/** A text at the beginning of 36 bytes. */
function named(bytes: Buffer, name: string, at = 0): Buffer {
  bytes.write(name, at, 36, 'latin1');
  return bytes;
}

export function metadataOf(slot: Slot, edit?: (header: Buffer) => void): Buffer {
  const extents: Buffer[] = [];
  const partitions = Object.entries(slot).map(([name, own]) => {
    const partition = named(Buffer.alloc(52), name);
    partition.writeUInt32LE(1, 36);
    partition.writeUInt32LE(extents.length, 40);
    partition.writeUInt32LE(own.length, 44);
    for (const { sectors, at, device = 0, kind = at === null ? 1 : 0 } of own) {
      const extent = Buffer.alloc(24);
      extent.writeBigUInt64LE(BigInt(sectors), 0);
      extent.writeUInt32LE(kind, 8);
      extent.writeBigUInt64LE(BigInt(at ?? 0), 12);
      extent.writeUInt32LE(device, 20);
      extents.push(extent);
    }
    return partition;
  });
  const group = named(Buffer.alloc(48), 'default');
  const device = named(Buffer.alloc(64), 'super', 24);
  device.writeBigUInt64LE(2048n, 0);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('0PLA', 0, 'latin1');
  header.writeUInt16LE(10, 4);
  header.writeUInt16LE(2, 6);
  header.writeUInt32LE(HEADER_BYTES, 8);
  let offset = 0;
  for (const [i, table] of [partitions, extents, [group], [device]].entries()) {
    header.writeUInt32LE(offset, 80 + 12 * i);
    header.writeUInt32LE(table.length, 84 + 12 * i);
    header.writeUInt32LE([52, 24, 48, 64][i] ?? 0, 88 + 12 * i);
    offset += table.reduce((sum, { length }) => sum + length, 0);
  }
  const tables = Buffer.concat([...partitions, ...extents, group, device]);
  header.writeUInt32LE(tables.length, 44);
  createHash('sha256').update(tables).digest().copy(header, 48);
  edit?.(header);
  return Buffer.concat([sealed(header, 12), tables]);
}

/** The head of a super partition, up to its first logical partition. */
export function superHead(metadata: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(2048 * SECTOR);
  const geometry = Buffer.alloc(52);
  geometry.write('gDla', 0, 'latin1');
  geometry.writeUInt32LE(52, 4);
  geometry.writeUInt32LE(METADATA_BYTES, 40);
  geometry.writeUInt32LE(metadata.length, 44);
  geometry.writeUInt32LE(4096, 48);
  sealed(geometry, 8);
  for (const at of [4096, 8192]) geometry.copy(head, at);
  for (const [i, bytes] of [...metadata, ...metadata].entries()) {
    bytes.copy(head, GEOMETRIES_END + i * METADATA_BYTES);
  }
  return head;
}
