// Writes VMware's sparse extents of every kind, for those that no tool of ours writes. It follows the specification and
// what QEMU reads, and shares nothing with the program; what the files hold is what qemu-img reads in them.
// References: VMware, Virtual Disk Format 5.0; QEMU block/vmdk.c.
import { deflateSync } from 'node:zlib';

const SECTOR = 512;
const DESCRIPTOR_SECTORS = 20;

export interface SparseOptions {
  /** Sectors of a grain; default 128. */
  readonly grain?: number;
  /** Default 512. */
  readonly tableEntries?: number;
  /** Which grains the file has; default: those that are not all zeros. */
  readonly has?: (index: number, bytes: Uint8Array) => boolean;
  /** Which of the others are zeros rather than nothing. */
  readonly isZero?: (index: number) => boolean;
  /** Grains lie in the file from the last to the first. */
  readonly isReversed?: boolean;
  readonly descriptor?: string;
}

interface Grains {
  readonly count: number;
  readonly sectors: number;
  bytes(index: number): Buffer;
  state(index: number): 'data' | 'zero' | 'none';
}

function grainsOf(content: Uint8Array, sectors: number, options: SparseOptions): Grains {
  const size = sectors * SECTOR;
  const bytes = (index: number): Buffer => {
    const grain = Buffer.alloc(size);
    grain.set(content.subarray(index * size, (index + 1) * size));
    return grain;
  };
  const isData = options.has ?? ((_, grain) => grain.some((byte) => byte !== 0));
  return {
    count: Math.ceil(content.length / size),
    sectors,
    bytes,
    state(index) {
      if (isData(index, bytes(index))) return 'data';
      return options.isZero?.(index) === true ? 'zero' : 'none';
    },
  };
}

function padded(bytes: Uint8Array, sectors?: number): Buffer {
  const size = sectors ?? Math.ceil(bytes.length / SECTOR);
  return Buffer.concat([bytes, Buffer.alloc(size * SECTOR - bytes.length)]);
}

function words32(values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

export interface HostedFields {
  readonly capacity: number;
  readonly grain?: number;
  readonly tableEntries?: number;
  readonly descriptorSectors?: number;
  readonly directory?: bigint;
  readonly redundant?: number;
  readonly overhead?: number;
  readonly flags?: number;
  readonly version?: number;
  readonly compression?: number;
}

/** The sector with the header of a hosted sparse extent. */
export function hostedHeader(fields: HostedFields): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.write('KDMV');
  header.writeUInt32LE(fields.version ?? 1, 4);
  header.writeUInt32LE(fields.flags ?? 1, 8);
  header.writeBigUInt64LE(BigInt(fields.capacity), 12);
  header.writeBigUInt64LE(BigInt(fields.grain ?? 128), 20);
  const descriptorSectors = fields.descriptorSectors ?? DESCRIPTOR_SECTORS;
  header.writeBigUInt64LE(descriptorSectors === 0 ? 0n : 1n, 28);
  header.writeBigUInt64LE(BigInt(descriptorSectors), 36);
  header.writeUInt32LE(fields.tableEntries ?? 512, 44);
  header.writeBigUInt64LE(BigInt(fields.redundant ?? 0), 48);
  header.writeBigUInt64LE(fields.directory ?? 0n, 56);
  header.writeBigUInt64LE(BigInt(fields.overhead ?? 0), 64);
  header.write('\n \r\n', 73, 'latin1');
  header.writeUInt16LE(fields.compression ?? 0, 77);
  return header;
}

/** A hosted sparse extent whose grains are as they are. */
export function hostedExtent(content: Uint8Array, options: SparseOptions = {}): Buffer {
  const { grain = 128, tableEntries = 512, descriptor = '' } = options;
  const grains = grainsOf(content, grain, options);
  const tableCount = Math.ceil(grains.count / tableEntries);
  const directory = 1 + DESCRIPTOR_SECTORS;
  const tables = directory + Math.ceil((tableCount * 4) / SECTOR);
  const tableSectors = Math.ceil((tableEntries * 4) / SECTOR);
  const start = Math.ceil((tables + tableCount * tableSectors) / grain) * grain;
  const { entries, data } = place(grains, start, tableCount * tableEntries, options);
  const hasZeros = entries.includes(1);
  const header = hostedHeader({
    ...{ capacity: Math.ceil(content.length / SECTOR), grain, tableEntries, overhead: start },
    ...{ directory: BigInt(directory), flags: hasZeros ? 5 : 1, version: hasZeros ? 2 : 1 },
  });
  const list = Array.from({ length: tableCount }, (_, i) => tables + i * tableSectors);
  const parts = [
    header,
    padded(Buffer.from(descriptor), DESCRIPTOR_SECTORS),
    padded(words32(list)),
  ];
  for (let i = 0; i < tableCount; i++) {
    parts.push(padded(words32(entries.slice(i * tableEntries, (i + 1) * tableEntries))));
  }
  return Buffer.concat([padded(Buffer.concat(parts), start), ...data]);
}

