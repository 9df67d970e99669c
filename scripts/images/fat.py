"""FAT12, FAT16 and FAT32: sector and cluster sizes, bad clusters, labels, and boot sectors that look like tables.

All are filled in the appliance, since many kernels are built without FAT. A dirty one is copied on the
host while the appliance has it mounted, after an fsync: the FAT is then on the disk, and FSINFO is not.

References: mkfs.fat(8), mlabel(1); Linux fs/fat/inode.c (fat_fill_super, fat_statfs).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.appliance import in_appliance_name, shell
from lib.image import MIB, Container, Guest, Image, Part
from lib.tools import run, sparse_copy

PACKAGES = ("dosfstools",)
KIB = 1024
FULL = 10**9
SECTOR = 512
STATE_16, STATE_32 = 0x25, 0x41
FSINFO_FREE = 488

After = Callable[[Path], None]


def make(target: object, number: int, options: str = "") -> None:
    run("mkfs.fat", "-i", f"fa7{number:05x}", *options.split(), target)


def script(files: int, large_kib: int, name: str = "") -> str:
    """Files of many sizes, some deleted again, and a large one, as far as it fits."""
    return f"""
        cd /sysroot; mkdir -p d0{name} d1{name}
        i=0; while [ $i -lt {files} ]; do
            head -c $((i * i * 7 % 9000)) /dev/zero > d$((i % 2)){name}/file-number-$i; i=$((i + 1)); done
        dd if=/dev/zero of=large{name}.bin bs=1k count={large_kib} 2>/dev/null || true
        rm -f d1{name}/file-number-3 d0{name}/file-number-10"""


def fat(
    number: int,
    name: str,
    size_kib: float,
    options: str = "",
    files: int = 30,
    large_kib: int = 300,
    before: After | None = None,
    container: Container = Container(),
    sector_bytes: int = 512,
) -> Image:
    """One filesystem on the whole disk; `before` changes it before the first mount."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_kib * KIB), sector_bytes)
        make(disk.path, number, options)
        if before:
            before(disk.path)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], files, large_kib)

    return Image(name, build, PACKAGES, finish, container)


def fill_there(handle: Any, device: str, files: int, large_kib: int) -> None:
    handle.mount_vfs("", "vfat", device, "/")
    try:
        shell(handle, script(files, large_kib) + "; sync")
    finally:
        handle.umount_all()


def dirty(number: int, name: str, size_kib: int, options: str) -> Image:
    """Copied while it is mounted, after an fsync."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        make(disk.path, number, options)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        path = guest.disks[0].path
        fill_there(handle, own["/dev/sda"], 30, 300)
        handle.mount_vfs("", "vfat", own["/dev/sda"], "/")
        try:
            shell(handle, script(12, 200, "-more"))
            shell(handle, "dd if=/dev/zero of=/sysroot/last bs=1k count=1 conv=fsync 2>/dev/null")
            copy = sparse_copy(path, path.with_suffix(".dirty"))
        finally:
            handle.umount_all()
        assert_stale(copy)
        copy.replace(path)

    return Image(name, build, PACKAGES, finish)


def assert_stale(path: Path) -> None:
    """Marked as mounted; on FAT32 FSINFO, which only a sync writes, counts other clusters than the FAT has."""
    with open(path, "rb") as file:
        boot = file.read(SECTOR)
        is_32 = boot[22:24] == bytes(2)
        assert boot[STATE_32 if is_32 else STATE_16] & 1, "the volume is not marked as mounted"
        if not is_32:
            return
        file.seek(SECTOR + FSINFO_FREE)
        counted = struct.unpack("<I", file.read(4))[0]
        reserved = struct.unpack_from("<H", boot, 14)[0]
        length = struct.unpack_from("<I", boot, 36)[0]
        file.seek(reserved * SECTOR)
        table = struct.unpack(f"<{length * SECTOR // 4}I", file.read(length * SECTOR))
    sectors = struct.unpack_from("<I", boot, 32)[0] or struct.unpack_from("<H", boot, 19)[0]
    clusters = (sectors - reserved - length * boot[16]) // boot[13]
    free = sum(entry & 0x0FFFFFFF == 0 for entry in table[2 : clusters + 2])
    assert counted != free, "FSINFO is not stale"


def patched(at: int, data: bytes) -> After:
    def patch(path: Path) -> None:
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(data)

    return patch


def both(*changes: After) -> After:
    def change(path: Path) -> None:
        for one in changes:
            one(path)

    return change


def root_label(label: str) -> After:
    """The label in the root directory; the boot sector's stays or follows, as mlabel has it."""
    return lambda path: void(run("mlabel", "-i", path, f"::{label}"))


