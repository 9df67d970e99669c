// Writes VHD images byte by byte, for what QEMU's tools do not write: parents, bitmaps with gaps, other programs' footers.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0.

export interface Locator {
  readonly platform: string;
  readonly name: Uint8Array;
}

export interface VpcFields {
  readonly type?: number;
  readonly sizeBytes?: number;
  readonly creator?: string;
  /** Cylinders, heads, sectors per track. */
  readonly geometry?: readonly [number, number, number];
  readonly uuid?: Uint8Array;
  readonly parentUuid?: Uint8Array;
  readonly parentName?: string;
  readonly locators?: readonly Locator[];
  readonly blockBytes?: number;
  readonly tableEntries?: number;
  /** By index of the block: its bitmap (the length of the block's bitmap) and its data. */
  readonly blocks?: ReadonlyMap<number, { readonly bitmap: Uint8Array; readonly data: Uint8Array }>;
}

export const FOOTER = 512;
export const HEADER = 1024;
/** Where the table of blocks begins. */
export const TABLE = FOOTER + HEADER;

/** Corrects a checksum after a change of what it covers. */
export function seal(bytes: Buffer, fieldOffset: number): Buffer {
  bytes.writeUInt32BE(0, fieldOffset);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.writeUInt32BE(0xffffffff - sum, fieldOffset);
  return bytes;
}

export function vpcFooter(fields: VpcFields = {}): Buffer {
  const { type = 3, sizeBytes = 4 * 1024 * 1024, creator = 'win ', uuid } = fields;
  const footer = Buffer.alloc(FOOTER);
  footer.write('conectix');
  footer.writeUInt32BE(2, 8);
  footer.writeUInt32BE(0x00010000, 12);
  footer.writeBigUInt64BE(type === 2 ? 2n ** 64n - 1n : BigInt(FOOTER), 16);
  footer.write(creator, 28, 'latin1');
  footer.writeBigUInt64BE(BigInt(sizeBytes), 40);
  footer.writeBigUInt64BE(BigInt(sizeBytes), 48);
  const [cylinders, heads, sectors] = fields.geometry ?? [sizeBytes / 512 / 64, 4, 16];
  footer.writeUInt16BE(cylinders, 56);
  footer.set([heads, sectors], 58);
  footer.writeUInt32BE(type, 60);
  footer.set(uuid ?? Buffer.alloc(16, 0x11), 68);
  return seal(footer, 64);
}

/** A dynamic (type 3) or differencing (type 4) image. */
export function vpcImage(fields: VpcFields = {}): Buffer {
  const { sizeBytes = 4 * 1024 * 1024, blockBytes = 2 * 1024 * 1024 } = fields;
  const entries = fields.tableEntries ?? Math.ceil(sizeBytes / blockBytes);
  const table = Buffer.alloc(Math.ceil((entries * 4) / 512) * 512, 0xff);
  const header = Buffer.alloc(HEADER);
  header.write('cxsparse');
  header.writeBigUInt64BE(2n ** 64n - 1n, 8);
  header.writeBigUInt64BE(BigInt(TABLE), 16);
  header.writeUInt32BE(0x00010000, 24);
  header.writeUInt32BE(entries, 28);
  header.writeUInt32BE(blockBytes, 32);
  if (fields.parentUuid !== undefined) header.set(fields.parentUuid, 40);
  if (fields.parentName !== undefined) {
    header.set(Buffer.from(fields.parentName, 'utf16le').swap16(), 64);
  }
  const parts: Buffer[] = [];
  let at = TABLE + table.length;
  const append = (bytes: Uint8Array): number => {
    const padded = Buffer.alloc(Math.ceil(bytes.length / 512) * 512);
    padded.set(bytes);
    parts.push(padded);
    at += padded.length;
    return at - padded.length;
  };
  for (const [i, { platform, name }] of (fields.locators ?? []).entries()) {
    const entry = 576 + i * 24;
    header.write(platform, entry, 'latin1');
    header.writeUInt32BE(512, entry + 4);
    header.writeUInt32BE(name.length, entry + 8);
    header.writeBigUInt64BE(BigInt(append(name)), entry + 16);
  }
  for (const [index, { bitmap, data }] of fields.blocks ?? []) {
    table.writeUInt32BE(append(bitmap) / 512, index * 4);
    append(data);
  }
  const footer = vpcFooter(fields);
  return Buffer.concat([footer, seal(header, 36), table, ...parts, footer]);
}

/** As Windows names a parent: from the image's directory, and from the machine that made it. */
export function windowsLocators(relative: string | null, absolute: string): readonly Locator[] {
  const text = (name: string): Buffer => Buffer.from(name, 'utf16le');
  const first = relative === null ? [] : [{ platform: 'W2ru', name: text(relative) }];
  return [...first, { platform: 'W2ku', name: text(absolute) }];
}
