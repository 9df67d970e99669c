"""Linux swap areas of every page size and byte order, and suspended systems.

References: mkswap(8); Linux include/linux/swap.h (union swap_header), kernel/power/swap.c.
"""

from __future__ import annotations

from lib.image import MIB, Guest, Image, Part
from lib.tools import run

UUID = "5a5a5a5a-0000-4000-8000-{:012d}"


def swap(number: int, name: str, size_bytes: int, options: str) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        run("mkswap", "-U", UUID.format(number), *options.split(), disk.path)
        guest.volumes.append(Part("/dev/sda", disk))

    return Image(name, build, ("util-linux",))


def images() -> list[Image]:
    return [
        swap(1, "swap-4k", 4 * MIB, "-L swap-one"),
    ]
