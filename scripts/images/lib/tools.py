"""Running other programs: one way to call them, one check that they are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Program -> the Debian package that has it.
NEEDED = {
    "blkid": "util-linux",
    "losetup": "mount",
    "sfdisk": "fdisk",
    "sgdisk": "gdisk",
    "mke2fs": "e2fsprogs",
    "debugfs": "e2fsprogs",
    "mkfs.xfs": "xfsprogs",
    "mkfs.btrfs": "btrfs-progs",
    "mkfs.f2fs": "f2fs-tools",
    "mkntfs": "ntfs-3g",
    "mkfs.minix": "util-linux-extra",
    "mkswap": "util-linux",
    "mksquashfs": "squashfs-tools",
    "mkfs.erofs": "erofs-utils",
    "xorriso": "xorriso",
    "genromfs": "genromfs",
    "lvm": "lvm2",
    "qemu-img": "qemu-utils",
}


def check_prerequisites() -> None:
    """Stop with one sentence that names every missing Debian package."""
    if os.geteuid() != 0:
        sys.exit("scripts/images must run as root: it mounts filesystems.")
    missing = {package for tool, package in NEEDED.items() if not shutil.which(tool)}
    try:
        import guestfs  # noqa: F401
    except ImportError:
        missing |= {"python3-guestfs", "libguestfs-tools", "linux-image-amd64"}
    if missing:
        sys.exit("These Debian packages are missing: " + " ".join(sorted(missing)))


def run(*command: object, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program and return its standard output; fail with its standard error."""
    words = [str(word) for word in command]
    given = stdin.encode() if isinstance(stdin, str) else stdin
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
    done = subprocess.run(words, input=given, capture_output=True, env=environment)
    if done.returncode != 0:
        message = (done.stderr or done.stdout).decode(errors="replace").strip().split("\n")[0]
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}: {message}")
    return done.stdout.decode(errors="replace")


def package_version(package: str) -> str:
    """The upstream version of an installed Debian package, such as 6.1.0."""
    text = run("dpkg-query", "-W", "-f", "${Version}", package)
    return re.sub(r"^\d+:", "", text).split("-")[0].split("+")[0]


def sparse_file(path: Path, size_bytes: int) -> Path:
    """A file of zeros that takes no space."""
    with open(path, "wb") as file:
        file.truncate(size_bytes)
    return path


def sparse_copy(source: Path, target: Path) -> Path:
    run("cp", "--sparse=always", source, target)
    return target
