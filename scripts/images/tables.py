"""Partition tables of other systems, and those within a partition of an MBR, with the partitions that a kernel finds.

The numbers, starts and sizes are those of a kernel that has these tables (lib/partscan.py); of tables that no kernel of Linux
has, another program's. References: parted(8), sfdisk(8), fdisk(8); Linux block/partitions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import ext
from lib.fill import fill
from lib.image import MIB, Disk, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.partscan import scan
from lib.tools import run

SECTOR = 512


def note(guest: Guest, disk: Disk) -> None:
    """The kernel's partitions."""
    kernel, [found] = scan([disk.path], disk.sector_bytes)
    guest.facts["partition_kernel"] = f"Linux {kernel} (Debian)"
    for row in found:
        device = f"{guest.device(disk)}{row['number']}"
        guest.partitions.append({"device": device, "offset_bytes": row["offset_bytes"], "size_bytes": row["size_bytes"]})


def part_of(guest: Guest, number: int) -> Part:
    row = next(row for row in guest.partitions if row["device"] == f"/dev/sda{number}")
    return Part(row["device"], guest.disks[0], row["offset_bytes"], row["size_bytes"])


def put(guest: Guest, number: int, seed: int, options: str = "-t ext4 -b 1024", files: int = 12) -> None:
    """A filesystem of ext in one of the partitions that the kernel found."""
    part = part_of(guest, number)
    assert part.disk is not None
    with loop(part.disk.path, part.offset_bytes, part.size_bytes) as node:
        ext.make(node, seed, options)
        with mounted(node) as root:
            fill(root, files)
    guest.filesystems.append(part)


def put_fat(guest: Guest, number: int, label: str) -> None:
    part = part_of(guest, number)
    assert part.disk is not None
    with loop(part.disk.path, part.offset_bytes, part.size_bytes) as node:
        run("mkfs.vfat", "-i", "5a5a0001", "-n", label, node)
    guest.filesystems.append(part)


def write(disk: Disk, offset_bytes: int, content: bytes) -> None:
    with open(disk.path, "r+b") as file:
        file.seek(offset_bytes)
        file.write(content)


def parted(kind: str, *words: str) -> Callable[[Guest], Disk]:
    """A disk of 24 MiB with a table that parted writes."""

    def build(guest: Guest) -> Disk:
        disk = guest.add_disk(24 * MIB)
        run("parted", "-s", disk.path, "mklabel", kind, *words)
        note(guest, disk)
        return disk

    return build


MAKE = {
    "sun": "mkpart ext2 1MiB 9MiB mkpart ext2 9MiB 20MiB",
    "mac": "mkpart one ext2 1MiB 9MiB mkpart two ext2 9MiB 20MiB",
    "dvh": "mkpart primary 3MiB 9MiB mkpart primary 9MiB 20MiB",
    "amiga": "mkpart DH0 ext2 1MiB 9MiB mkpart DH1 ext2 9MiB 20MiB",
    "bsd": "mkpart ext2 1MiB 9MiB mkpart ext2 9MiB 20MiB",
}


def two(kind: str, first: int, second: int) -> Callable[[Guest], None]:
    def build(guest: Guest) -> None:
        parted(kind, *MAKE[kind].split())(guest)
        put(guest, first, 700, files=10)
        put(guest, second, 701, "-t ext2 -b 1024")

    return build


def checksum(label: bytearray, at: int) -> None:
    struct.pack_into("<H", label, at, 0)
    value = 0
    for (word,) in struct.iter_unpack("<H", bytes(label)):
        value ^= word
    struct.pack_into("<H", label, at, value)


def disklabel(partitions: list[tuple[int, int, int]], version: int = 0, sector_bytes: int = SECTOR) -> bytes:
    """A BSD's label: partitions are (first sector, number of sectors, type)."""
    label = bytearray(148 + 16 * len(partitions))
    struct.pack_into("<IHH16s16sIIIIII", label, 0, 0x82564557, 4, 0, b"image", b"virt-df", sector_bytes, 32, 64, 24, 2048, 49152)
    struct.pack_into("<H", label, 114, version)
    struct.pack_into("<IHHII", label, 132, 0x82564557, 0, len(partitions), 8192, 8192)
    for index, (first, count, kind) in enumerate(partitions):
        if version == 1:
            words = struct.pack("<IIHHBBH", count & 0xFFFFFFFF, first & 0xFFFFFFFF, first >> 32, count >> 32, kind, 0, 1)
        else:
            words = struct.pack("<IIIBBH", count, first, 2048, kind, 8, 1)
        label[148 + 16 * index : 164 + 16 * index] = words
    checksum(label, 136)
    return bytes(label)


# The type of 4.2BSD, of swap, and of what is ext on a BSD.
FFS, SWAP, EXT, UNUSED = 7, 1, 17, 0


def dos(guest: Guest, size_bytes: int, script: str) -> Disk:
    disk = guest.add_disk(size_bytes)
    run("sfdisk", "--quiet", disk.path, stdin=f"label: dos\nlabel-id: 0x5a5a0010\n{script}")
    return disk


