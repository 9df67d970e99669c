"""XFS: versions, features and geometries that change what statfs counts.

References: mkfs.xfs(8); Linux fs/xfs/xfs_super.c (xfs_fs_statfs), fs/xfs/libxfs/xfs_ag_resv.c.
"""

from __future__ import annotations

from lib.fill import fill
from lib.image import MIB, Guest, Image
from lib.mounting import loop, mounted
from lib.tools import run

UUID = "0f5f5f5f-0000-4000-8000-{:012d}"


def make(target: object, number: int, options: str) -> None:
    """`-m uuid=` keeps the UUID fixed; a second -m in the options is allowed."""
    run("mkfs.xfs", "-q", "-f", "-m", f"uuid={UUID.format(number)}", *options.split(), target)


def xfs(number: int, name: str, size_mib: float, options: str = "", files: int = 60, share: float = 0.2) -> Image:
    """One filesystem on the whole disk; `options` as on mkfs.xfs's command line."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_mib * MIB))
        make(disk.path, number, options)
        guest.add_filesystem(disk)
        with loop(disk.path) as device, mounted(device, kind="xfs") as root:
            fill(root, files, share)

    return Image(name, build, ("xfsprogs",))


def images() -> list[Image]:
    return [
        xfs(1, "xfs-default", 320, "-L data"),
    ]
