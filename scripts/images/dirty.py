"""Filesystems copied while they were mounted, as an image of a running guest is.

Their expectation says `stale`: what the superblock and descriptors on disk say is not the truth
until the log is replayed. The numbers beside it are the kernel's, which replays. There is none with
fast commits: neither Linux 6.1 nor 6.18 could mount one copied like this.

References: Linux fs/ext4/super.c (ext4_load_journal, ext4_orphan_cleanup),
fs/xfs/xfs_log_recover.c.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import ext
import xfs
import xfs_dirty
from lib.fill import fill, write_zeros
from lib.image import MIB, Guest, Image
from lib.mounting import loop, mounted
from lib.tools import sparse_copy


def dirty(name: str, package: str, size_mib: int, make: Callable[[str], None], orphans: int = 0) -> Image:
    """Made with `make`, filled, and copied in the middle of more work that is only in the log."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        with loop(disk.path) as device:
            make(device)
            with mounted(device) as root:
                fill(root, 40, 0.2)
                work(root)
                held = [unlinked(root / f"orphan{number}") for number in range(orphans)]
                flush(root / "last")
                copy = sparse_copy(disk.path, disk.path.with_suffix(".dirty"))
                for descriptor in held:
                    os.close(descriptor)
        copy.replace(disk.path)
        guest.add_filesystem(disk, stale=True)

    return Image(name, build, (package,))


def work(root: Path) -> None:
    """More after the sync: files made, grown and deleted."""
    for number in range(25):
        (root / f"new{number}").write_bytes(b"new\n" * 2000)
    for number in range(0, 25, 3):
        flush(root / f"new{number}")
    for number in range(0, 25, 2):
        (root / f"new{number}").unlink()
    write_zeros(root / "more.bin", 0.2)


def unlinked(path: Path) -> int:
    """A file that is open but has no name any more: mounting frees it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    os.write(descriptor, b"held\n" * 30000)
    os.fsync(descriptor)
    path.unlink()
    return descriptor


def flush(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"flushed\n")
        os.fsync(file.fileno())


def ext_maker(number: int, options: str) -> Callable[[str], None]:
    return lambda device: ext.make(device, number, options)


def xfs_maker(number: int, options: str) -> Callable[[str], None]:
    return lambda device: xfs.make(device, number, options)


def images() -> list[Image]:
    return [
        dirty("ext3-dirty", "e2fsprogs", 24, ext_maker(950, "-t ext3 -b 1024 -J size=2")),
        dirty("ext4-dirty", "e2fsprogs", 48, ext_maker(951, "-t ext4 -b 4096")),
        dirty("ext4-dirty-1k", "e2fsprogs", 24, ext_maker(952, "-t ext4 -b 1024 -O ^64bit,^metadata_csum")),
        dirty("ext4-dirty-orphans", "e2fsprogs", 24, ext_maker(953, "-t ext4 -b 1024"), orphans=3),
        dirty(
            "ext4-dirty-orphan-file",
            "e2fsprogs",
            48,
            ext_maker(954, "-t ext4 -b 4096 -O orphan_file"),
            orphans=3,
        ),
        dirty("xfs-dirty", "xfsprogs", 320, xfs_maker(950, "")),
        dirty("xfs-dirty-orphans", "xfsprogs", 64, xfs_maker(951, "--unsupported -m rmapbt=1"), orphans=3),
        dirty("xfs-dirty-1k", "xfsprogs", 64, xfs_maker(952, "--unsupported -b size=1024")),
    ] + xfs_dirty.images()
