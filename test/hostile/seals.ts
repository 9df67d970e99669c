// Makes checksums right again after a change: attackers do, and a change that a checksum stops tests nothing else.
// References: VHD 1.0; [MS-VHDX]; libewf's specification of E01; POSIX.1 ustar; the .xz file format; LUKS2 1.1.1.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { adler32 } from '../../src/container/ewf/adler32.js';
import {
  HEADER_BYTES,
  HEADERS,
  REGION_TABLES,
  sealed,
  TABLE_BYTES,
} from '../container/vhdx-image.js';
import { seal as sealVpc } from '../container/vpc-image.js';
import type { Editor } from './editor.js';

/** A range that a checksum covers, and that has it. */
export interface Seal {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Corrects the checksum in the bytes. */
  correct(bytes: Buffer): void;
}

/** What has checksums in a file that is as its program wrote it. */
export function sealsOf(file: Editor): readonly Seal[] {
  return [vpcSeals, vhdxSeals, ewfSeals, tarSeals, xzSeals, luks2Seals].flatMap((find) =>
    find(file),
  );
}

/** Corrects the checksums of what was changed. */
export function reseal(file: Editor, seals: readonly Seal[]): void {
  const changes = file.changes();
  for (const { offsetBytes, lengthBytes, correct } of seals) {
    const isHit = changes.some(
      ([at, length]) => at < offsetBytes + lengthBytes && at + length > offsetBytes,
    );
    const bytes = isHit ? file.read(offsetBytes, lengthBytes) : Buffer.alloc(0);
    if (bytes.length < lengthBytes || !isHit) continue;
    correct(bytes);
    file.write(offsetBytes, bytes);
  }
}

function textAt(file: Editor, offset: number, length: number): string {
  return file.read(offset, length).toString('latin1');
}

function vpcSeals(file: Editor): readonly Seal[] {
  const seals: Seal[] = [];
  const size = file.sizeBytes();
  for (const offsetBytes of new Set([0, 512, 1024, 1536, size - 512])) {
    const magic = offsetBytes < 0 ? '' : textAt(file, offsetBytes, 8);
    if (magic === 'conectix')
      seals.push({ offsetBytes, lengthBytes: 512, correct: (bytes) => sealVpc(bytes, 64) });
    if (magic === 'cxsparse')
      seals.push({ offsetBytes, lengthBytes: 1024, correct: (bytes) => sealVpc(bytes, 36) });
  }
  return seals;
}

const VHDX_LOG_PAGE = 4096;

function vhdxSeals(file: Editor): readonly Seal[] {
  if (textAt(file, 0, 8) !== 'vhdxfile') return [];
  const areas = [
    ...HEADERS.map((at) => [at, HEADER_BYTES] as const),
    ...REGION_TABLES.map((at) => [at, TABLE_BYTES] as const),
  ];
  const header = file.read(HEADERS[0] ?? 0, HEADER_BYTES);
  const log = Number(header.readBigUInt64LE(72));
  for (let at = log; at < log + header.readUInt32LE(68); at += VHDX_LOG_PAGE) {
    const entry = file.read(at, 64);
    if (entry.toString('latin1', 0, 4) === 'loge') areas.push([at, entry.readUInt32LE(8)]);
  }
  return areas.map(([offsetBytes, lengthBytes]) => ({ offsetBytes, lengthBytes, correct: sealed }));
}

/** The last four bytes are the checksum of those before. */
function adlerAtEnd(offsetBytes: number, lengthBytes: number): Seal {
  const correct = (bytes: Buffer): void => {
    bytes.writeUInt32LE(adler32(bytes.subarray(0, -4)), bytes.length - 4);
  };
  return { offsetBytes, lengthBytes, correct };
}

const [EWF_HEAD, EWF_SECTION, EWF_TABLE] = [13, 76, 24];
const MAX_SECTIONS = 1000;

function ewfSeals(file: Editor): readonly Seal[] {
  if (!['EVF\t', 'LVF\t'].includes(textAt(file, 0, 4))) return [];
  const seals: Seal[] = [];
  let at = EWF_HEAD;
  for (let i = 0; i < MAX_SECTIONS; i++) {
    const head = file.read(at, EWF_SECTION);
    if (head.length < EWF_SECTION) break;
    const kind = head.toString('latin1', 0, 16).replace(/\0.*$/su, '');
    const [next, length] = [Number(head.readBigUInt64LE(16)), Number(head.readBigUInt64LE(24))];
    const body = at + EWF_SECTION;
    seals.push(adlerAtEnd(at, EWF_SECTION));
    if (['volume', 'disk'].includes(kind)) seals.push(adlerAtEnd(body, length - EWF_SECTION));
    if (['table', 'table2'].includes(kind)) {
      const count = file.read(body, 4).readUInt32LE();
      seals.push(adlerAtEnd(body, EWF_TABLE), adlerAtEnd(body + EWF_TABLE, count * 4 + 4));
    }
    if (next <= at) break;
    at = next;
  }
  return seals.filter(({ lengthBytes }) => lengthBytes > 4);
}

const TAR_BLOCK = 512;

function tarSeals(file: Editor): readonly Seal[] {
  const seals: Seal[] = [];
  for (let at = 0; textAt(file, at + 257, 5) === 'ustar' && seals.length < MAX_SECTIONS; ) {
    seals.push({ offsetBytes: at, lengthBytes: TAR_BLOCK, correct: correctTar });
    const size = Number.parseInt(textAt(file, at + 124, 11), 8);
    at += TAR_BLOCK + Math.ceil((size || 0) / TAR_BLOCK) * TAR_BLOCK;
  }
  return seals;
}

function correctTar(bytes: Buffer): void {
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

/** The header of the file, that of its first block, the index of its last stream, and the end. */
function xzSeals(file: Editor): readonly Seal[] {
  const size = file.sizeBytes();
  if (file.read(0, 6).toString('hex') !== 'fd377a585a00') return [];
  const crcAtEnd = (offsetBytes: number, lengthBytes: number): Seal => ({
    offsetBytes,
    lengthBytes,
    correct: (bytes) => {
      bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
    },
  });
  const footer = file.read(size - 12, 12);
  const index = footer.toString('latin1', 10) === 'YZ' ? (footer.readUInt32LE(4) + 1) * 4 : 0;
  return [
    crcAtEnd(6, 6),
    crcAtEnd(12, ((file.read(12, 1)[0] ?? 0) + 1) * 4),
    ...(index === 0 ? [] : [crcAtEnd(size - 12 - index, index)]),
    {
      offsetBytes: size - 12,
      lengthBytes: 12,
      correct: (bytes) => {
        bytes.writeUInt32LE(crc32(bytes.subarray(4, 10)), 0);
      },
    },
  ];
}

const LUKS2_CHECKSUM = 448;

function luks2Seals(file: Editor): readonly Seal[] {
  const head = file.read(0, 16);
  if (!head.toString('hex').startsWith('4c554b53babe0002')) return [];
  const lengthBytes = Number(head.readBigUInt64BE(8));
  const correct = (bytes: Buffer): void => {
    bytes.fill(0, LUKS2_CHECKSUM, LUKS2_CHECKSUM + 64);
    createHash('sha256').update(bytes).digest().copy(bytes, LUKS2_CHECKSUM);
  };
  return [0, lengthBytes].map((offsetBytes) => ({ offsetBytes, lengthBytes, correct }));
}
