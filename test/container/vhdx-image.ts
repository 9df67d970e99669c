// Writes VHDX images byte by byte, for what QEMU's tools do not write: parents, sectors of 4096 bytes, logs in use.
// References: [MS-VHDX].
import { CRC32C_SEED, crc32c, inverted } from '../../src/bytes/crc32c.js';

export const KIB = 1024;
export const MIB = 1024 * KIB;

export interface Block {
  readonly state: number;
  /** Its data; none for states without. */
  readonly data?: Uint8Array;
  /** A bit for each sector, for state 7. */
  readonly bitmap?: Uint8Array;
}

export interface VhdxFields {
  readonly sizeBytes?: number;
  readonly blockBytes?: number;
  readonly sectorBytes?: number;
  readonly dataWriteGuid?: string;
  /** Keys and values; makes the image a differencing one. */
  readonly parent?: Readonly<Record<string, string>>;
  readonly blocks?: ReadonlyMap<number, Block>;
  /** GUID of the log that is in use. */
  readonly logGuid?: string;
  /** What stands in the log, which has 1 MiB. */
  readonly log?: Uint8Array;
  readonly flags?: number;
}

export const AT = { log: MIB, table: 2 * MIB, metadata: 3 * MIB, payload: 4 * MIB };
export const HEADERS = [64 * KIB, 128 * KIB];
export const REGION_TABLES = [192 * KIB, 256 * KIB];
export const HEADER_BYTES = 4 * KIB;
export const TABLE_BYTES = 64 * KIB;
export const ITEM = {
  parameters: 'caa16737-fa36-4d43-b3b6-33f0aa44e76b',
  diskSize: '2fa54224-cd1b-4876-b211-5dbed83bf4b8',
  diskId: 'beca12ab-b2e6-4523-93ef-c309e000c746',
  sectorSize: '8141bf1d-a96f-4709-ba47-f233a8faab5f',
  physicalSectorSize: 'cda348c7-445d-4471-9cc9-e9885251c556',
  locator: 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c',
};
const LOCATOR_TYPE = 'b04aefb7-d19e-4a81-b789-25b8e9445913';
const REGION = {
  table: '2dc27766-f623-4200-9d64-115e9bfd4a08',
  metadata: '8b7ca206-4790-4b9a-b8fe-575f050f886e',
};
export const SOME_GUID = '12345678-9abc-def0-1234-56789abcdef0';

/** In Microsoft's order of bytes. */
export function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** Corrects the checksum, which follows the signature. */
export function sealed<T extends Uint8Array>(bytes: T): T {
  bytes.fill(0, 4, 8);
  const crc = inverted(crc32c(CRC32C_SEED, bytes));
  bytes.set([crc % 256, (crc >>> 8) % 256, (crc >>> 16) % 256, crc >>> 24], 4);
  return bytes;
}

export function vhdxImage(fields: VhdxFields = {}): Buffer {
  const { sizeBytes = 4 * MIB, blockBytes = MIB, sectorBytes = 512 } = fields;
  const table = Buffer.alloc(MIB);
  const payload = payloadOf(fields, table, (8 * MIB * sectorBytes) / blockBytes);
  const image = Buffer.alloc(AT.payload);
  image.write('vhdxfile');
  image.write('test', 8, 'utf16le');
  for (const [i, at] of HEADERS.entries()) image.set(header(fields, i + 1), at);
  for (const at of REGION_TABLES) image.set(regionTable(), at);
  image.set(fields.log ?? [], AT.log);
  image.set(table, AT.table);
  image.set(metadata({ ...fields, sizeBytes, blockBytes, sectorBytes }), AT.metadata);
  return Buffer.concat([image, ...payload]);
}

function payloadOf(
  { blocks = new Map() }: VhdxFields,
  table: Buffer,
  blocksPerBitmap: number,
): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = AT.payload;
  const append = (bytes: Uint8Array): bigint => {
    const padded = Buffer.alloc(Math.ceil(bytes.length / MIB) * MIB);
    padded.set(bytes);
    parts.push(padded);
    at += padded.length;
    return BigInt((at - padded.length) / MIB);
  };
  const bitmaps = new Map<number, Buffer>();
  for (const [index, { state, data, bitmap }] of blocks) {
    const chunk = Math.floor(index / blocksPerBitmap);
    const place = data === undefined ? 0n : append(data);
    table.writeBigUInt64LE(BigInt(state) | (place << 20n), (index + chunk) * 8);
    if (bitmap === undefined) continue;
    const whole = bitmaps.get(chunk) ?? Buffer.alloc(MIB);
    bitmaps.set(chunk, whole);
    whole.set(bitmap, (index % blocksPerBitmap) * (MIB / blocksPerBitmap));
  }
  for (const [chunk, bitmap] of bitmaps) {
    const entry = (chunk + 1) * blocksPerBitmap + chunk;
    table.writeBigUInt64LE(6n | (append(bitmap) << 20n), entry * 8);
  }
  return parts;
}

export function header(fields: VhdxFields, sequenceNumber: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('head');
  bytes.writeBigUInt64LE(BigInt(sequenceNumber), 8);
  bytes.set(guidBytes(fields.dataWriteGuid ?? SOME_GUID), 16);
  bytes.set(guidBytes(fields.dataWriteGuid ?? SOME_GUID), 32);
  if (fields.logGuid !== undefined) bytes.set(guidBytes(fields.logGuid), 48);
  bytes.writeUInt16LE(1, 66);
  bytes.writeUInt32LE(MIB, 68);
  bytes.writeBigUInt64LE(BigInt(AT.log), 72);
  return sealed(bytes);
}

