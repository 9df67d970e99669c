"""XFS copied while it was mounted: the shapes that a log has.

Each asserts that the groups' headers on the disk are not what a mount makes of them, so that only
the log tells the truth.

References: Linux fs/xfs/xfs_log_recover.c, xfs_log.c.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.appliance import fill_there, shell
from lib.contents import contents
from lib.fill import fill
from lib.image import MIB, Container, Guest, Image
from lib.mounting import loop, mounted
from lib.tools import run, sparse_copy
from xfs import make

FICLONE = 0x40049409
FICLONERANGE = 0x4020940D
ZSTD = Container(compression="zstd")
PACKAGES = ("xfsprogs",)


def flush(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"flushed\n")
        os.fsync(file.fileno())


def work(root: Path, files: int = 25) -> None:
    """Files made, grown and deleted."""
    for number in range(files):
        (root / f"new{number}").write_bytes(b"new\n" * 2000)
    for number in range(0, files, 2):
        (root / f"new{number}").unlink()


def headers(path: Path) -> list[tuple[int, ...]]:
    """Free blocks, inodes and free inodes of each group as they lie on the disk."""
    count = int(run("xfs_db", "-r", "-c", "sb", "-c", "p agcount", path).split("=")[1])
    found = []
    for group in range(count):
        text = run(
            "xfs_db", "-r", "-c", f"agf {group}", "-c", "p freeblks", "-c", f"agi {group}",
            "-c", "p count freecount", path,
        )  # fmt: skip
        found.append(tuple(int(value) for value in re.findall(r"= (\d+)", text)))
    return found


def assert_stale(path: Path) -> None:
    """A mount of a copy changes the headers."""
    copy = sparse_copy(path, path.with_suffix(".mounted"))
    with loop(copy) as device, mounted(device):
        pass
    if headers(path) == headers(copy):
        raise RuntimeError(f"{path}: the groups on the disk are as a mount makes them")
    copy.unlink()


def dirty(
    name: str,
    number: int,
    size_mib: int,
    options: str,
    more: Callable[[Path], list[int] | None] = lambda root: work(root),
    container: Container = ZSTD,
    before: Callable[[Path], Any] = lambda root: fill(root, 40, 0.2),
    grown_mib: int = 0,
) -> Image:
    """Copied while mounted: `before` is on the disk, `more` only in the log. It gives the descriptors that stay open."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        with loop(disk.path) as device:
            make(device, number, options)
            with mounted(device) as root:
                before(root)
                os.sync()
                held = more(root) or []
                flush(root / "last")
                copy = sparse_copy(disk.path, disk.path.with_suffix(".dirty"))
                for descriptor in held:
                    os.close(descriptor)
        copy.replace(disk.path)
        assert_stale(disk.path)
        guest.add_filesystem(disk, stale=True)

    return Image(name, build, PACKAGES, container=container)


