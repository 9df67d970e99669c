"""Work on a mounted XFS that leaves long chains of transactions in its log: fragments, clones, writes to shared
blocks, holes, attributes, deleted files that stay open, and a flush of the log in between.

Usage: python3 xfs_work.py FOLDER SEED [WORKERS]      (until it is ended)

References: Linux include/uapi/linux/fs.h (FICLONERANGE), falloc.h; fs/xfs/libxfs/xfs_fs.h (XFS_IOC_EXCHANGE_RANGE).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path

BLOCK = 4096
FICLONERANGE = 0x4020940D
EXCHANGE_RANGE = 0x40285881
EXCHANGE_TO_EOF = 1
KEEP_SIZE, PUNCH, COLLAPSE, ZERO, INSERT, UNSHARE = 0x01, 0x02, 0x08, 0x10, 0x20, 0x40
MAX_FILES = 60
MAX_BLOCKS = 1200
MAX_HELD = 40
FULL = 0.85

libc = ctypes.CDLL(None, use_errno=True)


def fallocate(descriptor: int, mode: int, offset: int, length: int) -> None:
    if libc.fallocate(descriptor, mode, ctypes.c_int64(offset), ctypes.c_int64(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


class Worker:
    """One process's files, in a folder of its own."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.draw = random.Random(seed)
        self.held: list[int] = []
        self.next = 0
        root.mkdir(exist_ok=True)

    def run(self) -> None:
        actions: list[tuple[Callable[[], None], int]] = [
            (self.scatter, 12), (self.clone, 8), (self.clone_part, 6), (self.overwrite, 10), (self.hole, 8),
            (self.shift, 3), (self.truncate, 5), (self.unlink, 10), (self.hold, 5), (self.nameless, 3),
            (self.release, 5), (self.attribute, 6), (self.exchange, 3), (self.many, 2), (self.flush, 12),
            (self.append, 6),
        ]  # fmt: skip
        choices = [action for action, weight in actions for _ in range(weight)]
        while True:
            status = os.statvfs(self.root)
            if status.f_bavail < status.f_blocks * (1 - FULL):
                self.clear()
            try:
                self.draw.choice(choices)()
            except OSError:
                # Full, or a range that the file does not have: the work goes on.
                continue

    def files(self) -> list[Path]:
        return [path for path in self.root.iterdir() if path.is_file()]

    def any(self) -> Path:
        files = self.files()
        return self.draw.choice(files) if files else self.new()

    def new(self) -> Path:
        self.next += 1
        if len(self.files()) > MAX_FILES:
            self.unlink()
        return self.root / f"f{self.next}"

    def open(self, path: Path, flags: int = 0) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600)

    def blocks(self, most: int = MAX_BLOCKS) -> int:
        return self.draw.choice([1, 2, 3, 7, 16, 64, 200, most]) if self.draw.random() < 0.5 else self.draw.randint(1, most)

    def scatter(self) -> None:
        """Two files that grow in turns, block by block, with holes between."""
        paths = [self.new(), self.new()]
        descriptors = [self.open(path) for path in paths]
        step = self.draw.randint(1, 3)
        for block in range(0, self.draw.randint(1, 300) * step, step):
            for descriptor in descriptors:
                os.pwrite(descriptor, b"s" * BLOCK, block * BLOCK)
            if block % 8 == 0:
                for descriptor in descriptors:
                    os.fdatasync(descriptor) if self.draw.random() < 0.2 else None
        for descriptor in descriptors:
            os.fdatasync(descriptor) if self.draw.random() < 0.5 else None
            os.close(descriptor)
        if self.draw.random() < 0.5:
            paths[0].unlink()

    def clone(self) -> None:
        self.clone_range(self.any(), self.new(), 0, 0, 0)

    def clone_part(self) -> None:
        offset, to = self.blocks(300) * BLOCK, self.blocks(300) * BLOCK
        self.clone_range(self.any(), self.any(), offset, self.blocks(300) * BLOCK, to)

    def clone_range(self, source: Path, target: Path, offset: int, length: int, to: int) -> None:
        one, two = self.open(source), self.open(target)
        try:
            fcntl.ioctl(two, FICLONERANGE, struct.pack("=qQQQ", one, offset, length, to))
        finally:
            os.close(one)
            os.close(two)

    def overwrite(self) -> None:
        descriptor = self.open(self.any())
        for _ in range(self.draw.randint(1, 20)):
            os.pwrite(descriptor, b"o" * self.draw.randint(1, 3 * BLOCK), self.blocks() * BLOCK)
        if self.draw.random() < 0.6:
            os.fsync(descriptor)
        os.close(descriptor)

    def append(self) -> None:
        descriptor = self.open(self.any(), os.O_APPEND)
        os.write(descriptor, b"a" * self.blocks(200) * BLOCK)
        os.close(descriptor)

    def hole(self) -> None:
        descriptor = self.open(self.any())
        mode = self.draw.choice([PUNCH | KEEP_SIZE, PUNCH | KEEP_SIZE, ZERO, UNSHARE, KEEP_SIZE, 0])
        try:
            fallocate(descriptor, mode, self.blocks() * BLOCK, self.blocks() * BLOCK)
        finally:
            os.close(descriptor)

    def shift(self) -> None:
        descriptor = self.open(self.any())
        try:
            fallocate(descriptor, self.draw.choice([COLLAPSE, INSERT]), self.blocks(100) * BLOCK, BLOCK)
        finally:
            os.close(descriptor)

    def truncate(self) -> None:
        os.truncate(self.any(), self.draw.choice([0, 1, self.blocks() * BLOCK]))

    def unlink(self) -> None:
        files = self.files()
        if files:
            self.draw.choice(files).unlink()

    def hold(self) -> None:
        """A file that is deleted and stays open."""
        path = self.any()
        self.keep(self.open(path))
        path.unlink()

    def nameless(self) -> None:
        for _ in range(self.draw.choice([1, 1, 5, 80])):
            descriptor = os.open(self.root, os.O_TMPFILE | os.O_RDWR)
            self.keep(descriptor)
            if self.draw.random() < 0.5:
                os.write(descriptor, bytes(self.blocks(50) * BLOCK))

    def keep(self, descriptor: int) -> None:
        self.held.append(descriptor)
        if len(self.held) > MAX_HELD:
            self.release()

    def release(self) -> None:
        for _ in range(self.draw.randint(0, len(self.held))):
            os.close(self.held.pop(self.draw.randrange(len(self.held))))

    def attribute(self) -> None:
        path = self.any()
        name = f"user.{'n' * self.draw.randint(1, 100)}{self.draw.randint(0, 20)}"
        if self.draw.random() < 0.3:
            for known in os.listxattr(path):
                os.removexattr(path, known)
        else:
            os.setxattr(path, name, bytes(self.draw.choice([1, 50, 500, 3000, 20000, 60000])))

    def exchange(self) -> None:
        one, two = self.open(self.any()), self.open(self.any())
        try:
            fcntl.ioctl(one, EXCHANGE_RANGE, struct.pack("=iIQQQQ", two, 0, 0, 0, 0, EXCHANGE_TO_EOF))
        finally:
            os.close(one)
            os.close(two)

    def many(self) -> None:
        """Small files, made and partly deleted: whole chunks of inodes."""
        folder = self.root / f"d{self.next}"
        self.next += 1
        folder.mkdir()
        names = [folder / str(i) for i in range(self.draw.choice([20, 100, 200]))]
        for name in names:
            os.close(self.open(name))
        if self.draw.random() < 0.7:
            for name in names:
                name.unlink()
            folder.rmdir()

    def flush(self) -> None:
        descriptor = self.open(self.any())
        os.fsync(descriptor)
        os.close(descriptor)

    def clear(self) -> None:
        self.release()
        for path in self.files()[::2]:
            path.unlink()
        for folder in [path for path in self.root.iterdir() if path.is_dir()]:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()


def main() -> None:
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    children = []
    for number in range(workers):
        child = os.fork()
        if child == 0:
            Worker(folder / f"w{number}", seed * 100 + number).run()
        children.append(child)

    def stop(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.pause()


if __name__ == "__main__":
    main()
