// Volumes as BitLocker makes them, of plain bytes: every cipher, protector, version and state, with keys that the tests know.
// References: formats/volume/bitlocker.ksy; libbde documentation; N. Ferguson, AES-CBC + Elephant diffuser, 2006, 4.2;
// bitlocker.test.ts, which has dislocker open them.
import { createCipheriv, createHash } from 'node:crypto';
import { crc32 } from '../../../src/bytes/crc32.js';
import { random } from '../../random.js';

const KIB = 1024;
const COPY_BYTES = 64 * KIB;
const VISTA_COPY_BYTES = 16 * KIB;
const HEADER_BYTES = 8 * KIB;
const PLAIN_KIND = '3bd66749292ed84a8399f6a339e3d001';
const CONVERTED_KIND = '3b4da89280dd0e4d9e4eb1e3284eaed8';

export type Protection = 'clear' | 'startup' | 'recovery' | 'password' | 'tpm';

export interface Wanted {
  /** 0x8000 to 0x8005. */
  readonly method: number;
  readonly version?: 1 | 2;
  readonly sectorBytes?: number;
  readonly protections: readonly Protection[];
  readonly isToGo?: boolean;
  readonly state?: number;
  /** What lies behind is not encrypted. */
  readonly clearFromBytes?: number;
  /** Chunks of 64 KiB that are not encrypted, by a bitmap. */
  readonly clearChunks?: readonly number[];
}

export interface Made {
  readonly bytes: Buffer;
  /** The plain bytes, with zeros where BitLocker has its own. */
  readonly clear: Buffer;
  /** The file of the startup key. */
  readonly startupFile: Buffer;
  readonly copies: readonly number[];
  /** Where it tells which chunks are encrypted; its bitmap is 4 KiB further on. */
  readonly conversionAt: number | null;
}

export const PASSWORD = 'correct horse';
export const RECOVERY = '000011-000022-000033-000044-000055-000066-000077-720885';

/** @param plain its sectors of zeros are where BitLocker's own may lie. */
export function encrypted(plain: Uint8Array, wanted: Wanted): Made {
  const { version = 2, sectorBytes = 512 } = wanted;
  const clear = Buffer.from(plain);
  const unit = version === 1 ? VISTA_COPY_BYTES : COPY_BYTES;
  const copies = [1, 2, 3].map((quarter) =>
    freePlace(clear, (quarter * clear.length) / 4 - COPY_BYTES, unit),
  );
  const header = version === 1 ? null : freePlace(clear, (copies[2] ?? 0) + unit, HEADER_BYTES);
  const eow =
    wanted.clearChunks === undefined
      ? null
      : freePlace(clear, (header ?? 0) + COPY_BYTES, COPY_BYTES);
  for (const at of copies) clear.fill(0, at, at + unit);
  if (header !== null) clear.fill(0, header, header + HEADER_BYTES);
  if (eow !== null) clear.fill(0, eow, eow + COPY_BYTES);
  const keys = keysOf(wanted.method);
  const isClear = (at: number): boolean =>
    wanted.state === 1 ||
    at >= (wanted.clearFromBytes ?? Number.POSITIVE_INFINITY) ||
    (wanted.clearChunks?.includes(Math.floor(at / COPY_BYTES)) ?? false);
  const bytes = Buffer.from(clear);
  const seal = (from: number, to: number): void => {
    const sector = clear.subarray(from, from + sectorBytes);
    bytes.set(
      isClear(to) ? sector : encryptSector(wanted.method, keys.fvek, sector, to, sectorBytes),
      to,
    );
  };
  for (let at = 0; at < clear.length; at += sectorBytes) seal(at, at);
  for (let at = 0; header !== null && at < HEADER_BYTES; at += sectorBytes) seal(at, header + at);
  if (version === 1) clear.copy(bytes, 0, 0, 16 * sectorBytes);
  bootSector(bytes, clear, wanted, copies, eow);
  const metadata = metadataOf(wanted, keys, copies, header, clear);
  for (const at of copies) metadata.copy(bytes, at);
  if (eow !== null) conversion(bytes, eow, wanted.clearChunks ?? [], clear.length);
  return { bytes, clear, startupFile: keys.startupFile, copies, conversionAt: eow };
}

function freePlace(plain: Buffer, from: number, length: number): number {
  const step = 4 * KIB;
  for (let at = Math.ceil(from / step) * step; at + length <= plain.length; at += step) {
    if (plain.subarray(at, at + length).every((byte) => byte === 0)) return at;
  }
  throw new Error(`no ${length} bytes of zeros from ${from} on`);
}

