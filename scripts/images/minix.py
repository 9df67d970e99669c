"""Minix and BFS, the small ones. The kernel that fills and mounts them is the appliance's.

References: mkfs.minix(8), mkfs.bfs(8); Linux fs/minix/inode.c (minix_statfs),
include/uapi/linux/minix_fs.h, fs/bfs/inode.c (bfs_statfs).
"""

from __future__ import annotations

import struct
from typing import Any

from lib.appliance import shell
from lib.image import MIB, Guest, Image
from lib.tools import run

PACKAGES = ("util-linux",)


def minix(name: str, size_bytes: int, options: str) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        run("mkfs.minix", *options.split(), disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, PACKAGES, fill_there, kernel="appliance")


def fill_there(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Names of at most 14 bytes; some files are deleted again."""
    handle.mount_vfs("", "minix", own["/dev/sda"], "/")
    try:
        shell(
            handle,
            """cd /sysroot; mkdir d0 d1; i=0; while [ $i -lt 30 ]; do
            head -c $((i * 211)) /dev/zero | tr '\\0' m > d$((i % 2))/f$i; i=$((i + 1)); done
            dd if=/dev/zero of=large bs=1024 count=300 2>/dev/null
            rm d0/f4 d1/f11 d1/f17; sync""",
        )
    finally:
        handle.umount_all()


def minix3(name: str, size_bytes: int, block_bytes: int, inodes: int) -> Image:
    """Version 3 with blocks of more than 1 KiB, which mkfs.minix does not make: an empty root
    directory, written here; the kernel then fills it."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        with open(disk.path, "r+b") as file:
            for offset, content in empty_minix3(size_bytes, block_bytes, inodes):
                file.seek(offset)
                file.write(content)
        guest.add_filesystem(disk)

    return Image(name, build, PACKAGES, fill_there, kernel="appliance")


def empty_minix3(size_bytes: int, block_bytes: int, inodes: int) -> list[tuple[int, bytes]]:
    """(offset, bytes) of the superblock, both bitmaps, the root inode and the root directory."""
    zones = size_bytes // block_bytes
    bits = block_bytes * 8
    imap_blocks, zmap_blocks = inodes // bits + 1, zones // bits + 1
    inode_blocks = -(-inodes * 64 // block_bytes)
    first = 2 + imap_blocks + zmap_blocks + inode_blocks
    superblock = struct.pack(
        "<IHHHHHHIIHHHB",
        inodes,
        0,
        imap_blocks,
        zmap_blocks,
        first,
        0,
        0,
        0x7FFFFFFF,
        zones,
        0x4D5A,
        0,
        block_bytes,
        0,
    )
    root = struct.pack("<4H4I10I", 0o40755, 2, 0, 0, 128, 0, 0, 0, first, *[0] * 9)
    entries = struct.pack("<I60sI60s", 1, b".", 1, b"..")
    # Bit 0 stands for nothing, bit 1 for the root inode or the first data zone.
    return [
        (1024, superblock),
        (2 * block_bytes, bitmap(inodes + 1, imap_blocks * bits)),
        ((2 + imap_blocks) * block_bytes, bitmap(zones - first + 1, zmap_blocks * bits)),
        ((2 + imap_blocks + zmap_blocks) * block_bytes, root),
        (first * block_bytes, entries),
    ]


def bitmap(valid_bits: int, total_bits: int) -> bytes:
    """Bits 0 and 1 in use, and all those beyond what they stand for."""
    value = 0b11 | (((1 << total_bits) - 1) ^ ((1 << valid_bits) - 1))
    return value.to_bytes(total_bits // 8, "little")


def bfs(name: str, size_bytes: int, options: str) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        run("mkfs.bfs", *options.split(), disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, PACKAGES, fill_flat, kernel="appliance")


def fill_flat(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """BFS has one directory and contiguous files."""
    handle.mount_vfs("", "bfs", own["/dev/sda"], "/")
    try:
        shell(
            handle,
            """cd /sysroot; i=0; while [ $i -lt 20 ]; do
            head -c $((i * 411)) /dev/zero | tr '\\0' b > f$i; i=$((i + 1)); done; rm f4 f19; sync""",
        )
    finally:
        handle.umount_all()


def images() -> list[Image]:
    return [
        minix("minix-v1-14", 1 * MIB, "-1 -n 14"),
        minix("minix-v1-30", 1 * MIB, "-1 -n 30 -i 96"),
        minix("minix-v2", 3 * MIB, "-2 -n 30"),
        minix("minix-v2-14", 2 * MIB, "-2 -n 14 -i 300"),
        minix("minix-v2-large", 120 * MIB, "-2 -n 30"),
        minix("minix-v3", 8 * MIB, "-3"),
        minix3("minix-v3-2k", 12 * MIB, 2048, 700),
        minix3("minix-v3-4k", 20 * MIB, 4096, 1000),
        bfs("bfs", 1 * MIB, "-N 60 -V volume -F files"),
        bfs("bfs-odd", 700 * 512, "-N 48"),
    ]
