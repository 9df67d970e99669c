"""Filesystems that are written once, with all that makes their files differ: links, deep directories, odd names, compressed and
shared content, what boots.

References: xorrisofs(1), genisoimage(1), mkzftree(1), mksquashfs(1), mkfs.erofs(1); ECMA-119 section 9.1.6 (flags of a
directory's record).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from lib.fill import DATE
from lib.image import Guest, Image
from lib.tools import run

EPOCH = {"SOURCE_DATE_EPOCH": str(DATE)}
UUID = "7e7e7e7e-0000-4000-8000-{:012d}"
ISO_DATE = "--modification-date=2020010100000000"
NAME_AT, FLAGS_AT = 33, 25
GOES_ON, ASSOCIATED = 0x80, 4


def text(number: int, size: int) -> bytes:
    """Lines that differ from file to file, so that nothing is shared by chance."""
    line = f"line of file {number} of a test image, ".encode()
    return (line * (size // len(line) + 1))[:size]


def dated(root: Path) -> None:
    """Everything has a time of its own."""
    paths = [root, *root.rglob("*")]
    for number, path in enumerate(sorted(paths, reverse=True)):
        os.utime(path, (DATE + number, DATE + 1000 + number), follow_symlinks=False)


def plain_files(root: Path) -> None:
    root.mkdir()
    for number, size in enumerate([0, 1, 511, 512, 513, 2047, 2048, 2049, 4096, 70_000]):
        (root / f"size{size}").write_bytes(text(number, size))
    many = root / "many"
    many.mkdir()
    for number in range(150):
        (many / f"number{number:03}").write_bytes(text(100 + number, number % 40))


def unix_files(root: Path) -> None:
    """Links, devices, modes, owners, and names that only Unix has."""
    os.symlink("size0", root / "short-link")
    os.symlink("/", root / "root-link")
    os.symlink("../.././up//twice/", root / "dots-link")
    os.symlink("/".join(f"component-{number}" for number in range(60)), root / "long-link")
    os.symlink("a" * 255 + "/" + "b" * 255, root / "wide-link")
    (root / ("name-" * 49 + "12345")).write_bytes(b"a name of 250 bytes\n")
    (root / "Großes Dröhnen 日本").write_bytes(b"not of ASCII\n")
    Path(os.fsdecode(os.fsencode(root) + b"/latin-\xe9")).write_bytes(b"not of UTF-8\n")
    (root / "UPPER; and .. odd.").write_bytes(b"odd\n")
    os.mkfifo(root / "fifo", 0o640)
    os.mknod(root / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(root / "disk", 0o660 | stat.S_IFBLK, os.makedev(8, 300))
    os.link(root / "size70000", root / "hard-link")
    os.chown(root / "size513", 1000, 70_000)
    os.chmod(root / "size513", 0o4751)
    os.chmod(root / "many", 0o1777)


def deep(root: Path, depth: int = 11) -> None:
    path = root
    for level in range(depth):
        path = path / f"level{level}"
        path.mkdir()
        (path / "file").write_bytes(text(300 + level, 100 * level))


def made(name: str, packages: tuple[str, ...], fill: Callable[[Path], None], write: Callable[[Path, Path], None]) -> Image:
    def build(guest: Guest) -> None:
        source = guest.directory / "tree"
        fill(source)
        dated(source)
        disk = guest.add_disk(0)
        disk.path.unlink()
        write(source, disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, packages)


def rock_ridge(source: Path) -> None:
    plain_files(source)
    unix_files(source)
    (source / "boot.img").write_bytes(text(400, 3000))


def write_rock_ridge(source: Path, target: Path) -> None:
    boot = ["-b", "boot.img", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", 4]
    run("xorriso", "-as", "mkisofs", "-quiet", "-o", target, ISO_DATE, "-R", "-J", "-joliet-long", *boot, source, env=EPOCH)


def compressed(source: Path) -> None:
    """Directories that must be moved, and files that zisofs compressed."""
    plain = source.with_name("plain")
    plain_files(plain)
    (plain / "zeros").write_bytes(bytes(1_000_000))
    deep(plain)
    (plain / "boot.img").write_bytes(text(401, 2048))
    run("mkzftree", plain, source)
    (source / "boot.img").write_bytes(text(401, 2048))


def write_compressed(source: Path, target: Path) -> None:
    hidden = ["-hide", "boot.cat", "-hide", "boot.img"]
    boot = ["-b", "boot.img", "-c", "boot.cat", "-no-emul-boot", *hidden]
    run("genisoimage", "-quiet", "-o", target, "-R", "-z", *boot, source, env=EPOCH)


def joliet(source: Path) -> None:
    plain_files(source)
    deep(source, 5)
    (source / "Großes Dröhnen 日本.txt").write_bytes(b"not of ASCII\n")
    (source / "only-plain").write_bytes(text(402, 3000))
    (source / "only-joliet").write_bytes(text(403, 3000))


def write_joliet(source: Path, target: Path) -> None:
    hidden = ["-hide", "only-joliet", "-hide-joliet", "only-plain"]
    run("genisoimage", "-quiet", "-input-charset", "utf-8", "-o", target, "-J", *hidden, source, env=EPOCH)


def sections(source: Path) -> None:
    source.mkdir()
    for number, size in enumerate([4096, 6144, 3000, 5000, 100]):
        (source / f"part{number}").write_bytes(text(500 + number, size))


def write_sections(source: Path, target: Path) -> None:
    """One file of three sections, as there are where a file has more than 4 GiB, and an associated file."""
    run("genisoimage", "-quiet", "-o", target, source, env=EPOCH)
    content = bytearray(target.read_bytes())
    for name, shown, flag in (
        (b"PART0.;1", b"PART0.;1", GOES_ON),
        (b"PART1.;1", b"PART0.;1", GOES_ON),
        (b"PART2.;1", b"PART0.;1", 0),
        (b"PART3.;1", b"PART3.;1", ASSOCIATED),
    ):
        at = content.index(name)
        content[at : at + len(name)] = shown
        content[at - NAME_AT + FLAGS_AT] |= flag
    target.write_bytes(content)


def random(number: int, size: int) -> bytes:
    """What nothing compresses."""
    rounds = range(size // 32 + 1)
    return b"".join(hashlib.sha256(f"{number} {one}".encode()).digest() for one in rounds)[:size]


def blocks(source: Path) -> None:
    """Files of many blocks: some compress, some do not, some are holes; some are the same."""
    plain_files(source)
    unix_files(source)
    deep(source, 4)
    (source / "mixed").write_bytes(text(600, 30_000) + random(600, 30_000) + text(601, 17_000))
    (source / "same").write_bytes((source / "mixed").read_bytes())
    (source / "same-end").write_bytes(text(603, 700))
    (source / "same-end-too").write_bytes(text(603, 700))
    (source / "random").write_bytes(random(604, 20_001))
    with open(source / "sparse", "wb") as file:
        file.seek(300_000)
        file.write(random(605, 9_000))
        file.truncate(1_000_000)
    (source / "zeros").write_bytes(bytes(50_000))
    wide = source / "wide"
    wide.mkdir()
    for number in range(400):
        (wide / f"a name that is rather long, of the file {number:04}").write_bytes(b"")
    os.setxattr(source / "mixed", "user.comment", b"of a test image")
    os.setxattr(source / "wide", "user.comment", random(606, 300))
    (source / "empty").mkdir()


def squashfs(name: str, options: str) -> Image:
    def write(source: Path, target: Path) -> None:
        run("mksquashfs", source, target, "-quiet", "-no-progress", *options.split(), env=EPOCH)

    return made(name, ("squashfs-tools",), blocks, write)


def erofs(number: int, name: str, options: str) -> Image:
    def write(source: Path, target: Path) -> None:
        run("mkfs.erofs", "--quiet", "-U", UUID.format(number), *options.split(), target, source)

    return made(name, ("erofs-utils",), blocks, write)


def images() -> list[Image]:
    return [
        made("iso-files", ("xorriso",), rock_ridge, write_rock_ridge),
        made("iso-files-zisofs", ("genisoimage",), compressed, write_compressed),
        made("iso-files-joliet", ("genisoimage",), joliet, write_joliet),
        made("iso-files-sections", ("genisoimage",), sections, write_sections),
        squashfs("squashfs-files", "-comp gzip -b 4096"),
        squashfs("squashfs-files-plain", "-comp xz -b 8192 -noI -noD -noF -noX -no-exports -always-use-fragments"),
        squashfs("squashfs-files-lz4", "-comp lz4 -Xhc"),
        erofs(10, "erofs-files", ""),
        erofs(11, "erofs-files-lz4", "-zlz4hc"),
        erofs(12, "erofs-files-lz4-big", "-zlz4hc -C16384 -T1577836800"),
        erofs(13, "erofs-files-legacy", "-zlz4 -Elegacy-compress -T1577836800"),
        erofs(14, "erofs-files-chunks", "--chunksize=8192 -T1577836800"),
    ]
