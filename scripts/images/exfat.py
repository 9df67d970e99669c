"""exFAT: sector and cluster sizes, labels, a full volume, and one that was copied while it was mounted.

All are filled in the appliance, since many kernels are built without exFAT; only mkfs.exfat's serial
numbers are not fixed by its options, so they are written afterwards.

References: mkfs.exfat(8); Linux fs/exfat/super.c (exfat_statfs), fs/exfat/balloc.c.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fat import FULL, KIB, script
from lib.appliance import shell
from lib.image import MIB, Guest, Image
from lib.mounting import loop
from lib.tools import run, sparse_copy

PACKAGES = ("exfatprogs",)
BOOT_SECTORS = 11
LEFT_OUT = (106, 107, 112)

After = Callable[[Path], None]


def make(path: Path, number: int, options: str, sector_bytes: int) -> None:
    with loop(path, sector_bytes=sector_bytes) as device:
        run("mkfs.exfat", *options.split(), device)
    set_serial(path, 0xE8FA7000 + number, sector_bytes)


def set_serial(path: Path, serial: int, sector_bytes: int) -> None:
    """In both boot regions, with their checksums."""
    with open(path, "r+b") as file:
        for start in (0, (BOOT_SECTORS + 1) * sector_bytes):
            file.seek(start)
            region = bytearray(file.read(BOOT_SECTORS * sector_bytes))
            struct.pack_into("<I", region, 0x64, serial)
            file.seek(start)
            file.write(region + struct.pack("<I", checksum(region)) * (sector_bytes // 4))


def checksum(region: bytes) -> int:
    total = 0
    for at, byte in enumerate(region):
        if at not in LEFT_OUT:
            total = ((total << 31 | total >> 1) + byte) & 0xFFFFFFFF
    return total


def exfat(
    number: int,
    name: str,
    size_kib: int,
    options: str = "",
    files: int = 20,
    large_kib: int = 300,
    sector_bytes: int = 512,
    before: After | None = None,
) -> Image:
    """One filesystem on the whole disk; `before` changes it before the first mount."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB, sector_bytes)
        make(disk.path, number, options, sector_bytes)
        if before:
            before(disk.path)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], files, large_kib)

    return Image(name, build, PACKAGES, finish)


def fill_there(handle: Any, device: str, files: int, large_kib: int) -> None:
    handle.mount_vfs("", "exfat", device, "/")
    try:
        shell(handle, script(files, large_kib) + "; sync")
    finally:
        handle.umount_all()


def dirty(number: int, name: str, size_kib: int, options: str) -> Image:
    """Copied while it is mounted, after an fsync."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        make(disk.path, number, options, 512)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        path = guest.disks[0].path
        fill_there(handle, own["/dev/sda"], 20, 300)
        handle.mount_vfs("", "exfat", own["/dev/sda"], "/")
        try:
            shell(handle, script(12, 200, "-more"))
            shell(handle, "dd if=/dev/zero of=/sysroot/last bs=1k count=1 conv=fsync 2>/dev/null")
            copy = sparse_copy(path, path.with_suffix(".dirty"))
        finally:
            handle.umount_all()
        with open(copy, "rb") as file:
            file.seek(0x6A)
            assert file.read(1)[0] & 2, "the volume is not marked as mounted"
        copy.replace(path)

    return Image(name, build, PACKAGES, finish)


def wrong_percentage(path: Path) -> None:
    with open(path, "r+b") as file:
        file.seek(0x70)
        file.write(b"\x63")


def images() -> list[Image]:
    return [
        exfat(1, "exfat-default", 8 * KIB, "-L data"),
        exfat(2, "exfat-512", 4 * KIB, "-c 512"),
        exfat(3, "exfat-1k", 4 * KIB, "-c 1K", 40),
        exfat(4, "exfat-32k", 32 * KIB, "-c 32K -L caf\u00e9-\u732b"),
        exfat(5, "exfat-128k", 64 * KIB, "-c 128K"),
        exfat(6, "exfat-1m", 128 * KIB, "-c 1M", 12),
        exfat(7, "exfat-full", 4 * KIB, "-c 4K", 20, FULL // KIB),
        exfat(8, "exfat-sector-4096", 8 * KIB, "-c 4K", sector_bytes=4096),
        exfat(9, "exfat-packed-bitmap", 8 * KIB, "-c 512 --pack-bitmap"),
        exfat(10, "exfat-odd-size", 4 * KIB + 37, "-c 512 -b 4096"),
        exfat(11, "exfat-wrong-percentage", 4 * KIB, "-c 1K", before=wrong_percentage),
        exfat(12, "exfat-8g", 8 * MIB, "-c 4K", 12, 3000),
        dirty(90, "exfat-dirty", 4 * KIB, "-c 1K"),
        dirty(91, "exfat-dirty-4k", 8 * KIB, "-c 4K -L dirty"),
    ]