interface Keys {
  readonly fvek: Buffer;
  readonly master: Buffer;
  readonly startup: Buffer;
  readonly startupFile: Buffer;
}

const FVEK_BYTES: Readonly<Record<number, number>> = {
  32768: 64,
  32769: 64,
  32770: 16,
  32771: 32,
  32772: 32,
  32773: 64,
};
const GUIDS: Readonly<Record<Protection, number>> = {
  clear: 1,
  startup: 2,
  recovery: 3,
  password: 4,
  tpm: 5,
};
const PROTECTIONS: Readonly<Record<Protection, number>> = {
  clear: 0,
  startup: 0x200,
  recovery: 0x800,
  password: 0x2000,
  tpm: 0x100,
};

function bytesOf(seed: string, length: number): Buffer {
  const next = random(seed);
  return Buffer.from(Array.from({ length }, () => next(256)));
}

function keysOf(method: number): Keys {
  const startup = bytesOf('startup', 32);
  const external = entry(
    6,
    9,
    Buffer.concat([guid('startup'), Buffer.alloc(8), entry(0, 1, keyBody(0x2002, startup))]),
  );
  const header = Buffer.alloc(48);
  for (const [at, value] of [
    [0, 48 + external.length],
    [4, 1],
    [8, 48],
    [12, 48 + external.length],
  ] as const) {
    header.writeUInt32LE(value, at);
  }
  guid('startup').copy(header, 16);
  return {
    fvek: bytesOf(`fvek ${method}`, FVEK_BYTES[method] ?? 64),
    master: bytesOf('master', 32),
    startup,
    startupFile: Buffer.concat([header, external]),
  };
}

function guid(protection: Protection): Buffer {
  return Buffer.alloc(16, GUIDS[protection]);
}

export function entry(role: number, type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(8 + body.length, 0);
  header.writeUInt16LE(role, 2);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(1, 6);
  return Buffer.concat([header, body]);
}

function keyBody(encryption: number, key: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(encryption, 0);
  return Buffer.concat([header, key]);
}

function sealed(role: number, key: Uint8Array, inner: Uint8Array, nonceSeed: string): Buffer {
  const nonce = bytesOf(nonceSeed, 12);
  const cipher = createCipheriv('aes-256-ccm', key, nonce, { authTagLength: 16 });
  const bytes = Buffer.concat([cipher.update(inner), cipher.final()]);
  return entry(role, 5, Buffer.concat([nonce, cipher.getAuthTag(), bytes]));
}