/** Entries of all tables, and the grains in the order in which they follow `start`. */
function place(grains: Grains, start: number, entryCount: number, options: SparseOptions) {
  const entries = new Array<number>(entryCount).fill(0);
  const data: Buffer[] = [];
  for (let i = 0; i < grains.count; i++) {
    const index = options.isReversed === true ? grains.count - 1 - i : i;
    const state = grains.state(index);
    if (state === 'zero') entries[index] = 1;
    if (state !== 'data') continue;
    entries[index] = start + data.length * grains.sectors;
    data.push(grains.bytes(index));
  }
  return { entries, data };
}

export interface StreamOptions extends SparseOptions {
  readonly hasMarkers?: boolean;
  /** The footer's fields that differ from the header's. */
  readonly footer?: Partial<HostedFields>;
  /** Of a grain's marker; default: the one that it must have. */
  readonly lba?: (lba: number) => number;
  readonly compress?: (bytes: Uint8Array, index: number) => Uint8Array;
}

const COMPRESSED = 0x10001;
const MARKERS = 0x20000;

/** A compressed extent as VMware's export writes it: in one go, markers before all, directory and footer at the end. */
export function streamExtent(content: Uint8Array, options: StreamOptions = {}): Buffer {
  const { grain = 128, tableEntries = 512, hasMarkers = true, descriptor = '' } = options;
  const grains = grainsOf(content, grain, options);
  const fields: HostedFields = {
    ...{ capacity: Math.ceil(content.length / SECTOR), grain, tableEntries, overhead: 128 },
    ...{ version: 3, flags: COMPRESSED + (hasMarkers ? MARKERS : 0), compression: 1 },
  };
  const header = hostedHeader({ ...fields, directory: 2n ** 64n - 1n });
  const parts = [padded(Buffer.concat([header, Buffer.from(descriptor)]), 128)];
  let sector = 128;
  const add = (bytes: Buffer): number => {
    const at = sector;
    const block = padded(bytes);
    parts.push(block);
    sector += block.length / SECTOR;
    return at;
  };
  const compress = options.compress ?? ((bytes) => deflateSync(bytes));
  const tables: number[] = [];
  for (let first = 0; first < grains.count; first += tableEntries) {
    const entries = new Array<number>(tableEntries).fill(0);
    for (let i = first; i < Math.min(first + tableEntries, grains.count); i++) {
      if (grains.state(i) !== 'data') continue;
      const stream = Buffer.from(compress(grains.bytes(i), i));
      const lba = options.lba?.(i * grain) ?? i * grain;
      const head = grainMarker(lba, stream.length);
      entries[i - first] = add(hasMarkers ? Buffer.concat([head, stream]) : stream);
    }
    add(metadataMarker(Math.ceil((tableEntries * 4) / SECTOR), 1));
    tables.push(add(words32(entries)));
  }
  add(metadataMarker(Math.ceil((tables.length * 4) / SECTOR), 2));
  const directory = add(words32(tables));
  add(metadataMarker(1, 3));
  add(hostedHeader({ ...fields, directory: BigInt(directory), ...options.footer }));
  add(metadataMarker(0, 0));
  return Buffer.concat(parts);
}

function grainMarker(lba: number, length: number): Buffer {
  const marker = Buffer.alloc(12);
  marker.writeBigUInt64LE(BigInt(lba));
  marker.writeUInt32LE(length, 8);
  return marker;
}

function metadataMarker(sectors: number, kind: number): Buffer {
  const marker = Buffer.alloc(SECTOR);
  marker.writeBigUInt64LE(BigInt(sectors));
  marker.writeUInt32LE(kind, 12);
  return marker;
}

const COWD_ENTRIES = 4096;