def unlinked(path: Path, size: int) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    os.write(descriptor, b"held\n" * (size // 5))
    os.fsync(descriptor)
    path.unlink()
    return descriptor


def log_ends(path: Path) -> tuple[int, int]:
    """Tail and head of the log, in blocks of 512 bytes."""
    found = re.search(r"log tail: (\d+) head: (\d+)", run("xfs_logprint", "-t", path))
    assert found is not None
    return int(found[1]), int(found[2])


def log_place(path: Path) -> tuple[int, int]:
    """Offset of the log in bytes, and its length in blocks of 512 bytes."""
    text = run("xfs_db", "-r", "-c", "sb", "-c", "p logstart logblocks blocksize", path)
    start, count, size = (int(value) for value in re.findall(r"= (\d+)", text))
    sector = run("xfs_db", "-r", "-c", f"convert fsb {start} daddr", path)
    return int(re.findall(r"\((\d+)\)", sector)[-1]) * 512, count * size // 512


def blank_history(path: Path) -> None:
    """Empty the log's blocks that are no longer replayed; of them only the number of their cycle matters."""
    offset, count = log_place(path)
    tail, head = log_ends(path)
    with open(path, "r+b") as file:
        block = head
        while block != tail:
            file.seek(offset + block * 512)
            start = file.read(8)
            kept = 8 if start[:4] == b"\xfe\xed\xba\xbe" else 4
            file.seek(offset + block * 512)
            file.write(start[:kept] + bytes(512 - kept))
            block = (block + 1) % count


def wrapped(name: str, number: int, size_mib: int, options: str) -> Image:
    """What must be replayed begins near the end of the log and goes on at its beginning."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        with loop(disk.path) as device:
            make(device, number, options)
            with mounted(device) as root:
                fill(root, 10, 0.1)
                before_end = log_place(disk.path)[1] - 90
                os.sync()
                while log_ends(disk.path)[1] < before_end:
                    left = before_end - log_ends(disk.path)[1]
                    turn(root, 64 if left > 400 else 4)
                work(root, 300)
                flush(root / "last")
                copy = sparse_copy(disk.path, disk.path.with_suffix(".dirty"))
        copy.replace(disk.path)
        tail, head = log_ends(disk.path)
        if tail <= head:
            raise RuntimeError(f"the log does not wrap: it is replayed from {tail} to {head}")
        blank_history(disk.path)
        assert_stale(disk.path)
        guest.add_filesystem(disk, stale=True)

    return Image(name, build, PACKAGES, container=ZSTD)


def torn(name: str, number: int, end: str, buffer: str, blocks: int) -> Image:
    """A log that is nearly full, and its first or last record damaged, as by a write that was not ended."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(24 * MIB)
        with loop(disk.path) as device:
            make(device, number, "--unsupported -b size=1024 -m reflink=0 -l size=2577b")
            with mounted(device, f"logbsize={buffer}") as root:
                folder = root / "files"
                folder.mkdir()
                os.sync()
                made = 0
                while replayed(disk.path) < blocks:
                    for _ in range(40):
                        (folder / str(made)).touch()
                        made += 1
                    flush(root / "last")
                copy = sparse_copy(disk.path, disk.path.with_suffix(".dirty"))
        copy.replace(disk.path)
        damage(disk.path, end)
        assert_stale(disk.path)
        guest.add_filesystem(disk, stale=True)

    return Image(name, build, PACKAGES, container=ZSTD)


def replayed(path: Path) -> int:
    """Blocks of the log that a mount would replay."""
    tail, head = log_ends(path)
    return (head - tail) % log_place(path)[1]


def damage(path: Path, end: str) -> None:
    """Changes the data of the first or of the last record that a mount would replay."""
    offset, count = log_place(path)
    tail, head = log_ends(path)
    with open(path, "r+b") as file:
        block = tail
        if end == "last":
            block = head
            start = b""
            while start != b"\xfe\xed\xba\xbe":
                block = (block - 1) % count
                file.seek(offset + block * 512)
                start = file.read(4)
        # Behind the blocks of the record's head, of which one of 256 KiB has eight.
        file.seek(offset + (block + 8) % count * 512 + 200)
        file.write(b"torn" * 8)


def turn(root: Path, files: int) -> None:
    """Some more of the log."""
    for number in range(files):
        (root / f"turn{number}").write_bytes(b"turn")
    os.sync()
    for number in range(files):
        (root / f"turn{number}").unlink()
    os.sync()


def nameless(root: Path, count: int = 300) -> list[int]:
    """Whole chunks of inodes that have no name, and single ones among others."""
    held = [os.open(root, os.O_TMPFILE | os.O_RDWR) for _ in range(count)]
    for descriptor in held[::3]:
        os.write(descriptor, bytes(9000))
        os.fsync(descriptor)
    work(root)
    held += [unlinked(root / f"held{number}", 100_000) for number in range(3)]
    return held


def prepared(root: Path) -> list[int]:
    """Writes to shared blocks, for which more is set aside than they need."""
    for number in range(4):
        source, target = root / f"shared{number}", root / f"clone{number}"
        source.write_bytes(bytes(400_000))
        with open(source, "rb") as one, open(target, "wb") as two:
            fcntl.ioctl(two.fileno(), FICLONE, one.fileno())
        os.sync()
        descriptor = os.open(source, os.O_RDWR)
        os.pwrite(descriptor, b"written" * 10, 50_000)
        os.fsync(descriptor)
        os.close(descriptor)
    return []


def fragments(root: Path, blocks: int, size: int) -> None:
    """A file in pieces of one block, half of which another file shares."""
    whole, pieces = (os.open(root / name, os.O_CREAT | os.O_RDWR) for name in ("whole", "pieces"))
    os.write(whole, bytes(blocks * size))
    os.fsync(whole)
    for number in range(blocks):
        place = (blocks - 1 - number) * size
        fcntl.ioctl(pieces, FICLONERANGE, struct.pack("=qQQQ", whole, number * size, size, place))
    os.ftruncate(whole, blocks * size // 2)
    os.close(whole)
    os.close(pieces)


def half_shared(root: Path) -> list[int]:
    """A deleted file that is still open, and of which another file has half of the blocks."""
    fragments(root, 60, 4096)
    os.sync()
    held = [os.open(root / "pieces", os.O_RDWR)]
    (root / "pieces").unlink()
    work(root)
    return held


def child(action: Callable[[], Any]) -> int:
    """Does something until it is done or the filesystem is stopped."""
    number = os.fork()
    if number == 0:
        with contextlib.suppress(OSError):
            action()
        os._exit(0)
    return number


def flush_on(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    while True:
        os.pwrite(descriptor, b"flushed", 0)
        os.fsync(descriptor)


def promises(path: Path) -> set[str]:
    """The kinds of intents in the log that nothing says were done."""
    shown = subprocess.run(["xfs_logprint", "-t", "-i", path], capture_output=True, text=True, check=False).stdout
    kept: dict[str, str] = {}
    for kind, mark, number in re.findall(r"(EF|RU|CU|BU)([ID]):\s+#regs.*?id:\s*(0x\w+)", shown):
        if mark == "I":
            kept[kind + number] = f"{kind}I"
        else:
            kept.pop(kind + number, None)
    return set(kept.values())


def interrupted(name: str, number: int, options: str, action: Callable[[Path], None], wanted: set[str]) -> Image:
    """Stopped in the middle of a long chain of transactions, again until the log has the promises that are wanted."""

    def attempt(path: Path, seed: int) -> None:
        path.write_bytes(b"")
        os.truncate(path, 64 * MIB)
        make(path, number, options)
        with loop(path) as device, mounted(device) as root:
            fragments(root, 2500, 1024)
            os.sync()
            children = [child(lambda: action(root)), child(lambda: flush_on(root / "flushed"))]
            time.sleep(random.Random(seed).uniform(0.01, 0.15))
            run("xfs_io", "-x", "-c", "shutdown", root)
            for process in children:
                os.waitpid(process, 0)

    def build(guest: Guest) -> None:
        disk = guest.add_disk(64 * MIB)
        for seed in range(200):
            attempt(disk.path, seed)
            if wanted <= promises(disk.path):
                break
        else:
            raise RuntimeError(f"{name}: the log never had {wanted} unfinished")
        assert_stale(disk.path)
        guest.add_filesystem(disk, stale=True)

    return Image(name, build, PACKAGES, container=ZSTD)


def empty_pieces(root: Path) -> None:
    os.truncate(root / "pieces", 0)


def clone_pieces(root: Path) -> None:
    with open(root / "pieces", "rb") as one, open(root / "clone", "wb") as two:
        fcntl.ioctl(two.fileno(), FICLONE, one.fileno())


def stopped_there(name: str, number: int, size_mib: int, options: str) -> Image:
    """Version 4, which few kernels write any more: worked on in the appliance, and stopped there without an unmount."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        make(disk.path, number, options)
        guest.add_filesystem(disk, stale=True)

    def stop(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], 40, 4)
        handle.mount_options("", own["/dev/sda"], "/")
        script = """
            cd /sysroot; i=0; while [ $i -lt 60 ]; do
                head -c 9000 /dev/zero | tr '\\0' b > n$i; i=$((i + 1)); done
            sync; i=0; while [ $i -lt 60 ]; do rm n$i; i=$((i + 2)); done
            exec 5<>held; head -c 50000 /dev/zero >&5; rm held
            xfs_io -x -c 'shutdown -f' /sysroot; exec 5>&-"""
        try:
            shell(handle, script)
        finally:
            handle.umount_all()

    return Image(name, build, PACKAGES, stop, container=ZSTD)


def images() -> list[Image]:
    return [
        wrapped("xfs-dirty-wrapped", 960, 24, "--unsupported -b size=1024 -m reflink=0 -l size=3m"),
        dirty("xfs-dirty-stripe", 961, 320, "-l su=32k"),
        dirty("xfs-dirty-stripe-256k", 962, 320, "-l su=256k"),
        dirty("xfs-dirty-sector", 964, 320, "-s size=4096"),
        dirty("xfs-dirty-19-ags", 965, 400, "--unsupported -d agcount=19"),
        dirty("xfs-dirty-nameless", 966, 64, "--unsupported", nameless),
        dirty("xfs-dirty-prepared", 967, 64, "--unsupported", prepared),
        dirty("xfs-dirty-no-inobtcount", 968, 64, "--unsupported -m inobtcount=0", lambda root: work(root, 200)),
        dirty("xfs-dirty-i2048", 969, 64, "--unsupported -i size=2048 -m rmapbt=1", lambda root: nameless(root, 150)),
        dirty("xfs-dirty-half-shared", 970, 64, "--unsupported", half_shared),
        interrupted("xfs-dirty-freeing", 971, "--unsupported -b size=1024", empty_pieces, {"EFI"}),
        interrupted("xfs-dirty-lowering", 972, "--unsupported -b size=1024", empty_pieces, {"CUI"}),
        interrupted("xfs-dirty-lowering-rmapbt", 973, "--unsupported -b size=1024 -m rmapbt=1", empty_pieces, {"CUI", "RUI"}),
        interrupted("xfs-dirty-cloning", 974, "--unsupported -b size=1024 -m rmapbt=1", clone_pieces, {"BUI"}),
        torn("xfs-dirty-torn-tail", 975, "first", "256k", 1150),
        torn("xfs-dirty-torn-head", 976, "last", "32k", 100),
        dirty("xfs-dirty-files", 977, 320, "", lambda root: contents(root, nodes=520, teeth=300)),
        dirty("xfs-dirty-files-1k", 978, 320, "-b size=1024 -m rmapbt=1", lambda root: contents(root, 1024, 200, 200)),
        stopped_there("xfs-dirty-v4", 980, 64, "--unsupported -m crc=0,finobt=0 -l version=1"),
        stopped_there("xfs-dirty-v4-no-lazy-count", 981, 64, "--unsupported -m crc=0,finobt=0 -l lazy-count=0"),
    ]
