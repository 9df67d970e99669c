"""NTFS: cluster and sector sizes, and volumes whose own files lie in many pieces.

What answers is ntfs-3g, as in libguestfs's virt-df: the kernel passes the question on to it.

References: mkntfs(8), ntfsresize(8), ntfslabel(8), ntfsfix(8).
"""

from __future__ import annotations

import contextlib
import mmap
import os
import random
import re
import stat
import struct
from collections.abc import Callable
from pathlib import Path

from lib.fill import fill
from lib.image import MIB, Disk, Guest, Image
from lib.mounting import loop, mounted
from lib.tools import run

PACKAGES = ("ntfs-3g",)
KIND = "ntfs-3g"
UPCASE_BYTES = 2 * 65536
UPCASE_KEPT = 4096
SCATTERED_FILES = 500
COMPRESSED = 0x800  # FILE_ATTR_COMPRESSED, and a folder's files are as it is

Work = Callable[[Path], None]


def make(disk: Disk, number: int, options: str = "", label: str = "") -> None:
    words = ["-L", label] if label else []
    run("mkntfs", "-F", "-f", "-q", *options.split(), *words, disk.path)
    run("ntfslabel", f"--new-serial={0x4E54465300000000 + number:016X}", disk.path)


def ntfs(
    number: int,
    name: str,
    size_mib: int,
    options: str = "",
    work: Work | None = None,
    after: Callable[[Disk], None] | None = None,
    label: str = "",
    sector_bytes: int = 512,
    share: float = 0.3,
    stale: bool = False,
    files: int = 40,
) -> Image:
    """A volume on a whole disk, filled by ntfs-3g; `options` as on mkntfs's command line."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB, sector_bytes)
        make(disk, number, options, label)
        with loop(disk.path, sector_bytes=sector_bytes) as device, mounted(device, "", KIND) as root:
            fill(root, files, share)
            if work:
                work(root)
        if after:
            after(disk)
        shorten_case_table(disk.path)
        guest.add_filesystem(disk, stale=stale)

    return Image(name, build, PACKAGES)


def shorten_case_table(path: Path) -> None:
    """Blank $UpCase, but for the scripts of Europe: it compresses badly, and most of a small image would be it."""
    table = b"".join(number.to_bytes(2, "little") for number in range(ord("a")))
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        at = content.find(table)
        assert at > 0 and at % 512 == 0
        content[at + UPCASE_KEPT : at + UPCASE_BYTES] = bytes(UPCASE_BYTES - UPCASE_KEPT)


def grown(size_mib: int) -> Callable[[Disk], None]:
    """$Bitmap grows into what is free; the volume is marked for a check afterwards."""

    def after(disk: Disk) -> None:
        os.truncate(disk.path, size_mib * MIB)
        run("ntfsresize", "-f", "-f", "--no-progress-bar", disk.path, stdin="y\n")

    return after


def hibernate(root: Path) -> None:
    """The head of the file in which Windows sleeps, among enough others that it is not in the first node."""
    for number in range(60):
        (root / f"a file of the root directory {number}").write_bytes(b"")
        (root / f"z file of the root directory {number}").write_bytes(b"")
    (root / "hiberfil.sys").write_bytes(b"hibr" + bytes(8188))


def compress(root: Path) -> None:
    """Files that ntfs-3g stores compressed, and one with a hole: both take fewer clusters than they have bytes."""
    directory = root / "compressed"
    directory.mkdir()
    os.setxattr(directory, "system.ntfs_attrib_be", COMPRESSED.to_bytes(4, "big"))
    for number in range(4):
        (directory / f"text{number}").write_bytes(b"a line that is there many times\n" * 9000)
    with open(root / "hole", "wb") as file:
        file.truncate(3 * MIB)
        file.seek(2 * MIB)
        file.write(b"x" * 5000)
    os.sync()
    taken = sum(path.stat().st_blocks * 512 for path in directory.iterdir())
    assert taken < 4 * 32 * 9000 / 4, f"the files are not compressed: they take {taken} bytes"


def reparse(tag: int, data: bytes) -> bytes:
    return struct.pack("<IHH", tag, len(data), 0) + data


def link_names(target: str, flags: bytes) -> bytes:
    name = target.encode("utf-16-le")
    return struct.pack("<HHHH", 0, len(name), len(name), len(name)) + flags + 2 * name


def special(root: Path) -> None:
    """Links and devices in the ways of Interix, Windows and its Subsystem for Linux; a short name; a mode of Linux."""
    os.symlink("../target of a link", root / "interix")
    os.mkfifo(root / "fifo")
    os.mknod(root / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    for name, tag, data in (
        ("windows", 0xA000000C, link_names("d0\\f000.txt", bytes([1, 0, 0, 0]))),
        ("linux", 0xA000001D, struct.pack("<I", 2) + "../caf\u00e9".encode()),
    ):
        (root / name).touch()
        os.setxattr(root / name, "system.ntfs_reparse_data", reparse(tag, data))
    (root / "junction").mkdir()
    os.setxattr(root / "junction", "system.ntfs_reparse_data", reparse(0xA0000003, link_names("\\??\\C:\\d0", b"")))
    (root / "a long name with a short one.txt").write_bytes(b"short")
    os.setxattr(root / "a long name with a short one.txt", "system.ntfs_dos_name", b"ALONGN~1.TXT")
    (root / "of linux").write_bytes(b"")
    mode = struct.pack("<IBBH", 20, 0, 6, 4) + b"$LXMOD\0" + struct.pack("<I", 0o100640) + b"\0"
    os.setxattr(root / "of linux", "system.ntfs_ea", mode)


def streams(root: Path) -> None:
    """Named streams, many names in a directory and of a file (which its first record has no room for), and special files."""
    compress(root)
    (root / "compressed" / "odd").write_bytes(b"a line that is there many times\n" * 2049)
    (root / "compressed" / "random").write_bytes(random.Random(1).randbytes(70_000))
    (root / "streams").mkdir()
    os.setxattr(root / "streams", "user.of a directory", b"d" * 5000)
    (root / "streams" / "file").write_bytes(b"main")
    os.setxattr(root / "streams" / "file", "user.small", b"x" * 100)
    os.setxattr(root / "streams" / "file", "user.large", b"stream" * 10_000)
    (root / "many").mkdir()
    for number in range(200):
        (root / "many" / f"{'long-name-' * 8}{number:03}").touch()
    for number in range(60):
        os.link(root / "streams" / "file", root / "many" / f"{'link-' * 20}{number}")
    special(root)


def leave_gaps(root: Path) -> None:
    """Nothing is free, the zone for $MFT neither, but small pieces between files."""
    (root / "d").mkdir()
    everything = open(root / "everything", "wb", buffering=0)
    names = [root / "d" / str(number) for number in range(SCATTERED_FILES)]
    for name in names:
        name.write_bytes(bytes(900))
    with contextlib.suppress(OSError):
        while True:
            everything.write(bytes(512))
    everything.close()
    os.sync()
    for number, name in enumerate(names):
        # Files next to each other are written by turns into two places.
        if number % 4 < 2:
            os.truncate(name, 0)
    os.sync()


def scatter_table(root: Path) -> None:
    """$MFT grows into the gaps."""
    leave_gaps(root)
    with contextlib.suppress(OSError):
        for number in range(SCATTERED_FILES):
            (root / "d" / f"n{number}").touch()


def scattered(record: int, minimum: int) -> Callable[[Disk], None]:
    """ntfsinfo lists the runs of all of the file's attributes."""

    def check(disk: Disk) -> None:
        text = run("ntfsinfo", "-f", "-v", "-i", record, disk.path)
        runs = len(re.findall(r"^\s+0x[0-9a-f]+\s+0x[0-9a-f]+\s+0x", text, re.MULTILINE))
        assert runs >= minimum, f"file {record} has only {runs} runs"

    return check


