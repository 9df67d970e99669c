"""Partition tables: GPT, MBR, logical partitions, hybrids.

References: UEFI specification, chapter 5 (GPT); sfdisk(8), sgdisk(8).
"""

from __future__ import annotations

import json
from typing import Any

import ext
import xfs
from lib.fill import fill
from lib.image import MIB, Disk, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.tools import run

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
        number = row["node"][len(node):].lstrip("p")
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


def images() -> list[Image]:
    tools = ("fdisk", "e2fsprogs", "util-linux")
    return [
        Image("gpt-ext4", gpt_ext4, tools),
        Image("mbr-logical", mbr_logical, tools),
    ]
