"""Partition tables: GPT, MBR, logical partitions, hybrids.

References: UEFI specification, chapter 5 (GPT); sfdisk(8), sgdisk(8).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ext
import xfs
from lib.fill import fill, tree
from lib.image import MIB, Disk, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.tools import run, sparse_file

DISK_ID = "5a5a5a5a-0000-4000-8000-00000000000{}"


def table(guest: Guest, disk: Disk, script: str) -> None:
    """Write a partition table with sfdisk and note what sfdisk says it wrote."""
    with loop(disk.path, sector_bytes=disk.sector_bytes) as node:
        run("sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", node, stdin=script)
    note(guest, disk)


def note(guest: Guest, disk: Disk) -> None:
    """Take the partitions of a disk from sfdisk's own listing."""
    with loop(disk.path, sector_bytes=disk.sector_bytes) as node:
        shown = json.loads(run("sfdisk", "--json", node))["partitiontable"]
    device = guest.device(disk)
    for row in shown.get("partitions", []):
        number = row["node"][len(node) :].lstrip("p")
        guest.partitions.append(
            {
                "device": device + number,
                "offset_bytes": row["start"] * disk.sector_bytes,
                "size_bytes": row["size"] * disk.sector_bytes,
                "type": row["type"],
            }
        )


def partition(guest: Guest, device: str) -> Part:
    """The part that a partition's range is."""
    row = next(row for row in guest.partitions if row["device"] == device)
    disk = guest.disks["abcdefgh".index(device[7])]
    return Part(device, disk, row["offset_bytes"], row["size_bytes"])


def put(guest: Guest, device: str, kind: str, number: int, options: str = "", **fill_options: Any) -> None:
    """Format a partition as ext or xfs, fill it, and expect it."""
    part = partition(guest, device)
    assert part.disk is not None
    with loop(part.disk.path, part.offset_bytes, part.size_bytes, part.disk.sector_bytes) as node:
        if kind == "xfs":
            xfs.make(node, number, options)
        else:
            ext.make(node, number, f"-t {kind} {options}".strip())
        with mounted(node, kind=kind) as root:
            fill(root, **fill_options)
    guest.filesystems.append(part)


def swap(guest: Guest, device: str, *options: object) -> None:
    part = partition(guest, device)
    assert part.disk is not None
    with loop(part.disk.path, part.offset_bytes, part.size_bytes, part.disk.sector_bytes) as node:
        run("mkswap", *options, node)
    guest.volumes.append(part)


def gpt_ext4(guest: Guest) -> None:
    disk = guest.add_disk(64 * MIB)
    table(
        guest,
        disk,
        f"""label: gpt
label-id: {DISK_ID.format(1)}
size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name="BIOS boot"
size=16MiB, type=linux, name=boot
size=8MiB, type=swap
type=linux, name=root
""",
    )
    put(guest, "/dev/sda2", "ext2", 100, "-L boot", files=20)
    swap(guest, "/dev/sda3", "-L", "swap-gpt", "-U", "5a5a5a5a-0000-4000-8000-0000000000a1")
    put(guest, "/dev/sda4", "ext4", 101, "-L root")


def mbr_logical(guest: Guest) -> None:
    """Five logical partitions with gaps; one of them is empty."""
    disk = guest.add_disk(96 * MIB)
    table(
        guest,
        disk,
        """label: dos
label-id: 0x5a5a0001
start=2048, size=16MiB, type=83, bootable
start=40960, size=70MiB, type=5
start=43008, size=12MiB, type=83
start=73728, size=8MiB, type=82
start=98304, size=10MiB, type=83
start=122880, size=4MiB, type=83
start=133120, size=12MiB, type=83
""",
    )
    put(guest, "/dev/sda1", "ext3", 110, "-J size=4", files=30)
    put(guest, "/dev/sda5", "ext4", 111)
    swap(guest, "/dev/sda6", "-U", "5a5a5a5a-0000-4000-8000-0000000000a2")
    put(guest, "/dev/sda7", "ext2", 112)
    put(guest, "/dev/sda9", "ext4", 113, "-b 1024", files=100)


GPT_TWO = (
    f"label: gpt\nlabel-id: {DISK_ID.format(3)}\nsize=16MiB, type=linux, name=one\ntype=linux, name=two\n"
)


