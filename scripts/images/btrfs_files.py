"""Btrfs with files of every kind, for the readers of files: compressed, shared, with holes, on stripes, in subvolumes.

References: ioctl_ficlonerange(2); fallocate(2); btrfs-property(8); btrfs-subvolume(8).
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

from btrfs import btrfs
from lib.image import Image
from lib.tools import run

FICLONERANGE = 0x4020940D
KIB = 1024


def write(path: Path, size: int, at: int = 0) -> None:
    """Lines of which no two are alike, on the disk before anything else is written."""
    line = f"{path.name[:20]} {size:07} %08d\n"
    content = "".join(line % (at + start) for start in range(0, size, 16)).encode()[:size]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(descriptor, content, at)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clone(source: Path, target: Path, offset: int, length: int, to: int) -> None:
    with open(source, "rb") as one, open(target, "r+b" if target.exists() else "wb") as other:
        fcntl.ioctl(other, FICLONERANGE, struct.pack("=qQQQ", one.fileno(), offset, length, to))


def compressed(path: Path, kind: str, size: int) -> None:
    path.touch()
    run("btrfs", "property", "set", path, "compression", kind)
    line = b"a line that compresses well, and its number: %d\n"
    path.write_bytes(b"".join(line % number for number in range(size // 40))[:size])
    os.sync()


def pieces(root: Path) -> None:
    """Files in one piece, in several, with holes, with parts that are not written, and with what is left of extents."""
    write(root / "whole", 300 * KIB)
    write(root / "middle", 256 * KIB)
    write(root / "middle", 64 * KIB, 96 * KIB)
    write(root / "cut", 256 * KIB)
    os.truncate(root / "cut", 100 * KIB + 17)
    write(root / "sparse", 8 * KIB, 640 * KIB)
    write(root / "sparse", 5 * KIB, 128 * KIB)
    os.truncate(root / "sparse", 900 * KIB)
    run("fallocate", "-l", "300K", root / "reserved")
    write(root / "reserved", 20 * KIB, 64 * KIB)
    (root / "beyond").touch()
    run("fallocate", "-n", "-l", "200K", root / "beyond")
    write(root / "beyond", 6 * KIB)
    write(root / "many", 4 * KIB)
    for number in range(150):
        write(root / "many", 4 * KIB, 8 * KIB * number)
    (root / "empty").touch()
    os.truncate(root / "empty", 0)
    (root / "all-hole").touch()
    os.truncate(root / "all-hole", 70 * KIB)
    (root / "inline").write_bytes(b"in the tree")
    (root / "uncopied").touch()
    run("chattr", "+C", root / "uncopied")
    write(root / "uncopied", 128 * KIB)


def squeezed(root: Path) -> None:
    for kind in ("zlib", "lzo", "zstd"):
        compressed(root / kind, kind, 300 * KIB)
        compressed(root / f"{kind}-inline", kind, 1500)
    write(root / "zstd", 16 * KIB, 64 * KIB)


def shared(root: Path) -> None:
    run("cp", "--reflink=always", root / "whole", root / "clone")
    clone(root / "whole", root / "part", 64 * KIB, 32 * KIB, 0)
    clone(root / "whole", root / "twice", 0, 64 * KIB, 0)
    clone(root / "twice", root / "twice", 0, 64 * KIB, 128 * KIB)
    run("cp", "--reflink=always", root / "zlib", root / "zlib-clone")
    write(root / "zlib-clone", 4 * KIB, 4 * KIB)


def named(root: Path) -> None:
    """Names that a terminal would obey, and files without content."""
    directory = root / "names"
    directory.mkdir()
    for name in (b"latin-\xe9", b"new\nline", b"esc\x1b[31m", b"x" * 255, "größe".encode()):
        (directory / os.fsdecode(name)).write_bytes(name)
    for number in range(300):
        os.link(root / "inline", directory / f"{number:03}{'link' * 20}")
    os.mkfifo(root / "fifo")
    os.mknod(root / "device", 0o020600, os.makedev(4, 64))
    os.setxattr(root / "whole", "user.attribute", b"value" * 500)
    os.utime(root / "cut", ns=(1, -1_500_000_000))


def subvolumes(root: Path) -> None:
    """A snapshot of a subvolume with another one in it; both have changed since."""
    for name in ("sub", "sub/inner"):
        run("btrfs", "subvolume", "create", root / name)
    for number in range(60):
        write(root / "sub" / f"file{number}", 1024 * (1 + number % 9))
    write(root / "sub/large", 200 * KIB)
    write(root / "sub/inner/file", 20 * KIB)
    os.sync()
    run("btrfs", "subvolume", "snapshot", root / "sub", root / "snap")
    run("btrfs", "subvolume", "snapshot", "-r", root / "sub", root / "sub/again")
    write(root / "sub/large", 8 * KIB, 40 * KIB)
    write(root / "snap/file7", 30 * KIB)
    (root / "sub/file8").unlink()
    run("btrfs", "subvolume", "set-default", root / "sub")


def contents(root: Path) -> None:
    for step in (pieces, squeezed, shared, named, subvolumes):
        step(root)
        os.sync()


def spread(root: Path) -> None:
    """Extents of which a file has so many parts that they lie in several leaves; of one another file has a part too."""
    for name in ("alone", "lent"):
        write(root / name, 512 * KIB)
        for number in range(63):
            write(root / name, 4 * KIB, 8 * KIB * number)
    clone(root / "lent", root / "borrowed", 508 * KIB, 4 * KIB, 0)


def files(number: int, name: str, sizes_mib: list[float], options: str) -> Image:
    return btrfs(number, name, sizes_mib, options, contents, files=8, share=0.01, mount="subvolid=5")


def images() -> list[Image]:
    return [
        files(400, "btrfs-files", [128], "-m single"),
        files(401, "btrfs-files-raid10", [128, 128, 128, 128], "-d raid10 -m raid1"),
        btrfs(403, "btrfs-spread", [110], "-m single -n 4096", spread, files=2, share=0.01),
        files(402, "btrfs-files-raid5", [128, 128, 128], "-d raid5 -m raid1 -R ^free-space-tree -O ^no-holes"),
    ]
