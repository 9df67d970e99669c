"""Filesystems that this machine's kernel does not mount: filled, emptied in part and trimmed by the kernel of libguestfs's appliance,
through QEMU's block layer as for any guest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The shell of the appliance: its busybox and coreutils, with the filesystem on /sysroot.
FILL = """
set -e
cd /sysroot
n=0
while [ $n -lt %(files)d ]; do
  mkdir -p d$((n %% 7))
  yes virt-df | head -c $(( (n * 7919 + n * n * 104729) %% %(largest)d + 1 )) > d$((n %% 7))/f$n
  [ $((n %% 5)) -ne 0 ] || sync
  n=$((n + 1))
done
sync
n=0
while [ $n -lt %(files)d ]; do
  [ $(( (n * n + n / 3) %% 9 )) -gt 3 ] || rm d$((n %% 7))/f$n
  n=$((n + 1))
done
sync
"""


@contextmanager
def opened(images: list[tuple[Path, str]]) -> Iterator[tuple[Any, list[str]]]:
    """The appliance with these images, and their formats; gives its names for them."""
    import guestfs

    os.environ.setdefault("LIBGUESTFS_BACKEND", "direct")
    os.environ.setdefault("LIBGUESTFS_BACKEND_SETTINGS", "force_tcg")
    handle = guestfs.GuestFS(python_return_dict=True)
    for number, (path, kind) in enumerate(images):
        label = "disk" + chr(97 + number)
        handle.add_drive_opts(str(path), format=kind, discard="enable", label=label)
    handle.launch()
    try:
        yield handle, handle.list_devices()
    finally:
        handle.umount_all()
        handle.sync()
        handle.shutdown()
        handle.close()


def fill(handle: Any, device: str, kind: str, options: str, files: int, largest: int) -> None:
    handle.mkfs(kind, device)
    handle.mount_options(options, device, "/")
    handle.debug("sh", [FILL % {"files": files, "largest": largest}])
    handle.umount_all()


def trim(handle: Any, device: str, options: str) -> None:
    handle.mount_options(options, device, "/")
    handle.fstrim("/")
    handle.umount_all()
