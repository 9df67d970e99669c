// The checksums of volume groups and arrays, as filesystem-seals.ts has those of filesystems.
// References: lvm2 lib/format_text/layout.h, text_label.c, format-text.c; Linux drivers/md/md.c: calc_sb_1_csum; AOSP
// system/core/fs_mgr/liblp/include/liblp/metadata_format.h.
import { createHash } from 'node:crypto';
import { lvm2Crc32 } from '../../src/bytes/crc32.js';
import { own, type Seal, type SealedFile } from './seal.js';

const SECTOR = 512;
const AREA_MAGIC = ' LVM2 x[5A%r0N*>';
const MAX_TEXT_BYTES = 1024 * 1024;

/** The label; the header of a metadata area, and the text whose checksum it bears. */
export function lvm2(_file: SealedFile, at: number, head: Buffer): readonly Seal[] {
  if (head.toString('latin1', 0, 8) === 'LABELONE') {
    return [own(at, SECTOR, 16, 4, (bytes) => lvm2Crc32(bytes.subarray(20)))];
  }
  if (head.toString('latin1', 4, 20) !== AREA_MAGIC) return [];
  const [offset, textBytes] = [Number(head.readBigUInt64LE(40)), Number(head.readBigUInt64LE(48))];
  const text: Seal = {
    offsetBytes: at + offset,
    lengthBytes: textBytes,
    correct(file) {
      const stored = Buffer.alloc(4);
      stored.writeUInt32LE(lvm2Crc32(file.read(at + offset, textBytes)));
      file.write(at + 56, stored);
    },
  };
  const header = own(at, SECTOR, 0, 4, (bytes) => lvm2Crc32(bytes.subarray(4)));
  return textBytes > MAX_TEXT_BYTES ? [header] : [text, header];
}

const MD_MAGIC = 0xa92b4efc;
const MD_FIXED_BYTES = 256;

/** The superblock of version 1: the sum of its words, whose upper half is added to the lower one. */
export function md(_file: SealedFile, at: number, head: Buffer): readonly Seal[] {
  if (head.readUInt32LE(0) !== MD_MAGIC || head.readUInt32LE(4) !== 1) return [];
  const lengthBytes = MD_FIXED_BYTES + 2 * Math.min(head.readUInt32LE(220), 1024);
  const sum = (bytes: Buffer): number => {
    let total = 0;
    let i = 0;
    for (; i + 4 <= bytes.length; i += 4) total += bytes.readUInt32LE(i);
    if (i + 2 <= bytes.length) total += bytes.readUInt16LE(i);
    return ((total % 2 ** 32) + Math.floor(total / 2 ** 32)) % 2 ** 32;
  };
  return [own(at, lengthBytes, 216, 4, sum)];
}

const GEOMETRY_MAGIC = 0x616c4467;
const METADATA_MAGIC = 0x414c5030;

/** The geometry; the tables, whose SHA-256 is in the header, and then the header. */
export function liblp(_file: SealedFile, at: number, head: Buffer): readonly Seal[] {
  const magic = head.readUInt32LE(0);
  if (magic === GEOMETRY_MAGIC) return [hashed(at, 52, 8)];
  if (magic !== METADATA_MAGIC) return [];
  const [headBytes, tableBytes] = [head.readUInt32LE(8), head.readUInt32LE(44)];
  const tables: Seal = {
    offsetBytes: at + headBytes,
    lengthBytes: tableBytes,
    correct(file) {
      const sum = createHash('sha256').update(file.read(at + headBytes, tableBytes));
      file.write(at + 48, sum.digest());
    },
  };
  return tableBytes > MAX_TEXT_BYTES || headBytes > 4096 ? [] : [tables, hashed(at, headBytes, 12)];
}

/** A SHA-256 that lies in its own range, in which it is taken for zeros. */
function hashed(offsetBytes: number, lengthBytes: number, at: number): Seal {
  return {
    offsetBytes,
    lengthBytes,
    correct(file) {
      const bytes = file.read(offsetBytes, lengthBytes).fill(0, at, at + 32);
      file.write(offsetBytes + at, createHash('sha256').update(bytes).digest());
    },
  };
}
