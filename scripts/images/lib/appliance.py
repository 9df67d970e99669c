"""The libguestfs appliance: a Linux kernel with every module, in a small virtual machine.

A start takes 10 s and more under plain emulation, so many images share one. libguestfs
translates device names only in its own calls, not in a shell of the appliance; there each disk
goes by /dev/disk/guestfs/LABEL, and labels may only have letters.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from lib.image import Guest, Part
from lib.oracle import FIELDS, views_of

# qemu takes at most 255 disks on one virtio-scsi bus.
MAXIMUM_DISKS = 120


@contextlib.contextmanager
def appliance(
    guests: list[Guest], writable: bool, with_missing: bool = False
) -> Iterator[tuple[Any, list[dict[str, str]]]]:
    """Start with the disks of all guests; gives the handle and, for every guest, a map from its own
    device names (/dev/sda) to the appliance's shell names. Read-only disks lie below a
    throw-away layer, so they can be mounted read-write too."""
    import guestfs

    os.environ.setdefault("LIBGUESTFS_BACKEND", "direct")
    os.environ.setdefault("LIBGUESTFS_BACKEND_SETTINGS", "force_tcg")
    handle = guestfs.GuestFS(python_return_dict=True)
    names: list[dict[str, str]] = []
    number = 0
    for guest in guests:
        own: dict[str, str] = {}
        for disk in guest.disks:
            if disk.missing and not with_missing:
                continue
            label = "disk" + chr(97 + number // 26) + chr(97 + number % 26)
            number += 1
            handle.add_drive_opts(
                str(disk.path), readonly=not writable, format="raw", label=label, blocksize=disk.sector_bytes
            )
            own[guest.device(disk)] = f"/dev/disk/guestfs/{label}"
        names.append(own)
    # Then this kernel takes the backup GPT when the primary one is broken.
    handle.set_append("gpt")
    handle.launch()
    try:
        yield handle, names
    finally:
        if writable:
            handle.umount_all()
            handle.sync()
        handle.shutdown()
        handle.close()


def in_appliance_name(device: str, own: dict[str, str]) -> str:
    """/dev/sda1 of the guest -> the name in the appliance; logical volumes keep theirs."""
    for disk, name in own.items():
        if device.startswith(disk) and (device[len(disk) :] or "0").isdigit():
            return name + device[len(disk) :]
    return device


def views(handle: Any, part: Part, own: dict[str, str], kind: str | None) -> dict[str, Any]:
    """Both views from the appliance's kernel."""
    found: dict[str, Any] = {}
    for view, mode in views_of(kind):
        options = mode
        if part.external:
            options += f",{part.external[0]}={in_appliance_name(part.external[1], own)}"
        for member in part.members:
            options += f",device={in_appliance_name(member, own)}"
        if part.mount_options:
            options += "," + part.mount_options
        device = in_appliance_name(part.device, own)
        found[view] = statvfs(handle, device, options, kind)
    return found


def statvfs(handle: Any, device: str, options: str, kind: str | None) -> dict[str, int]:
    if kind:
        handle.mount_vfs(options, kind, device, "/")
    else:
        handle.mount_options(options, device, "/")
    try:
        answer = handle.statvfs("/")
    finally:
        handle.umount_all()
    names = {"f_bsize": "bsize", "f_frsize": "frsize", "f_blocks": "blocks", "f_bfree": "bfree"}
    names |= {"f_bavail": "bavail", "f_files": "files", "f_ffree": "ffree"}
    return {field: answer[names[field]] for field in FIELDS}


def shell(handle: Any, script: str) -> str:
    """Run a script in the appliance; a failing command fails."""
    return handle.debug("sh", ["set -e; " + script])


def kernel(handle: Any) -> str:
    release = shell(handle, "uname -r").strip()
    return f"Linux {release} (Debian)"


def fill_there(
    handle: Any, device: str, files: int = 40, large_mib: int = 4, kind: str = "", options: str = ""
) -> None:
    """As lib/fill.py, but inside the appliance; names have at most 14 bytes."""
    script = f"""
        cd /sysroot; mkdir d0 d1 d2
        i=0; while [ $i -lt {files} ]; do
            head -c $((i * i % 9000)) /dev/zero | tr '\\0' a > d$((i % 3))/f$i; i=$((i + 1)); done
        dd if=/dev/zero of=large.bin bs=1M count={large_mib} 2>/dev/null
        ln -s d0/f0 link; rm -f d0/f3 d1/f10 d2/f8; sync"""
    if kind:
        handle.mount_vfs(options, kind, device, "/")
    else:
        handle.mount_options(options, device, "/")
    try:
        shell(handle, script)
    finally:
        handle.umount_all()