def grown_between(size_mib: int, minimum: int) -> Callable[[Disk], None]:
    """The new $Bitmap takes the first clusters that are free, which lie between files."""

    def after(disk: Disk) -> None:
        grown(size_mib)(disk)
        scattered(6, minimum)(disk)

    return after


def images() -> list[Image]:
    return [
        ntfs(1, "ntfs-default", 64),
        ntfs(2, "ntfs-512", 16, "-c 512"),
        ntfs(3, "ntfs-1k", 24, "-c 1024", label="data"),
        ntfs(4, "ntfs-64k", 96, "-c 65536"),
        ntfs(5, "ntfs-2m", 64, "-c 2097152", share=0.2, files=9),
        ntfs(6, "ntfs-sector-4096", 48, "-s 4096 -c 4096", sector_bytes=4096),
        ntfs(7, "ntfs-sector-1024", 48, "-s 1024 -c 4096"),
        ntfs(8, "ntfs-label", 32, label="Данные 数据 é"),
        ntfs(9, "ntfs-full", 24, share=0.99),
        ntfs(12, "ntfs-marked", 24, after=grown(40), stale=True),
        ntfs(13, "ntfs-hibernated", 24, work=hibernate, stale=True),
        ntfs(14, "ntfs-scattered-mft", 6, "-c 512", scatter_table, scattered(0, 20), share=0.05, files=9),
        ntfs(15, "ntfs-compressed-2k", 16, "-c 2048", compress),
        ntfs(18, "ntfs-streams", 16, "-c 2048", streams, share=0.1, files=9),
        ntfs(16, "ntfs-16k", 32, "-c 16384"),
        ntfs(17, "ntfs-256k", 32, "-c 262144", files=9),
    ]
