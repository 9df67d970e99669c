"""A tree of files that compresses to almost nothing but leaves no counter at its initial value.

Deterministic: names, contents and the order of creation depend only on the arguments.
"""

from __future__ import annotations

import os
from pathlib import Path

CHUNK = bytes(65536)


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
