"""An image as a loop device, by the FUSE export of qemu-storage-daemon, so that the kernel of this machine writes to it and
discards in it as a guest does, and the image allocates and frees clusters as it does for a guest of QEMU."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from lib.mounting import loop
from lib.tools import run

WAIT_SECONDS = 60


@contextlib.contextmanager
def attached(image: Path, kind: str, offset_bytes: int = 0, size_bytes: int = 0) -> Iterator[str]:
    """The loop device of a range of the disk in an image."""
    point, number = image.with_suffix(".fuse"), image.with_suffix(".pid")
    point.touch()
    node = (
        f"driver={kind},node-name=disk,discard=unmap,file.driver=file,file.filename={image},file.discard=unmap"
    )
    export = f"type=fuse,id=export,node-name=disk,mountpoint={point},writable=on"
    run("qemu-storage-daemon", "--blockdev", node, "--export", export, "--daemonize", "--pidfile", number)
    try:
        with loop(point, offset_bytes, size_bytes) as device:
            yield device
            run("blockdev", "--flushbufs", device)
        wait(lambda: run("losetup", "--associated", point).strip() == "")
    finally:
        process = int(number.read_text())
        os.kill(process, signal.SIGTERM)
        wait(lambda: not is_running(process))
        point.unlink()


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait(is_done) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not is_done():
        if time.monotonic() > end:
            raise RuntimeError("the image is still attached")
        time.sleep(0.05)