def void(_: object) -> None:
    return None


def grown(size_kib: int) -> After:
    """More sectors than the FAT has entries for."""

    def grow(path: Path) -> None:
        with open(path, "r+b") as file:
            file.truncate(size_kib * KIB)
            file.seek(19)
            file.write(bytes(2))
            file.seek(32)
            file.write(struct.pack("<I", size_kib * KIB // SECTOR))

    return grow


def with_bad_blocks(number: int, name: str, size_kib: int, options: str, blocks: list[int]) -> Image:
    """Blocks of 1 KiB that mkfs.fat is told are bad."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        listed = guest.directory / "bad-blocks"
        listed.write_text("".join(f"{block}\n" for block in blocks))
        make(disk.path, number, f"{options} -l {listed}")
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], 20, 200)

    return Image(name, build, PACKAGES, finish)


def in_partitions(guest: Guest) -> None:
    """An EFI system partition and one for data, behind each other in an MBR."""
    disk = guest.add_disk(48 * MIB)
    run("sfdisk", "-q", disk.path, stdin="label: dos\nlabel-id: 0xfa700001\n2048,8192,ef\n10240,,c\n")
    parts = ((1, 1 * MIB, 4 * MIB, "-F 12 -n ESP"), (2, 5 * MIB, 43 * MIB, "-F 32 -s 1 -n DATA"))
    for number, offset, size, options in parts:
        volume = guest.directory / f"part{number}.raw"
        with open(volume, "wb") as file:
            file.truncate(size)
        make(volume, 500 + number, options)
        run("dd", f"if={volume}", f"of={disk.path}", "bs=1M", f"seek={offset // MIB}", "conv=notrunc,sparse")
        volume.unlink()
        guest.filesystems.append(Part(f"/dev/sda{number}", disk, offset, size))


def fill_partitions(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    for number in (1, 2):
        handle.mount_vfs("", "vfat", in_appliance_name(f"/dev/sda{number}", own), "/")
        try:
            shell(handle, script(12, 100) + "; sync")
        finally:
            handle.umount_all()


# Boot code that reads as a bootable partition of type 0x0c from sector 63 on, within the disk.
BOOT_CODE_TABLE = bytes.fromhex("80010100 0cfe3f00 3f000000 c1030000")
# The same, far outside the disk, so that no table can be meant.
BOOT_CODE_NONSENSE = bytes.fromhex("80010100 20746865 206e6578 74207379")


def small_ones() -> list[Image]:
    return [
        fat(1, "fat12-floppy", 1440, "-n FLOPPY", 10, 100),
        fat(2, "fat12-4m", 4 * KIB, "-F 12", 20),
        fat(3, "fat12-most-clusters", 2070.5, "-F 12 -a -s 1 -r 512"),
        fat(4, "fat12-full", 2 * KIB, "-F 12 -n NEARLYFULL", 20, FULL // KIB),
        with_bad_blocks(5, "fat12-bad-clusters", 2 * KIB, "-F 12 -s 1", [500, 501, 777, 1300]),
        fat(6, "fat12-sector-4096", 8 * KIB, "-F 12 -S 4096 -s 1"),
        fat(29, "fat16-fewest-clusters", 2076, "-F 16 -a -s 1 -r 512"),
        fat(20, "fat16-16m", 16 * KIB, "-F 16 -n MY-DATA"),
        fat(21, "fat16-2k", 16 * KIB, "-F 16 -s 4 -r 1024"),
        fat(22, "fat16-full", 8 * KIB, "-F 16 -s 1", 40, FULL // KIB),
        fat(23, "fat16-one-fat", 8 * KIB, "-F 16 -s 2 -f 1 -R 7"),
        fat(24, "fat16-sector-1024", 16 * KIB, "-F 16 -S 1024 -s 1"),
        fat(25, "fat16-sector-2048", 32 * KIB, "-F 16 -S 2048 -s 1"),
        with_bad_blocks(26, "fat16-bad-clusters", 8 * KIB, "-F 16 -s 1", [1000, 1001, 4000, 7000]),
        fat(27, "fat16-short-fat", 8 * KIB, "-F 16 -s 1", before=grown(20 * KIB)),
        fat(28, "fat16-32k", 150 * KIB, "-F 16 -s 64"),
    ]


def large_ones() -> list[Image]:
    return [
        fat(50, "fat32-34m", 34 * KIB, "-F 32 -s 1 -n DATA", 60),
        fat(51, "fat32-few-clusters", 4 * KIB, "-F 32 -s 1"),
        fat(52, "fat32-sector-1024", 8 * KIB, "-F 32 -S 1024 -s 1"),
        fat(53, "fat32-sector-2048", 16 * KIB, "-F 32 -S 2048 -s 1"),
        fat(54, "fat32-sector-4096", 32 * KIB, "-F 32 -S 4096 -s 1"),
        fat(55, "fat32-full", 8 * KIB, "-F 32 -s 1", 40, FULL // KIB),
        with_bad_blocks(56, "fat32-bad-clusters", 8 * KIB, "-F 32 -s 1", [1000, 1001, 4000, 7000]),
        fat(57, "fat32-64k", 512 * KIB, "-F 32 -s 128"),
        fat(58, "fat32-8g", 8 * MIB, "-F 32 -s 8", 20, 5000),
        fat(59, "fat32-wrong-fsinfo", 8 * KIB, "-F 32 -s 1", before=patched(SECTOR + FSINFO_FREE, b"\x07\0\0\0")),
        fat(60, "fat32-reserved-64", 8 * KIB, "-F 32 -s 1 -R 64 -f 3"),
    ]


def labels() -> list[Image]:
    boot_only = patched(43, b"BOOTONLY   ")
    return [
        fat(70, "fat12-label-boot-only", 2 * KIB, "-F 12 -s 1", before=boot_only),
        fat(71, "fat16-label-differs", 8 * KIB, "-F 16 -s 1 -n ROOTLABEL", before=boot_only),
        fat(72, "fat32-label-changed", 34 * KIB, "-F 32 -s 1 -n FIRST", before=root_label("SECOND ONE")),
        fat(73, "fat32-label-deleted", 8 * KIB, "-F 32 -s 1 -n GONE", before=deleted_label),
    ]


def deleted_label(path: Path) -> None:
    """The entry in the root directory is erased; the boot sector keeps its label."""
    data = path.read_bytes()
    at = data.rindex(b"GONE       \x08")
    patched(at, b"\xe5")(path)


def like_tables() -> list[Image]:
    return [
        fat(80, "fat32-fake-table", 8 * KIB, "-F 32 -s 1 --mbr=y"),
        fat(81, "fat16-boot-code", 8 * KIB, "-F 16 -s 1", before=patched(446, BOOT_CODE_NONSENSE)),
        Image("fat-partitions", in_partitions, PACKAGES, fill_partitions),
    ]


def images() -> list[Image]:
    return small_ones() + large_ones() + labels() + like_tables() + [
        dirty(90, "fat12-dirty", 2 * KIB, "-F 12 -s 1"),
        dirty(91, "fat16-dirty", 8 * KIB, "-F 16 -s 1"),
        dirty(92, "fat32-dirty", 8 * KIB, "-F 32 -s 1 -n DIRTY"),
    ]
