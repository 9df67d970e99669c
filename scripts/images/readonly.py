"""Filesystems that are written once: iso9660, squashfs, erofs, cramfs, romfs.

References: xorrisofs(1), mksquashfs(1), mkfs.erofs(1), mkfs.cramfs(8), genromfs(8).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lib.fill import tree
from lib.image import Guest, Image
from lib.tools import run

UUID = "7e7e7e7e-0000-4000-8000-{:012d}"
# Everything that takes a date takes this one.
EPOCH = {"SOURCE_DATE_EPOCH": "1577836800"}
ISO_DATE = "--modification-date=2020010100000000"


def written(name: str, package: str, write: Callable[[Path, Path], None], kernel: str = "any") -> Image:
    """`write` makes the filesystem in the second path from the directory that is the first."""

    def build(guest: Guest) -> None:
        source = guest.directory / "tree"
        tree(source)
        disk = guest.add_disk(0)
        write(source, disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, (package,), kernel=kernel)


def iso(name: str, options: str) -> Image:
    def write(source: Path, target: Path) -> None:
        target.unlink()
        words = ["-o", target, ISO_DATE, *options.split(), source]
        run("xorriso", "-rockridge", "on" if "-R" in options else "off", "-as", "mkisofs", *words, env=EPOCH)

    return written(name, "xorriso", write)


def squashfs(name: str, options: str) -> Image:
    def write(source: Path, target: Path) -> None:
        target.unlink()
        run("mksquashfs", source, target, "-quiet", "-no-progress", "-all-root", *options.split(), env=EPOCH)

    return written(name, "squashfs-tools", write)


def erofs(number: int, name: str, options: str) -> Image:
    def write(source: Path, target: Path) -> None:
        target.unlink()
        run(
            "mkfs.erofs",
            "--quiet",
            "-T",
            1577836800,
            "-U",
            UUID.format(number),
            *options.split(),
            target,
            source,
        )

    return written(name, "erofs-utils", write)


def romfs(name: str, volume: str) -> Image:
    def write(source: Path, target: Path) -> None:
        run("genromfs", "-f", target, "-d", source, "-V", volume)
        size = target.stat().st_size
        with open(target, "r+b") as file:  # whole blocks, as on a device
            file.truncate(-(-size // 1024) * 1024)

    return written(name, "genromfs", write)


def images() -> list[Image]:
    return [
        iso("iso-plain", "-V PLAIN_DISC"),
        iso("iso-joliet", "-J -V Joliet_disc"),
        iso("iso-rockridge", "-R -V ROCKRIDGE_DISC_OF_THIRTY_TWO_B -publisher someone"),
        iso("iso-both", "-R -J -iso-level 3"),
        squashfs("squashfs-gzip", "-comp gzip"),
        squashfs("squashfs-xz", "-comp xz -b 1048576"),
        squashfs("squashfs-zstd", "-comp zstd -b 4096"),
        squashfs("squashfs-lzo-no-pad", "-comp lzo -nopad"),
        erofs(1, "erofs-plain", ""),
        erofs(2, "erofs-lz4", "-zlz4"),
        erofs(3, "erofs-lz4hc-big", "-zlz4hc,9 -C65536"),
        romfs("romfs", "romfs of tests"),
    ]