/** As the libbde documentation has it, by node:crypto. */
export function stretched(hash: Uint8Array, salt: Uint8Array): Buffer {
  const message = Buffer.alloc(88);
  message.set(hash, 32);
  message.set(salt, 64);
  for (let round = 0; round < 2 ** 20; round++) {
    message.writeUInt32LE(round, 80);
    createHash('sha256').update(message).digest().copy(message);
  }
  return message.subarray(0, 32);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function protector(protection: Protection, { master, startup }: Keys): Buffer {
  const head = Buffer.alloc(28);
  guid(protection).copy(head);
  head.writeUInt16LE(PROTECTIONS[protection], 26);
  const salt = bytesOf(`salt ${protection}`, 16);
  const inner = entry(0, 1, keyBody(0x2003, master));
  const under = (key: Uint8Array) => sealed(0, key, inner, `nonce ${protection}`);
  const stretch = entry(0, 3, keyBody(0x1000, salt));
  const parts = (): readonly Buffer[] => {
    switch (protection) {
      case 'clear':
        return [entry(0, 1, keyBody(0x2000, bytesOf('clear', 32))), under(bytesOf('clear', 32))];
      case 'startup':
        return [under(startup)];
      case 'recovery': {
        const groups = RECOVERY.split('-').map((group) => Number(group) / 11);
        const words = Buffer.alloc(16);
        for (const [i, word] of groups.entries()) words.writeUInt16LE(word, i * 2);
        return [stretch, under(stretched(sha256(words), salt))];
      }
      case 'password':
        return [stretch, under(stretched(sha256(sha256(Buffer.from(PASSWORD, 'utf16le'))), salt))];
      case 'tpm':
        return [entry(0, 6, Buffer.alloc(64, 7))];
    }
  };
  return entry(2, 8, Buffer.concat([head, ...parts()]));
}

function metadataOf(
  wanted: Wanted,
  keys: Keys,
  copies: readonly number[],
  header: number | null,
  clear: Buffer,
): Buffer {
  const { version = 2, method, state = 4, sectorBytes = 512 } = wanted;
  const place = Buffer.alloc(16);
  place.writeBigUInt64LE(BigInt(header ?? 0), 0);
  place.writeBigUInt64LE(BigInt(HEADER_BYTES), 8);
  const entries = Buffer.concat([
    entry(7, 2, Buffer.from('TEST volume\0', 'utf16le')),
    ...wanted.protections.map((protection) => protector(protection, keys)),
    sealed(3, keys.master, entry(0, 1, keyBody(method, keys.fvek)), 'nonce fvek'),
    ...(header === null ? [] : [entry(15, 15, place)]),
  ]);
  const whole = Math.ceil((112 + entries.length) / 16) * 16;
  const bytes = Buffer.alloc(whole + 8);
  bytes.write('-FVE-FS-', 0, 'latin1');
  bytes.writeUInt16LE(version === 1 ? whole : whole / 16, 8);
  bytes.writeUInt16LE(version, 10);
  bytes.writeUInt16LE(state, 12);
  bytes.writeUInt16LE(state, 14);
  bytes.writeBigUInt64LE(BigInt(wanted.clearFromBytes ?? clear.length), 16);
  bytes.writeUInt32LE(HEADER_BYTES / sectorBytes, 28);
  for (const [i, at] of copies.entries()) bytes.writeBigUInt64LE(BigInt(at), 32 + i * 8);
  bytes.writeBigUInt64LE(header === null ? clear.readBigUInt64LE(0x38) : BigInt(header), 56);
  bytes.writeUInt32LE(48 + entries.length, 64);
  bytes.writeUInt32LE(1, 68);
  bytes.writeUInt32LE(48, 72);
  bytes.writeUInt32LE(48 + entries.length, 76);
  bytes.fill(0xab, 80, 96);
  bytes.writeUInt16LE(method, 100);
  bytes.writeUInt16LE(method, 102);
  entries.copy(bytes, 112);
  return mended(bytes, whole);
}

/** With the checksum of a copy put right. */
export function mended(bytes: Buffer, length: number): Buffer {
  bytes.writeUInt16LE(8, length);
  bytes.writeUInt16LE(1, length + 2);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, length)), length + 4);
  return bytes;
}

function bootSector(
  bytes: Buffer,
  clear: Buffer,
  wanted: Wanted,
  copies: readonly number[],
  eow: number | null,
): void {
  const { version = 2, sectorBytes = 512, isToGo = false } = wanted;
  if (version === 1) {
    const clusterBytes = sectorBytes * clear.readUInt8(13);
    bytes.set([0xeb, 0x52, 0x90]);
    bytes.write('-FVE-FS-', 3, 'latin1');
    bytes.writeBigUInt64LE(BigInt((copies[0] ?? 0) / clusterBytes), 0x38);
    return;
  }
  bytes.fill(0, 0, 512);
  bytes.set([0xeb, 0x58, 0x90]);
  bytes.write(isToGo ? 'MSWIN4.1' : '-FVE-FS-', 3, 'latin1');
  bytes.writeUInt16LE(sectorBytes, 11);
  bytes.writeUInt8(8, 13);
  const at = isToGo ? 424 : 160;
  bytes.write(eow === null ? PLAIN_KIND : CONVERTED_KIND, at, 'hex');
  for (const [i, copy] of copies.entries()) bytes.writeBigUInt64LE(BigInt(copy), at + 16 + i * 8);
  if (eow !== null) bytes.writeBigUInt64LE(BigInt(eow), at + 40);
  bytes.writeUInt16LE(0xaa55, 510);
}

