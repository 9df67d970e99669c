#!/usr/bin/python3
"""Filesystems copied while they were mounted and files were open that had been deleted, right after a sync.

Beside what a kernel says of a copy once it has mounted it, `live` holds what the running kernel said at the time of the copy, as
df inside the guest prints it, and the bytes that the open files had (st_blocks). A mount frees them, a running guest has them in
use. The shared file of xfs was also written to, so that blocks are set aside for writes that did not come.

They are written to images/live; run it as root, with what README.md beside this file names for the filesystems.

References: Linux fs/ext4/orphan.c (ext4_orphan_cleanup), fs/xfs/xfs_log_recover.c (xlog_recover_process_iunlinks),
fs/btrfs/inode.c (btrfs_orphan_cleanup).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import btrfs
from dirty import ext_maker, work, xfs_maker
from lib.fill import fill
from lib.image import MIB, Guest, Image
from lib.mounting import loop, mounted
from lib.oracle import counts
from lib.record import build_all
from lib.tools import run, sparse_copy

LIVE = Path(__file__).resolve().parents[2] / "images" / "live"
HELD = (700_000, 3 * MIB)


def live(name: str, package: str, size_mib: int, make: Callable[[str], None], shares: bool = False) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        with loop(disk.path) as device:
            make(device)
            with mounted(device) as root:
                fill(root, 40, 0.2)
                work(root)
                if shares:
                    share(root)
                os.sync()
                held = [deleted(root / f"open{size}", size) for size in HELD]
                os.sync()
                open_bytes = sum(os.fstat(descriptor).st_blocks * 512 for descriptor in held)
                guest.facts["live"] = counts(os.statvfs(root)) | {"deleted_open_bytes": open_bytes}
                copy = sparse_copy(disk.path, disk.path.with_suffix(".live"))
                for descriptor in held:
                    os.close(descriptor)
        copy.replace(disk.path)
        guest.add_filesystem(disk, stale=True)

    return Image(name, build, (package,))


def deleted(path: Path, size: int) -> int:
    """A file that is open but has no name any more."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    os.write(descriptor, (b"held open\n" * (size // 10 + 1))[:size])
    os.fsync(descriptor)
    path.unlink()
    return descriptor


def share(root: Path) -> None:
    """Blocks that two files have, some of which were written to: more are set aside than were needed."""
    (root / "shared").write_bytes(b"shared\n" * 40_000)
    os.sync()
    run("cp", "--reflink=always", root / "shared", root / "clone")
    with open(root / "clone", "r+b") as file:
        file.seek(100_000)
        file.write(b"own")
        os.fsync(file.fileno())


def btrfs_maker(number: int) -> Callable[[str], None]:
    return lambda device: btrfs.make([device], number)


def images() -> list[Image]:
    return [
        live("ext4", "e2fsprogs", 24, ext_maker(970, "-t ext4 -b 1024")),
        live("ext4-orphan-file", "e2fsprogs", 24, ext_maker(971, "-t ext4 -b 4096 -O orphan_file")),
        live("xfs", "xfsprogs", 64, xfs_maker(970, "--unsupported -m reflink=1"), shares=True),
        live("btrfs", "btrfs-progs", 110, btrfs_maker(970)),
    ]


def main() -> None:
    LIVE.mkdir(exist_ok=True)
    made = [replace(image, made_by="scripts/images/live.py") for image in images()]
    with tempfile.TemporaryDirectory(prefix="virt-df-images-") as work:
        if build_all(made, Path(work), LIVE, False):
            sys.exit("Not all were made.")


if __name__ == "__main__":
    main()