/** A sparse extent of ESX Server. */
export function cowdExtent(content: Uint8Array, options: SparseOptions = {}): Buffer {
  const { grain = 1 } = options;
  const grains = grainsOf(content, grain, options);
  const tableCount = Math.ceil(grains.count / COWD_ENTRIES);
  const directory = 4;
  const tables = directory + Math.ceil((tableCount * 4) / SECTOR);
  const tableSectors = (COWD_ENTRIES * 4) / SECTOR;
  const start = tables + tableCount * tableSectors;
  const { entries, data } = place(grains, start, tableCount * COWD_ENTRIES, options);
  const isUsed = (i: number): boolean =>
    entries.slice(i * COWD_ENTRIES, (i + 1) * COWD_ENTRIES).some((entry) => entry !== 0);
  const header = Buffer.alloc(4 * SECTOR);
  header.write('COWD');
  const free = start + data.length * grain;
  const fields = [1, 3, Math.ceil(content.length / SECTOR), grain, directory, tableCount, free];
  header.set(words32(fields), 4);
  const list = Array.from({ length: tableCount }, (_, i) =>
    isUsed(i) ? tables + i * tableSectors : 0,
  );
  return Buffer.concat([header, padded(words32(list)), words32(entries), ...data]);
}

const SESPARSE_ENTRIES = 4096;
const SESPARSE_GRAIN = 8;

/** A space-efficient sparse extent of ESXi. Tables and grains are not in the order of the disk. */
export function seSparseExtent(content: Uint8Array, options: SparseOptions = {}): Buffer {
  const grains = grainsOf(content, SESPARSE_GRAIN, options);
  const tableCount = Math.ceil(grains.count / SESPARSE_ENTRIES);
  const directory = 8;
  const directorySectors = Math.ceil((tableCount * 8) / SECTOR);
  const tables = directory + directorySectors;
  const tableSectors = (SESPARSE_ENTRIES * 8) / SECTOR;
  const start = tables + tableCount * tableSectors;
  const directoryBytes = Buffer.alloc(directorySectors * SECTOR);
  const tableBytes = Buffer.alloc(tableCount * tableSectors * SECTOR);
  const data: Buffer[] = [];
  for (let i = 0; i < tableCount; i++) {
    const index = tableCount - 1 - i;
    directoryBytes.writeBigUInt64LE(0x1000000000000000n + BigInt(index), i * 8);
    for (let j = 0; j < SESPARSE_ENTRIES && i * SESPARSE_ENTRIES + j < grains.count; j++) {
      const number = i * SESPARSE_ENTRIES + j;
      const state = grains.state(number);
      let entry = 0n;
      if (state === 'zero') entry = number % 2 === 0 ? 1n << 60n : 2n << 60n;
      if (state === 'data') {
        const at = BigInt(data.length);
        entry = (3n << 60n) | ((at & 0xfffn) << 48n) | (at >> 12n);
        data.push(grains.bytes(number));
      }
      tableBytes.writeBigUInt64LE(entry, (index * SESPARSE_ENTRIES + j) * 8);
    }
  }
  const areas = [
    ...[4, 1, 5, 1, 6, 2], // Second header, journal's header, journal.
    ...[directory, directorySectors, tables, tableCount * tableSectors],
    ...[tables, 0, tables, 0], // Bitmap of free grains, back map.
    ...[start, data.length * SESPARSE_GRAIN],
  ];
  const capacity = Math.ceil(content.length / SECTOR);
  const header = Buffer.alloc(directory * SECTOR);
  const words = [0xcafebabe, 0x200000001, capacity, SESPARSE_GRAIN, 64, 0, 0, 0, 0, 0, ...areas];
  for (const [i, word] of words.entries()) header.writeBigUInt64LE(BigInt(word), i * 8);
  header.writeBigUInt64LE(0xcafecafen, 4 * SECTOR);
  return Buffer.concat([header, directoryBytes, tableBytes, ...data]);
}

export interface DescriptorOptions {
  readonly type: string;
  readonly extents: readonly string[];
  readonly cid?: string;
  readonly parentCid?: string;
  readonly parent?: string;
  /** Lines after these. */
  readonly more?: readonly string[];
}

export function descriptor(options: DescriptorOptions): string {
  const { type, extents, cid = '12345678', parentCid = 'ffffffff', parent, more = [] } = options;
  return [
    '# Disk DescriptorFile',
    'version=1',
    `CID=${cid}`,
    `parentCID=${parentCid}`,
    `createType="${type}"`,
    ...(parent === undefined ? [] : [`parentFileNameHint="${parent}"`]),
    '',
    '# Extent description',
    ...extents,
    ...more,
    '',
    '# The Disk Data Base',
    '#DDB',
    'ddb.virtualHWVersion = "4"',
    '',
  ].join('\n');
}
