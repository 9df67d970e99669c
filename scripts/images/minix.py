"""Minix filesystems, versions 1 to 3. The kernel that mounts them is the appliance's.

References: mkfs.minix(8); Linux fs/minix/inode.c (minix_statfs).
"""

from __future__ import annotations

from typing import Any

from lib.appliance import shell
from lib.image import MIB, Guest, Image
from lib.tools import run

PACKAGES = ("util-linux",)


def minix(name: str, size_bytes: int, options: str) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        run("mkfs.minix", *options.split(), disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, PACKAGES, fill_there, kernel="appliance")


def fill_there(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Names of at most 14 bytes; some files are deleted again."""
    handle.mount_vfs("", "minix", own["/dev/sda"], "/")
    try:
        shell(
            handle,
            """cd /sysroot; mkdir d0 d1; i=0; while [ $i -lt 30 ]; do
            head -c $((i * 211)) /dev/zero | tr '\\0' m > d$((i % 2))/f$i; i=$((i + 1)); done
            dd if=/dev/zero of=large bs=1024 count=300 2>/dev/null
            rm d0/f4 d1/f11 d1/f17; sync""",
        )
    finally:
        handle.umount_all()


def images() -> list[Image]:
    return [
        minix("minix-v1-14", 1 * MIB, "-1 -n 14"),
        minix("minix-v1-30", 1 * MIB, "-1 -n 30 -i 96"),
        minix("minix-v2", 3 * MIB, "-2 -n 30"),
        minix("minix-v2-14", 2 * MIB, "-2 -n 14 -i 300"),
        minix("minix-v3", 8 * MIB, "-3"),
    ]