export function regionTable(): Buffer {
  const bytes = Buffer.alloc(TABLE_BYTES);
  bytes.write('regi');
  bytes.writeUInt32LE(2, 8);
  const regions = [
    [REGION.table, AT.table],
    [REGION.metadata, AT.metadata],
  ] as const;
  for (const [i, [guid, at]] of regions.entries()) {
    bytes.set(guidBytes(guid), 16 + i * 32);
    bytes.writeBigUInt64LE(BigInt(at), 32 + i * 32);
    bytes.writeUInt32LE(MIB, 40 + i * 32);
    bytes.writeUInt32LE(1, 44 + i * 32);
  }
  return sealed(bytes);
}

function metadata(
  fields: VhdxFields & Required<Pick<VhdxFields, 'sizeBytes' | 'blockBytes' | 'sectorBytes'>>,
): Buffer {
  const { sizeBytes, blockBytes, sectorBytes, parent } = fields;
  const flags = fields.flags ?? (parent === undefined ? 0 : 2);
  const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
  const items: (readonly [string, Uint8Array, number])[] = [
    [ITEM.parameters, u32(blockBytes, flags), 4],
    [ITEM.diskSize, Buffer.from(BigUint64Array.of(BigInt(sizeBytes)).buffer), 6],
    [ITEM.diskId, Buffer.alloc(16, 0x42), 6],
    [ITEM.sectorSize, u32(sectorBytes), 6],
    [ITEM.physicalSectorSize, u32(4096), 6],
  ];
  if (parent !== undefined) items.push([ITEM.locator, parentLocator(parent), 4]);
  const bytes = Buffer.alloc(MIB);
  bytes.write('metadata');
  bytes.writeUInt16LE(items.length, 10);
  let at = TABLE_BYTES;
  for (const [i, [guid, data, itemFlags]] of items.entries()) {
    const entry = 32 + i * 32;
    bytes.set(guidBytes(guid), entry);
    bytes.writeUInt32LE(at, entry + 16);
    bytes.writeUInt32LE(data.length, entry + 20);
    bytes.writeUInt32LE(itemFlags, entry + 24);
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}

function parentLocator(pairs: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(pairs);
  const head = Buffer.alloc(20 + entries.length * 12);
  head.set(guidBytes(LOCATOR_TYPE));
  head.writeUInt16LE(entries.length, 18);
  const texts: Buffer[] = [];
  let at = head.length;
  for (const [i, [key, value]] of entries.entries()) {
    const [first, second] = [Buffer.from(key, 'utf16le'), Buffer.from(value, 'utf16le')];
    const entry = 20 + i * 12;
    head.writeUInt32LE(at, entry);
    head.writeUInt32LE(at + first.length, entry + 4);
    head.writeUInt16LE(first.length, entry + 8);
    head.writeUInt16LE(second.length, entry + 10);
    texts.push(first, second);
    at += first.length + second.length;
  }
  return Buffer.concat([head, ...texts]);
}

export interface LogWrite {
  readonly offsetBytes: number;
  /** 4096 bytes, or so many zeros. */
  readonly content: Uint8Array | number;
}

export interface LogFields {
  readonly guid?: string;
  readonly sequenceNumber: number;
  /** Offset in the log. */
  readonly tailBytes: number;
  readonly fileBytes: number;
  readonly lastFileBytes?: number;
  readonly writes: readonly LogWrite[];
}

/** An entry of the log, as long as it must be. */
export function logEntry(fields: LogFields): Buffer {
  const { writes, sequenceNumber, fileBytes } = fields;
  const headBytes = Math.ceil((64 + writes.length * 32) / 4096) * 4096;
  const sectors = writes.filter(({ content }) => typeof content !== 'number');
  const bytes = Buffer.alloc(headBytes + sectors.length * 4096);
  bytes.write('loge');
  bytes.writeUInt32LE(bytes.length, 8);
  bytes.writeUInt32LE(fields.tailBytes, 12);
  bytes.writeBigUInt64LE(BigInt(sequenceNumber), 16);
  bytes.writeUInt32LE(writes.length, 24);
  bytes.set(guidBytes(fields.guid ?? SOME_GUID), 32);
  bytes.writeBigUInt64LE(BigInt(fileBytes), 48);
  bytes.writeBigUInt64LE(BigInt(fields.lastFileBytes ?? fileBytes), 56);
  let data = headBytes;
  for (const [i, { offsetBytes, content }] of writes.entries()) {
    const at = 64 + i * 32;
    bytes.write(typeof content === 'number' ? 'zero' : 'desc', at);
    bytes.writeBigUInt64LE(BigInt(offsetBytes), at + 16);
    bytes.writeBigUInt64LE(BigInt(sequenceNumber), at + 24);
    if (typeof content === 'number') bytes.writeBigUInt64LE(BigInt(content), at + 8);
    else {
      bytes.set(content.subarray(4092), at + 4);
      bytes.set(content.subarray(0, 8), at + 8);
      bytes.write('data', data);
      bytes.writeUInt32LE(0, data + 4);
      bytes.set(content.subarray(8, 4092), data + 8);
      bytes.writeUInt32LE(sequenceNumber, data + 4092);
      data += 4096;
    }
  }
  return sealed(bytes);
}

/** A log of 1 MiB with entries at these offsets; one that does not fit goes on at the beginning. */
export function logOf(entries: readonly (readonly [offset: number, entry: Uint8Array])[]): Buffer {
  const log = Buffer.alloc(MIB);
  for (const [offset, entry] of entries) {
    const first = Math.min(entry.length, MIB - offset);
    log.set(entry.subarray(0, first), offset);
    log.set(entry.subarray(first), 0);
  }
  return log;
}