def two_on_gpt(guest: Guest, sector_bytes: int = 512) -> Disk:
    """A small ext4 and a larger XFS or ext4 on a GPT."""
    disk = guest.add_disk(48 * MIB, sector_bytes)
    table(guest, disk, GPT_TWO)
    put(guest, "/dev/sda1", "ext4", 120, "-b 4096", files=30)
    put(guest, "/dev/sda2", "ext4", 121, "-b 4096", share=0.5)
    return disk


def gpt_4096(guest: Guest) -> None:
    """Sectors of 4096 bytes: every number in the table is in these units."""
    two_on_gpt(guest, sector_bytes=4096)


def mbr_4096(guest: Guest) -> None:
    disk = guest.add_disk(64 * MIB, 4096)
    table(
        guest,
        disk,
        "label: dos\nlabel-id: 0x5a5a0002\nsize=10MiB, type=83\nsize=30MiB, type=5\nstart=4096, size=12MiB, type=83\n",
    )
    put(guest, "/dev/sda1", "ext4", 122, "-b 4096", files=30)
    put(guest, "/dev/sda5", "ext4", 123, "-b 4096", files=30)


def overwrite(disk: Disk, offset_bytes: int, content: bytes) -> None:
    with open(disk.path, "r+b") as file:
        file.seek(offset_bytes)
        file.write(content)


def gpt_bad_header(guest: Guest) -> None:
    """One byte of the primary header changed: its checksum no longer holds."""
    overwrite(two_on_gpt(guest), 512 + 60, b"\xff")


def gpt_no_header(guest: Guest) -> None:
    """The primary header and its table wiped, as by a tool that wrote over the first sectors."""
    overwrite(two_on_gpt(guest), 512, bytes(33 * 512))


def gpt_bad_entries(guest: Guest) -> None:
    """The primary header is right, but its entries are not those it has the checksum of."""
    overwrite(two_on_gpt(guest), 1024 + 32, bytes(8))


def gpt_enlarged(guest: Guest) -> None:
    """The disk grew after partitioning: the backup header is no longer in the last sector."""
    disk = two_on_gpt(guest)
    with open(disk.path, "r+b") as file:
        file.truncate(80 * MIB)


def gpt_hybrid(guest: Guest) -> None:
    """The MBR names the second partition too, beside the protective entry."""
    disk = guest.add_disk(40 * MIB)
    run("sgdisk", "-U", DISK_ID.format(4), "-n1:0:+8M", "-n2:0:+20M", "--hybrid=2", disk.path)
    note(guest, disk)
    if len(guest.partitions) < 2 or "label: dos" in run("sfdisk", "--dump", disk.path):
        guest.partitions.clear()
        note_with_sgdisk(guest, disk, (1, 2))
    put(guest, "/dev/sda1", "ext2", 124, files=20)
    put(guest, "/dev/sda2", "ext4", 125)


def note_with_sgdisk(guest: Guest, disk: Disk, numbers: tuple[int, ...]) -> None:
    """As `note`, for tables where sfdisk looks at the MBR first."""
    for number in numbers:
        shown = run("sgdisk", "-i", number, disk.path)
        value = {line.split(":")[0]: line.split(":")[1].split() for line in shown.splitlines() if ":" in line}
        first, last = int(value["First sector"][0]), int(value["Last sector"][0])
        guest.partitions.append(
            {
                "device": f"{guest.device(disk)}{number}",
                "offset_bytes": first * 512,
                "size_bytes": (last - first + 1) * 512,
                "type": value["Partition GUID code"][0],
            }
        )


def gpt_200_entries(guest: Guest) -> None:
    """A table of 200 entries, with gaps in the numbers and in the order on disk."""
    disk = guest.add_disk(40 * MIB)
    run("sgdisk", "-U", DISK_ID.format(5), "-S", 200, disk.path)
    run("sgdisk", "-n150:4M:+10M", "-n3:20M:+8M", "-n7:30M:+6M", disk.path)
    note(guest, disk)
    put(guest, "/dev/sda3", "ext2", 126, files=20)
    swap(guest, "/dev/sda7", "-U", "5a5a5a5a-0000-4000-8000-0000000000a3")
    put(guest, "/dev/sda150", "ext4", 127)


def gpt_xfs(guest: Guest) -> None:
    """What an installer makes: EFI system partition, /boot on XFS, / on XFS."""
    disk = guest.add_disk(420 * MIB)
    table(
        guest,
        disk,
        f"label: gpt\nlabel-id: {DISK_ID.format(6)}\nsize=4MiB, type=uefi\nsize=64MiB, type=linux\ntype=linux\n",
    )
    put(guest, "/dev/sda2", "xfs", 128, "--unsupported -L boot", files=20)
    put(guest, "/dev/sda3", "xfs", 129, "-L root")