def mbr_bsd(guest: Guest) -> None:
    """Slices of FreeBSD, OpenBSD and NetBSD, with a logical partition before them: sda5 is that one, the BSDs' follow."""
    disk = dos(
        guest,
        48 * MIB,
        "start=2048, size=20480, type=a5\nstart=22528, size=20480, type=a6\nstart=43008, size=20480, type=a9\n"
        "start=63488, size=32768, type=5\nstart=65536, size=8192, type=83\n",
    )
    # FreeBSD counts from where its slice begins, the others from where the disk does.
    write(disk, (2048 + 1) * SECTOR, disklabel([(16, 8192, EXT), (8208, 2048, SWAP), (0, 20480, UNUSED), (10256, 10224, EXT)]))
    base = 22528
    outside = (65536, 8192, EXT)
    write(disk, (base + 1) * SECTOR, disklabel([(base + 64, 8192, EXT), (base + 8256, 1024, SWAP), (0, 98304, UNUSED), (base + 9280, 11200, EXT), outside], 1))
    base = 43008
    write(disk, (base + 1) * SECTOR, disklabel([(base + 63, 10000, EXT), (base + 10063, 1024, SWAP), (base, 20480, FFS), (0, 98304, UNUSED), (base + 12288, 8192, EXT)]))
    note(guest, disk)
    for number, seed in ((5, 710), (6, 711), (8, 712), (9, 713), (11, 714), (12, 715), (14, 716)):
        put(guest, number, seed, "-t ext2 -b 1024", files=5)


def mbr_freebsd_absolute(guest: Guest) -> None:
    """An older label of FreeBSD counts from where the disk begins: its `c` does."""
    disk = dos(guest, 16 * MIB, "start=63, size=30000, type=a5\n")
    write(disk, 64 * SECTOR, disklabel([(63 + 16, 12288, EXT), (12367, 2048, SWAP), (63, 30000, UNUSED), (14415, 15000, EXT)]))
    note(guest, disk)
    put(guest, 5, 720, "-t ext2 -b 1024", files=5)
    put(guest, 7, 721, "-t ext2 -b 1024", files=5)


def solaris_vtoc(slices: list[tuple[int, int, int, int]]) -> bytes:
    """Slices are (tag, flags, first sector, number of sectors)."""
    table = bytearray(SECTOR)
    struct.pack_into("<III I I 8s HH", table, 0, 0, 0, 0, 0x600DDEEE, 1, b"virt-df", SECTOR, 16)
    for index, one in enumerate(slices):
        struct.pack_into("<HHII", table, 72 + 12 * index, *one)
    return bytes(table)


def mbr_inner(guest: Guest) -> None:
    """Solaris beside Linux swap of the same type, and Minix with subpartitions."""
    disk = dos(
        guest,
        40 * MIB,
        "start=2048, size=2048, type=82\nstart=4096, size=24576, type=82\nstart=28672, size=20480, type=81\nstart=49152, size=20480, type=bf\n",
    )
    with loop(disk.path, 2048 * SECTOR, 2048 * SECTOR) as node:
        run("mkswap", "-U", "5a5a5a5a-0000-4000-8000-0000000000b1", node)
    write(disk, (4096 + 1) * SECTOR, solaris_vtoc([(2, 0, 2048, 8192), (3, 1, 512, 1024), (5, 0, 0, 24576), (0, 0, 10240, 0), (8, 0, 12288, 12288)]))
    record = bytearray(SECTOR)
    for index, (first, count) in enumerate(((28736, 8192), (36928, 10240))):
        struct.pack_into("<B3sB3sII", record, 446 + 16 * index, 0, b"", 0x81, b"", first, count)
    record[510:] = b"\x55\xaa"
    write(disk, 28672 * SECTOR, bytes(record))
    write(disk, (49152 + 1) * SECTOR, solaris_vtoc([(2, 0, 1024, 16384), (1, 0, 1, 1023), (5, 0, 0, 20480)]))
    note(guest, disk)
    for number, seed in ((5, 730), (8, 731), (9, 732), (10, 733), (11, 734)):
        put(guest, number, seed, "-t ext2 -b 1024", files=5)
    guest.volumes.append(part_of(guest, 1))


def atari(primary: list[tuple[str, int, int]], icd: list[tuple[str, int, int]] | None = None) -> bytes:
    """A root sector of AHDI: entries are (type, first sector, number of sectors)."""
    sector = bytearray(SECTOR)
    struct.pack_into(">I", sector, 450, 2048 * 40)
    for at, entries in ((454, primary), (342, icd or [])):
        for index, (kind, first, count) in enumerate(entries):
            struct.pack_into(">B3sII", sector, at + 12 * index, 1, kind.encode(), first, count)
    return bytes(sector)


