"""Loop devices and mounts of the machine's own kernel, taken down whatever happens."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lib.tools import run


@contextlib.contextmanager
def loop(path: Path, offset_bytes: int = 0, size_bytes: int = 0, sector_bytes: int = 512) -> Iterator[str]:
    """A loop device over a range of a file (this needs no partition scan)."""
    words: list[object] = ["losetup", "--find", "--show", "--offset", offset_bytes]
    if size_bytes:
        words += ["--sizelimit", size_bytes]
    if sector_bytes != 512:
        words += ["--sector-size", sector_bytes]
    device = run(*words, path).strip()
    try:
        yield device
    finally:
        run("losetup", "--detach", device)


@contextlib.contextmanager
def mounted(device: str, options: str = "", kind: str = "") -> Iterator[Path]:
    """A filesystem mounted on a directory that exists only meanwhile."""
    with tempfile.TemporaryDirectory(prefix="virt-df-mount-") as directory:
        words: list[object] = ["mount"]
        if kind:
            words += ["-t", kind]
        if options:
            words += ["-o", options]
        run(*words, device, directory)
        try:
            yield Path(directory)
        finally:
            os.sync()
            run("umount", directory)