def mbr_primary(guest: Guest) -> None:
    """Slots 1, 3 and 4 in use, not in the order on disk."""
    disk = guest.add_disk(48 * MIB)
    script = "label: dos\nlabel-id: 0x5a5a0003\n"
    table(
        guest,
        disk,
        f"{script}{disk.path}1 : start=2048, size=10MiB, type=83\n"
        f"{disk.path}3 : start=65536, size=12MiB, type=83, bootable\n{disk.path}4 : start=24576, size=8MiB, type=82\n",
    )
    put(guest, "/dev/sda1", "ext2", 130)
    put(guest, "/dev/sda3", "ext4", 131)
    swap(guest, "/dev/sda4", "-U", "5a5a5a5a-0000-4000-8000-0000000000a4")


def mbr_links(guest: Guest) -> None:
    """Logical partitions whose chain jumps back: the numbers follow the links, not the disk. The
    extended partition is of type 0x0f."""
    disk = guest.add_disk(64 * MIB)
    script = """label: dos
label-id: 0x5a5a0004
start=2048, size=6MiB, type=83
start=16384, size=56MiB, type=f
start=98304, size=6MiB, type=83
start=32768, size=8MiB, type=83
start=65536, size=10MiB, type=83
"""
    table(guest, disk, script)
    put(guest, "/dev/sda1", "ext2", 132, files=12)
    put(guest, "/dev/sda5", "ext4", 133, "-O ^has_journal", files=12)
    put(guest, "/dev/sda6", "ext2", 134, files=20)
    put(guest, "/dev/sda7", "ext4", 135, files=30)


def mbr_many_logical(guest: Guest) -> None:
    """Twelve logical partitions."""
    disk = guest.add_disk(48 * MIB)
    script = "label: dos\nlabel-id: 0x5a5a0005\nstart=2048, type=85\n"
    script += "".join(f"start={4096 + 6144 * number}, size=2MiB, type=83\n" for number in range(12))
    table(guest, disk, script)
    for number in range(12):
        if number != 4:
            put(guest, f"/dev/sda{5 + number}", "ext2", 140 + number, "-b 1024", files=4 + number)


def iso_hybrid(options: str) -> Callable[[Guest], None]:
    """An ISO that is a disk too: one partition holds the ISO's filesystem again, another was
    appended."""

    def build(guest: Guest) -> None:
        source, appended = guest.directory / "tree", guest.directory / "appended.raw"
        tree(source)
        sparse_file(appended, MIB // 2)
        ext.make(appended, 160, "-t ext2 -b 1024 -N 32", label="appended")
        with loop(appended) as device, mounted(device) as root:
            fill(root, 8)
        disk = guest.add_disk(0)
        disk.path.unlink()
        date = "--modification-date=2020010100000000"
        words = f"-quiet -V HYBRID {date} -partition_offset 16 {options} -append_partition 2 0x83".split()
        run("xorriso", "-as", "mkisofs", "-o", disk.path, *words, appended, source)
        note(guest, disk)
        guest.filesystems += [partition(guest, "/dev/sda1"), partition(guest, "/dev/sda2")]

    return build


def images() -> list[Image]:
    tools = ("fdisk", "e2fsprogs", "util-linux")
    gdisk = ("gdisk", "fdisk", "e2fsprogs")
    return [
        Image("gpt-ext4", gpt_ext4, tools),
        Image("gpt-4096", gpt_4096, tools),
        Image("gpt-bad-header", gpt_bad_header, tools),
        Image("gpt-no-header", gpt_no_header, tools),
        Image("gpt-bad-entries", gpt_bad_entries, tools),
        Image("gpt-enlarged", gpt_enlarged, tools),
        Image("gpt-hybrid", gpt_hybrid, gdisk),
        Image("gpt-200-entries", gpt_200_entries, gdisk),
        Image("gpt-xfs", gpt_xfs, ("fdisk", "xfsprogs", "util-linux")),
        Image("mbr-primary", mbr_primary, tools),
        Image("mbr-4096", mbr_4096, tools),
        Image("mbr-logical", mbr_logical, tools),
        Image("mbr-links", mbr_links, tools),
        Image("mbr-many-logical", mbr_many_logical, tools),
        Image("iso-hybrid-mbr", iso_hybrid(""), ("xorriso", "e2fsprogs")),
        Image("iso-hybrid-gpt", iso_hybrid("-appended_part_as_gpt"), ("xorriso", "e2fsprogs")),
    ]
