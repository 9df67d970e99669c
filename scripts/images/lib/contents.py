"""Files of every kind that a reader of files must know: directories of each size, holes, unwritten extents, maps of many extents,
clones, attributes of each size, links, odd names and times.

Deterministic but for times that are not set; what is written compresses to almost nothing.
References: fallocate(2), ioctl_ficlonerange(2), setxattr(2), mknod(2).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import stat
import struct
from pathlib import Path

from lib.fill import write_comb

KEEP_SIZE = 0x01  # FALLOC_FL_KEEP_SIZE
FICLONE, FICLONERANGE = 0x40049409, 0x4020940D
NS = 10**9
TIMES = {
    "time-1901": -(2**31) * NS,
    "time-1969": -NS // 2,
    "time-2038": 2**31 * NS + 1,
    "time-2400": 13_569_465_600 * NS + 999_999_999,
}


def allocate(descriptor: int, mode: int, start: int, length: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.fallocate(descriptor, mode, ctypes.c_int64(start), ctypes.c_int64(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def directories(root: Path, nodes: int) -> None:
    """In the inode, of one block, with an index of one block and of several, and with blocks that were freed again."""
    (root / "empty").mkdir()
    for name, count, width in (("short", 3, 5), ("block", 40, 20), ("leaf", 150, 20), ("node", nodes, 30)):
        (root / name).mkdir()
        for number in range(count):
            (root / name / f"{number:05}-{'n' * width}").touch()
    (root / "holes").mkdir()
    for number in range(240):
        (root / "holes" / f"{number:05}-{'h' * 200}").touch()
    for number in range(40, 200):
        (root / "holes" / f"{number:05}-{'h' * 200}").unlink()
    deep = root / "deep"
    for level in range(30):
        deep = deep / f"level{level}"
    deep.mkdir(parents=True)


def names(root: Path) -> None:
    folder = os.fsencode(root / "names")
    os.mkdir(folder)
    for name in (b"latin-\xe9", b"new\nline", b"\x1b[31mred", b"x" * 255, "\u00fc\u4e2d\U0001f600".encode(), b" ", b"\xff\xfe"):
        with open(folder + b"/" + name, "wb") as file:
            file.write(name)
    os.symlink("short", root / "names/link-short")
    os.symlink("l" * 150, root / "names/link-inline")
    os.symlink("m" * 400, root / "names/link-middle")
    os.symlink("r" * 1023, root / "names/link-remote")
    os.mkfifo(root / "names/fifo")
    os.mknod(root / "names/character", stat.S_IFCHR | 0o640, os.makedev(250, 300))
    os.mknod(root / "names/block", stat.S_IFBLK | 0o600, os.makedev(8, 1))
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(root / "names")
        server.bind("socket")
        os.chdir(here)
    for number in range(5):
        os.link(root / "names/ ", root / f"names/hard{number}")
    os.chown(root / "names/fifo", 2**31 + 5, 2**32 - 2)


def times(root: Path, is_big: bool) -> None:
    for name, when in TIMES.items():
        (root / name).touch()
        if is_big or when < 2**31 * NS:
            os.utime(root / name, ns=(when, when))


def extents(root: Path, teeth: int, block_bytes: int) -> None:
    with open(root / "sparse", "wb") as file:
        file.write(b"begin")
        file.seek(2**30 + 17)
        file.write(b"end")
    with open(root / "huge", "wb") as file:
        file.truncate(2**43 + 1)
    with open(root / "unwritten", "wb") as file:
        allocate(file.fileno(), 0, 0, 64 * block_bytes)
        file.seek(10 * block_bytes)
        file.write(b"w" * 3 * block_bytes)
    with open(root / "behind-the-end", "wb") as file:
        file.write(b"short")
        allocate(file.fileno(), KEEP_SIZE, 0, 32 * block_bytes)
    with open(root / "allocated-empty", "wb") as file:
        allocate(file.fileno(), KEEP_SIZE, 16 * block_bytes, 16 * block_bytes)
    write_comb(root / "comb", teeth, block_bytes)


def clones(root: Path, block_bytes: int) -> None:
    length = 40 * block_bytes
    with open(root / "original", "w+b") as file:
        file.write(b"o" * length)
        os.fsync(file.fileno())
        for name in ("whole", "rewritten"):
            with open(root / name, "wb") as other:
                fcntl.ioctl(other.fileno(), FICLONE, file.fileno())
    with open(root / "rewritten", "r+b") as file:
        file.seek(7 * block_bytes)
        file.write(b"r" * 5 * block_bytes)
        os.fsync(file.fileno())
    with open(root / "twice", "w+b") as file, open(root / "original", "rb") as original:
        for place in (0, 20, 40):
            part = struct.pack("=qQQQ", original.fileno(), 4 * block_bytes, 10 * block_bytes, place * block_bytes)
            fcntl.ioctl(file.fileno(), FICLONERANGE, part)
    with open(root / "comb", "rb") as comb, open(root / "comb-clone", "wb") as file:
        fcntl.ioctl(file.fileno(), FICLONE, comb.fileno())


def attributes(root: Path, count: int) -> None:
    for name, values in (
        ("few", [(1, 20)]),
        ("some", [(number, 30) for number in range(12)]),
        ("many", [(number, 200) for number in range(count)]),
        ("large", [(number, 60_000) for number in range(6)]),
    ):
        folder = root / f"attributes-{name}"
        folder.mkdir()
        for path in (folder, folder / "file"):
            path.touch()
            for number, size in values:
                os.setxattr(path, f"user.{name}{number:04}", bytes([65 + number % 26]) * size)
    # In turns with a file that grows, so that the attributes lie apart.
    path = root / "attributes-apart"
    with open(path, "wb") as file, open(root / "between", "wb") as other:
        for number in range(40):
            os.setxattr(path, f"user.apart{number:04}", b"a" * 9000)
            other.write(b"b" * 4096)
            os.fsync(other.fileno())
            file.write(b"c" * 4096)
            os.fsync(file.fileno())


def contents(
    root: Path,
    block_bytes: int = 4096,
    nodes: int = 600,
    teeth: int = 600,
    is_big: bool = True,
    has_clones: bool = True,
) -> None:
    directories(root, nodes)
    names(root)
    times(root, is_big)
    extents(root, teeth, block_bytes)
    if has_clones:
        clones(root, block_bytes)
    attributes(root, 150)
    os.sync()


def scattered_inodes(root: Path) -> None:
    """Fills the disk, frees places too small for a chunk of 64 inodes, and makes files there (sparse inodes)."""
    teeth, tooth = 150, 16 * 1024
    with open(root / "filler", "wb") as file:
        left = os.statvfs(root)
        allocate(file.fileno(), 0, 0, left.f_bavail * left.f_frsize - 2 * teeth * tooth - 2**19)
    write_comb(root / "comb", teeth, tooth)
    for number in range(1900):
        (root / f"s{number:04}").touch()
    os.sync()