/** The state of an encryption under way: one region, whose bitmap follows, with a record that is older. */
function conversion(
  bytes: Buffer,
  at: number,
  clearChunks: readonly number[],
  sizeBytes: number,
): void {
  const chunks = sizeBytes / COPY_BYTES;
  const [bitmapAt, logAt] = [at + 4 * KIB, at + 32 * KIB];
  const head = Buffer.alloc(64);
  head.write('FVE-EOW\0', 0, 'latin1');
  head.writeUInt16LE(56, 8);
  head.writeUInt16LE(64, 10);
  for (const [i, value] of [512, 4096, COPY_BYTES, 4096, 512, 1].entries())
    head.writeUInt32LE(value, 12 + i * 4);
  head.writeBigUInt64LE(BigInt(at), 40);
  head.writeBigUInt64LE(BigInt(bitmapAt), 56);
  sealSum(head, 36, head.length).copy(bytes, at);
  const recordBytes = 36 + Math.ceil(chunks / 8);
  const bitmap = Buffer.alloc(64 + 2 * recordBytes);
  bitmap.write('FVE-EOWBM\0', 0, 'latin1');
  bitmap.writeUInt16LE(60, 10);
  bitmap.writeUInt32LE(bitmap.length, 12);
  bitmap.writeBigUInt64LE(BigInt(sizeBytes), 28);
  bitmap.writeBigUInt64LE(BigInt(logAt), 36);
  bitmap.writeUInt32LE(64, 44);
  bitmap.writeUInt32LE(64 + recordBytes, 48);
  bitmap.writeUInt32LE(recordBytes, 52);
  sealSum(bitmap, 56, 64);
  for (const [i, sequence] of [7n, 8n].entries()) {
    const record = bitmap.subarray(64 + i * recordBytes, 64 + (i + 1) * recordBytes);
    record.write('FVE-EOWBR\0', 0, 'latin1');
    record.writeUInt16LE(36, 10);
    record.writeUInt32LE(recordBytes, 12);
    record.writeUInt32LE(chunks, 16);
    record.writeBigUInt64LE(sequence, 20);
    record.fill(i === 0 ? 0 : 0xff, 36);
    for (const chunk of i === 0 ? [] : clearChunks) {
      const byte = 36 + Math.floor(chunk / 8);
      record.writeUInt8(record.readUInt8(byte) - 2 ** (chunk % 8), byte);
    }
    sealSum(record, 32, recordBytes);
  }
  bitmap.copy(bytes, bitmapAt);
}

/** With the checksum of the first bytes of a structure put right. */
export function sealSum(bytes: Buffer, at: number, length: number): Buffer {
  bytes.writeUInt32LE(0, at);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, length)), at);
  return bytes;
}

function encryptSector(
  method: number,
  key: Buffer,
  sector: Buffer,
  at: number,
  sectorBytes: number,
): Buffer {
  const number = Buffer.alloc(16);
  if (method >= 0x8004) {
    number.writeBigUInt64LE(BigInt(at / sectorBytes));
    return createCipheriv(`aes-${key.length * 4}-xts`, key, number).update(sector);
  }
  number.writeBigUInt64LE(BigInt(at));
  const isSmall = method === 0x8000 || method === 0x8002;
  const own = key.subarray(0, isSmall ? 16 : 32);
  const algorithm = `aes-${own.length * 8}`;
  const block = (k: Buffer, b: Buffer) =>
    createCipheriv(`${algorithm}-ecb`, k, null).setAutoPadding(false).update(b);
  const input =
    method < 0x8002
      ? diffused(sector, number, (b) => block(key.subarray(32, 32 + own.length), b))
      : sector;
  return createCipheriv(`${algorithm}-cbc`, own, block(own, number))
    .setAutoPadding(false)
    .update(input);
}

/** As the paper has it, forwards. */
function diffused(sector: Buffer, number: Buffer, block: (b: Buffer) => Buffer): Buffer {
  const second = Buffer.from(number);
  second[15] = 0x80;
  const key = Buffer.concat([block(number), block(second)]);
  const bytes = Buffer.from(sector.map((byte, i) => byte ^ (key[i % 32] ?? 0)));
  const d = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
  const n = d.length;
  const at = (i: number): number => d[((i % n) + n) % n] ?? 0;
  const turned = (value: number, bits: number) => ((value << bits) | (value >>> (32 - bits))) >>> 0;
  const layer = (turns: readonly number[], near: number, far: number) => {
    for (let i = n - 1; i >= 0; i--) {
      const turn = turns[i % 4] ?? 0;
      const other = turn === 0 ? at(i + far) : turned(at(i + far), turn);
      d[i] = (at(i) - ((at(i + near) ^ other) >>> 0)) >>> 0;
    }
  };
  for (let cycle = 0; cycle < 5; cycle++) layer([9, 0, 13, 0], -2, -5);
  for (let cycle = 0; cycle < 3; cycle++) layer([0, 10, 0, 25], 2, 5);
  for (const [i, word] of d.entries()) bytes.writeUInt32LE(word, i * 4);
  return bytes;
}
