"""What blkid and a kernel's statvfs say of a filesystem.

Two views are recorded: `guest`, a read-write mount (what df prints inside the guest), and `mount`,
a read-only mount after recovery (what libguestfs's virt-df prints). Each mount gets its own fresh
copy of the disks, because a mount writes.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lib.image import Guest, Part
from lib.mounting import loop, mounted
from lib.tools import run, sparse_copy

FIELDS = ("f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree")
# Filesystems that cannot be mounted for writing; both views are then the same mount.
READ_ONLY = {"iso9660", "squashfs", "erofs", "cramfs", "romfs", "ufs"}


def views_of(kind: str | None) -> tuple[tuple[str, str], ...]:
    """The two views and the mount option of each."""
    return (("mount", "ro"), ("guest", "ro" if kind in READ_ONLY else "rw"))


def identity(path: Path | str, offset_bytes: int = 0, size_bytes: int = 0) -> dict[str, str | None]:
    """Type, label and UUID as `blkid -p` finds them."""
    words: list[object] = ["blkid", "-p", "--offset", offset_bytes]
    if size_bytes:
        words += ["--size", size_bytes]

    def tag(name: str) -> str | None:
        # One value a call: only this form prints a label as it is, blanks and UTF-8 included.
        return run(*words, "-o", "value", "-s", name, path).removesuffix("\n") or None

    return {"type": tag("TYPE"), "label": tag("LABEL"), "uuid": tag("UUID") or tag("LOGUUID")}


def part_identity(part: Part) -> dict[str, str | None]:
    assert part.disk is not None
    return identity(part.disk.path, part.offset_bytes, part.size_bytes)


def local_views(guest: Guest, part: Part, kind: str | None) -> dict[str, Any]:
    """Both views from the machine's own kernel; RuntimeError if it cannot mount."""
    assert part.disk is not None
    return {view: local_statvfs(guest, part, mode, kind or "") for view, mode in views_of(kind)}


def local_statvfs(guest: Guest, part: Part, mode: str, kind: str) -> dict[str, int]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="virt-df-copy-")))
        options = [mode]
        if part.external:
            option, device = part.external
            other = guest.disks["abcdefgh".index(device[-1])]
            copy = sparse_copy(other.path, directory / "external.raw")
            options.append(f"{option}={stack.enter_context(loop(copy))}")
        for member in part.members:
            other = guest.disks["abcdefgh".index(member[-1])]
            copy = sparse_copy(other.path, directory / f"member-{member[-1]}.raw")
            options.append(f"device={stack.enter_context(loop(copy))}")
        if part.mount_options:
            options.append(part.mount_options)
        assert part.disk is not None
        copy = sparse_copy(part.disk.path, directory / "disk.raw")
        sector_bytes = part.disk.sector_bytes
        device = stack.enter_context(loop(copy, part.offset_bytes, part.size_bytes, sector_bytes))
        root = stack.enter_context(mounted(device, ",".join(options), kind))
        if kind == "btrfs" and mode == "rw":
            settle(root)
        return counts(os.statvfs(root))


def settle(root: Path) -> None:
    """What a mount begins is counted when the transaction ends: files without a name are freed."""
    for _ in range(2):
        run("sync", "--file-system", root)
        time.sleep(0.5)


def counts(answer: Any) -> dict[str, int]:
    return {field: getattr(answer, field) for field in FIELDS}


def local_kernel() -> str:
    """The release without what a distribution adds to it."""
    return "Linux " + os.uname().release.split("-")[0]
