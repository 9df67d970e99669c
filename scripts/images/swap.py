"""Linux swap areas of several page sizes and both byte orders, and suspended systems.

References: mkswap(8); Linux include/linux/swap.h (union swap_header), kernel/power/swap.c.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from lib.image import MIB, Guest, Image, Part
from lib.tools import run

UUID = "5a5a5a5a-0000-4000-8000-{:012d}"
INFO_OFFSET = 1024  # after the boot block: version, last_page, nr_badpages


def swap(
    number: int, name: str, size_bytes: int, options: str, after: Callable[[Path], None] | None = None
) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        run("mkswap", "-U", UUID.format(number), *options.split(), disk.path)
        if after:
            after(disk.path)
        guest.volumes.append(Part("/dev/sda", disk))

    return Image(name, build, ("util-linux",))


def big_endian(path: Path) -> None:
    """What a big-endian machine writes: the three numbers the other way round."""
    with open(path, "r+b") as file:
        file.seek(INFO_OFFSET)
        numbers = struct.unpack("<3I", file.read(12))
        file.seek(INFO_OFFSET)
        file.write(struct.pack(">3I", *numbers))


def suspended(page_bytes: int) -> Callable[[Path], None]:
    """Suspend to disk keeps the signature ten bytes before its own and puts its own in its place."""

    def suspend(path: Path) -> None:
        with open(path, "r+b") as file:
            file.seek(page_bytes - 20)
            file.write(b"SWAPSPACE2" + b"S1SUSPEND\0")

    return suspend


def images() -> list[Image]:
    return [
        swap(1, "swap-4k", 4 * MIB, "-L swap-one"),
        swap(2, "swap-8k", 4 * MIB, "-p 8192"),
        swap(3, "swap-16k", 4 * MIB, "-p 16384 -L swap-16k"),
        swap(4, "swap-64k", 8 * MIB, "-p 65536 -L swap-64k"),
        swap(5, "swap-big-endian", 4 * MIB, "-L swap-be", big_endian),
        swap(6, "swap-64k-big-endian", 8 * MIB, "-p 65536", big_endian),
        swap(7, "swap-odd-size", 4 * MIB + 1234 * 512, ""),
        swap(8, "swap-suspended", 4 * MIB, "-L asleep", suspended(4096)),
        swap(9, "swap-suspended-64k", 4 * MIB, "-p 65536", suspended(65536)),
    ]
