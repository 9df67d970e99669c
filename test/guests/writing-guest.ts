// A guest without an operating system that writes: the BIOS starts its first sector, which goes through the disk by itself.
// References: INT 13h, AH=43h (BIOS Enhanced Disk Drive Services), the disk address packet; https://wiki.osdev.org/Disk_access_using_the_BIOS_(INT_13h)
import { chmodSync, writeFileSync } from 'node:fs';

const MIB = 1024 * 1024;
const SECTOR_BYTES = 512;
/** Sectors between two writes: a cluster of a scratch file. */
const STEP = 128;

/** Loaded at 0x7c00; 16-bit code. */
const CODE = [
  ...[0x31, 0xc0], //                               xor ax, ax
  ...[0x8e, 0xd8], //                               mov ds, ax
  ...[0xbe, 0x20, 0x7c], //                   next: mov si, packet
  ...[0xb8, 0x00, 0x43], //                         mov ax, 0x4300
  ...[0xb2, 0x80], //                               mov dl, 0x80
  ...[0xcd, 0x13], //                               int 0x13
  ...[0x81, 0x06, 0x28, 0x7c, STEP, 0x00], //       add word [packet+8], 128
  ...[0x81, 0x3e, 0x28, 0x7c, 0x00, 0x80], //       cmp word [packet+8], 0x8000
  ...[0x72, 0xe8], //                               jb next
  ...[0xf4, 0xeb, 0xfd], //                   end:  hlt; jmp end
  0x00,
  // packet: its length, one sector from 0000:7c00, and the sector that is written
  ...[0x10, 0x00, 0x01, 0x00, 0x00, 0x7c, 0x00, 0x00, STEP, 0, 0, 0, 0, 0, 0, 0],
];

/** A raw disk of 16 MiB without a zero; its guest writes a sector of every 64 KiB, from 64 KiB on, when it is started. */
export function makeWritingDisk(path: string): void {
  const disk = Buffer.alloc(16 * MIB, 0x11);
  disk.fill(0, 0, SECTOR_BYTES);
  Buffer.from(CODE).copy(disk);
  disk.writeUInt16LE(0xaa55, SECTOR_BYTES - 2);
  writeFileSync(path, disk);
  chmodSync(path, 0o666);
}
