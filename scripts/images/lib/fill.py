"""A tree of files that compresses to almost nothing but leaves no counter at its initial value.

Deterministic: names, contents and the order of creation depend only on the arguments.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

CHUNK = bytes(65536)
DATE = 1577836800  # 2020-01-01, for whatever takes the date of a file
PUNCH_HOLE = 0x03  # FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, linux/falloc.h


def fill(root: Path, files: int = 60, share: float = 0.3, links: bool = True) -> None:
    """Make directories, small text files, a large file of zeros that takes `share` of what is
    available, links, and delete every seventh file again."""
    for number in range(files):
        directory = root / f"d{number % 5}"
        directory.mkdir(exist_ok=True)
        line = f"file {number} of a test image\n".encode()
        (directory / f"f{number:03}.txt").write_bytes(line * (1 + number * number % 400))
    write_zeros(root / "large.bin", share)
    if links:
        os.symlink("d0/f000.txt", root / "short-link")
        os.symlink("d1/" + "long" * 30, root / "long-link")
        os.link(root / "d0/f000.txt", root / "hard-link")
    for number in range(3, files, 7):
        (root / f"d{number % 5}" / f"f{number:03}.txt").unlink()
    os.sync()


def write_zeros(path: Path, share: float) -> None:
    """Allocated blocks of zeros: they cost space in the guest and none in a qcow2."""
    now = os.statvfs(path.parent)
    left = int(now.f_bavail * now.f_frsize * share)
    with open(path, "wb") as file:
        while left > 0:
            left -= file.write(CHUNK[: min(left, len(CHUNK))])
        file.flush()
        os.fsync(file.fileno())


def write_comb(path: Path, teeth: int, block_bytes: int) -> None:
    """A file with every second block punched out: as many free extents as teeth, so that
    free-space and mapping trees grow beyond one block."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "wb") as file:
        for _ in range(2 * teeth):
            file.write(bytes(block_bytes))
        file.flush()
        os.fsync(file.fileno())
        for tooth in range(teeth):
            start = ctypes.c_int64(2 * tooth * block_bytes)
            if libc.fallocate(file.fileno(), PUNCH_HOLE, start, ctypes.c_int64(block_bytes)) != 0:
                raise OSError(ctypes.get_errno(), f"punching {path} failed")
        os.fsync(file.fileno())


def tree(root: Path) -> None:
    """A directory tree for the filesystems that are written from one."""
    root.mkdir()
    for number in range(24):
        directory = root / f"dir{number % 4}"
        directory.mkdir(exist_ok=True)
        content = f"file {number} of a test image\n".encode() * (1 + number * number)
        (directory / f"file{number:02}.txt").write_bytes(content)
        os.utime(directory / f"file{number:02}.txt", (DATE, DATE))
    (root / "large.bin").write_bytes(bytes(300000))
    os.symlink("dir0/file00.txt", root / "link")
    for path in [root / f"dir{number}" for number in range(4)] + [root / "large.bin", root]:
        os.utime(path, (DATE, DATE))


def counted(path: Path, size_bytes: int) -> None:
    """Every 4 KiB begin with their number, and are zeros behind it."""
    with open(path, "wb") as file:
        for number in range(size_bytes // 4096):
            file.write(b"%016d" % number)
            file.seek(4096 - 16, 1)
        file.truncate(size_bytes)
