"""ext2, ext3 and ext4 in every geometry that changes what statfs counts.

References: mke2fs(8), mke2fs.conf(5); Linux fs/ext4/super.c (ext4_calculate_overhead, ext4_statfs).
"""

from __future__ import annotations

from collections.abc import Callable

from lib.fill import fill
from lib.image import MIB, Guest, Image
from lib.mounting import loop, mounted
from lib.tools import run

UUID = "0e2fe2f5-0000-4000-8000-{:012d}"
# Directory hashes would differ from run to run.
HASH_SEED = "hash_seed=5eed5eed-5eed-5eed-5eed-5eed5eed5eed"


def ext(number: int, name: str, size_mib: float, options: str, extended: str = "", label: str = "", files: int = 60, share: float = 0.3, blocks: str = "") -> Image:
    """One filesystem on the whole disk; `options` as on mke2fs's command line."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_mib * MIB))
        make(disk.path, number, options, extended, label, blocks)
        guest.add_filesystem(disk)
        with loop(disk.path) as device, mounted(device, kind="ext4") as root:
            fill(root, files, share)

    return Image(name, build, ("e2fsprogs",))


def make(target: object, number: int, options: str, extended: str = "", label: str = "", blocks: str = "") -> None:
    extras = ",".join(filter(None, [HASH_SEED, extended]))
    words: list[object] = ["mke2fs", "-q", "-F", "-U", UUID.format(number), "-E", extras]
    if label:
        words += ["-L", label]
    run(*words, *options.split(), target, *blocks.split())


def images() -> list[Image]:
    return [
        ext(1, "ext4-default", 64, "-t ext4", label="root"),
    ]