def atari_xgm(guest: Guest) -> None:
    """Two primary partitions and a chain of three, one of them FAT."""
    disk = guest.add_disk(40 * MIB)
    write(disk, 0, atari([("BGM", 2048, 16384), ("XGM", 20480, 49152), ("LNX", 71680, 10000)]))
    write(disk, 20480 * SECTOR, atari([("LNX", 64, 16000), ("XGM", 16384, 16384)]))
    write(disk, 36864 * SECTOR, atari([("GEM", 64, 16000), ("XGM", 32768, 16384)]))
    write(disk, 53248 * SECTOR, atari([("LNX", 64, 16000)]))
    note(guest, disk)
    put_fat(guest, 1, "BIG")
    put(guest, 2, 740, "-t ext2 -b 1024", files=5)
    put_fat(guest, 3, "SMALL")
    put(guest, 4, 741, "-t ext2 -b 1024", files=5)
    put(guest, 5, 742, "-t ext2 -b 1024", files=5)


def atari_icd(guest: Guest) -> None:
    """Four primary partitions, one of them not in use, and three of ICD's."""
    disk = guest.add_disk(40 * MIB)
    entries = [("LNX", 2048, 8192), ("GEM", 10240, 8192), ("SWP", 18432, 2048)]
    write(disk, 0, atari(entries, [("LNX", 20480, 8192), ("BGM", 28672, 16384), ("MIX", 45056, 1000), ("RAW", 47104, 8192)]))
    note(guest, disk)
    put(guest, 1, 750, "-t ext2 -b 1024", files=5)
    put_fat(guest, 2, "SMALL")
    put(guest, 5, 751, "-t ext2 -b 1024", files=5)
    put_fat(guest, 6, "BIG")
    put(guest, 8, 752, "-t ext2 -b 1024", files=5)


def mac_2048(guest: Guest) -> None:
    """A map in blocks of 2048 bytes, as on discs."""
    disk = guest.add_disk(24 * MIB)
    write(disk, 0, struct.pack(">2sHI", b"ER", 2048, 24 * MIB // 2048))
    parts = [(1, 15, "Apple", "Apple_partition_map"), (512, 4096, "one", "Apple_UNIX_SVR2"), (4608, 6144, "two", "Apple_UNIX_SVR2")]
    for index, (first, count, name, kind) in enumerate(parts):
        entry = struct.pack(">2sHIII32s32sII", b"PM", 0, len(parts), first, count, name.encode(), kind.encode(), 0, count)
        write(disk, 2048 * (1 + index), entry)
    note(guest, disk)
    put(guest, 2, 760, "-t ext2 -b 1024", files=5)
    put(guest, 3, 761, "-t ext2 -b 1024", files=5)


def pc98(guest: Guest) -> None:
    """Linux has no parser of it: parted's own listing is what is noted."""
    disk = guest.add_disk(24 * MIB)
    run("parted", "-s", disk.path, "mklabel", "pc98", "mkpart", "primary", "1024s", "16383s", "mkpart", "primary", "16384s", "45055s")
    for row in run("parted", "-m", "-s", disk.path, "unit", "s", "print").splitlines():
        words = row.split(":")
        if words[0].isdigit():
            first, count = int(words[1][:-1]), int(words[3][:-1])
            guest.partitions.append({"device": f"/dev/sda{words[0]}", "offset_bytes": first * SECTOR, "size_bytes": count * SECTOR})
    guest.facts["partition_kernel"] = "none: parted's listing"
    put(guest, 1, 770, "-t ext2 -b 1024", files=5)
    put(guest, 2, 771, "-t ext2 -b 1024", files=5)


def unixware(guest: Guest) -> None:
    """Slices of UnixWare, whose first is all of the disk."""
    disk = dos(guest, 24 * MIB, "start=2048, size=40960, type=63\n")
    label = bytearray(SECTOR)
    struct.pack_into("<II", label, 0, 0, 0xCA5E600D)
    struct.pack_into("<II8sH", label, 156, 0x600DDEEE, 1, b"virt-df", 16)
    slices = [(5, 0x200, 0, 49152), (2, 0x200, 3072, 16384), (3, 0x201, 19456, 2048), (0, 0, 0, 0), (4, 0x200, 22528, 20480)]
    for index, one in enumerate(slices):
        struct.pack_into("<HHII", label, 216 + 12 * index, *one)
    write(disk, (2048 + 29) * SECTOR, bytes(label))
    note(guest, disk)
    put(guest, 5, 780, "-t ext2 -b 1024", files=5)
    put(guest, 7, 781, "-t ext2 -b 1024", files=5)


def images() -> list[Image]:
    tools = ("parted", "fdisk", "e2fsprogs", "util-linux")
    return [
        Image("bsd-whole", two("bsd", 1, 2), tools),
        Image("mbr-bsd", mbr_bsd, tools),
        Image("mbr-freebsd-absolute", mbr_freebsd_absolute, tools),
        Image("mbr-inner", mbr_inner, tools),
        Image("sun-two", two("sun", 1, 2), tools),
        Image("mac-two", two("mac", 2, 3), tools),
        Image("sgi-two", two("dvh", 1, 2), tools),
        Image("amiga-two", two("amiga", 1, 2), tools),
        Image("atari-xgm", atari_xgm, (*tools, "dosfstools")),
        Image("atari-icd", atari_icd, (*tools, "dosfstools")),
        Image("mac-2048", mac_2048, tools),
        Image("pc98-two", pc98, tools),
        Image("mbr-unixware", unixware, tools),
    ]
