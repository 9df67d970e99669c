"""What a family of images says about each of its images, and where the work is done.

An `Image` has a name and two steps: `build` makes the raw disks with local tools, and
`in_appliance` (optional) works on them inside the libguestfs appliance, whose kernel has what a
machine's own kernel may lack (device-mapper, minix, ...). Both describe what they made in a
`Guest`; `record.py` asks the kernels about it and writes the image and its expectation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MIB = 1024 * 1024


@dataclass
class Disk:
    """One raw disk of the guest."""

    path: Path
    sector_bytes: int = 512
    missing: bool = False  # made, but not given to the reader


@dataclass
class Part:
    """A byte range of a disk (or a logical volume) that holds something blkid knows."""

    device: str  # as libguestfs names it: /dev/sda, /dev/sda1, /dev/VG/LV
    disk: Disk | None = None  # None for a logical volume
    offset_bytes: int = 0
    size_bytes: int = 0  # 0: to the end of the disk
    external: tuple[str, str] | None = None  # (mount option, device) of a log or realtime device
    members: list[str] = field(default_factory=list)  # the other devices of one over several disks
    mount_options: str = ""
    stale: bool = False
    notes: str = ""


@dataclass
class Guest:
    """The disks of one image and what lies on them."""

    directory: Path
    disks: list[Disk] = field(default_factory=list)
    filesystems: list[Part] = field(default_factory=list)
    volumes: list[Part] = field(default_factory=list)
    partitions: list[dict[str, Any]] = field(default_factory=list)
    activate: str = ""  # run in the appliance before it is asked about this guest
    facts: dict[str, Any] = field(default_factory=dict)  # more top-level keys of the expectation

    def add_disk(self, size_bytes: int, sector_bytes: int = 512) -> Disk:
        path = self.directory / f"disk{len(self.disks) + 1}.raw"
        with open(path, "wb") as file:
            file.truncate(size_bytes)
        disk = Disk(path, sector_bytes)
        self.disks.append(disk)
        return disk

    def device(self, disk: Disk) -> str:
        return "/dev/sd" + "abcdefgh"[self.disks.index(disk)]

    def add_filesystem(self, disk: Disk, **more: Any) -> Part:
        """A filesystem on the whole disk."""
        part = Part(self.device(disk), disk, **more)
        self.filesystems.append(part)
        return part


@dataclass(frozen=True)
class Container:
    """How the qcow2 is written; None leaves the cluster size to whichever makes the smallest file."""

    cluster_bytes: int | None = None
    compression: str = "zlib"
    options: str = ""


@dataclass(frozen=True)
class Image:
    name: str
    build: Callable[[Guest], None]
    packages: tuple[str, ...]  # Debian packages whose versions matter
    in_appliance: Callable[[Any, Guest, dict[str, str]], None] | None = None
    container: Container = Container()
    write: Callable[[Guest, Path], list[str]] | None = None  # instead of plain conversion
    kernel: str = "any"  # any | appliance | 64k: which kernel is the oracle
    made_by: str = ""
