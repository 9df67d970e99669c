"""Filesystems of other systems that Linux mounts: HFS, HFS+ and the UFS of the BSDs.

HFS+ has no maker in Debian: an empty one is written here, and the appliance's kernel fills it. Linux looks for a UFS2 at 64 KiB alone,
where FreeBSD has it, and makefs writes it to 8 KiB: it is copied.

References: hformat(1), makefs(8); Apple Technical Note TN1150; Linux fs/hfsplus/hfsplus_raw.h, fs/hfs/super.c, fs/ufs/super.c.
"""

from __future__ import annotations

import struct
from typing import Any

from lib.appliance import shell
from lib.fill import tree
from lib.image import MIB, Guest, Image
from lib.tools import run

BLOCK = NODE = 4096
EPOCH = {"SOURCE_DATE_EPOCH": "1577836800"}
# 2020-01-01, in seconds since 1904.
DATE = 3660681600
UFS_MAGIC_END = 1376


def fill(kind: str) -> Any:
    """Folders and files; some files are deleted again."""

    def work(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        handle.mount_vfs("", kind, own["/dev/sda"], "/")
        try:
            shell(
                handle,
                """cd /sysroot; mkdir d0 d1; i=0; while [ $i -lt 40 ]; do
                head -c $((i * 1311)) /dev/zero | tr '\\0' h > d$((i % 2))/f$i; i=$((i + 1)); done
                dd if=/dev/zero of=large bs=1024 count=300 2>/dev/null; sync
                rm d0/f4 d1/f11 d1/f17; sync""",
            )
        finally:
            handle.umount_all()

    return work


def hfs(name: str, size_bytes: int) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        run("hformat", "-l", "Macintosh", disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, ("hfsutils",), fill("hfs"), kernel="appliance")


def hfsplus(name: str, size_bytes: int, block_bytes: int = BLOCK) -> Image:

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_bytes)
        with open(disk.path, "r+b") as file:
            for offset, content in empty_hfsplus(size_bytes, block_bytes):
                file.seek(offset)
                file.write(content)
        guest.add_filesystem(disk)

    return Image(name, build, ("linux-image-amd64",), fill("hfsplus"), kernel="appliance")


def empty_hfsplus(size_bytes: int, block_bytes: int) -> list[tuple[int, bytes]]:
    """(offset, bytes) of the header and its copy, the allocation file, and both trees."""
    blocks = size_bytes // block_bytes
    tree_blocks = -(-16 * NODE // block_bytes)
    bitmap_blocks = -(-blocks // 8 // block_bytes)
    first = -(-1536 // block_bytes)
    bitmap_at, extents_at = first, first + bitmap_blocks
    catalog_at = extents_at + tree_blocks
    used = catalog_at + tree_blocks
    last = -(-1024 // block_bytes)
    bits = bytearray(bitmap_blocks * block_bytes)
    for block in [*range(used), *range(blocks - last, blocks)]:
        bits[block // 8] |= 0x80 >> block % 8

    def fork(at: int, count: int) -> bytes:
        return struct.pack(">QII", count * block_bytes, block_bytes, count) + struct.pack(">16I", at, count, *[0] * 14)

    header = struct.pack(
        ">2sHI4sI4I2I3I3I2IQ32s",
        b"H+", 4, 0x100, b"10.0", 0, DATE, DATE, 0, DATE, 0, 0,
        block_bytes, blocks, blocks - used - last, used, 65536, 65536, 16, 1, 1, bytes(24) + b"virtdf15",
    )
    forks = [fork(bitmap_at, bitmap_blocks), fork(extents_at, tree_blocks), fork(catalog_at, tree_blocks)]
    header += b"".join(forks) + bytes(160)
    nodes = tree_blocks * block_bytes // NODE
    return [
        (1024, header),
        (size_bytes - 1024, header),
        (bitmap_at * block_bytes, bytes(bits)),
        (extents_at * block_bytes, tree_head(nodes, 10, 2, 0)),
        (catalog_at * block_bytes, tree_head(nodes, 516, 6, 2) + root_leaf()),
    ]


def tree_head(nodes: int, key_bytes: int, attributes: int, leaf_records: int) -> bytes:
    leaf = 1 if leaf_records else 0
    used = 1 + leaf
    record = struct.pack(
        ">HIIIIHHIIHIBBI64x",
        leaf, leaf, leaf_records, leaf, leaf, NODE, key_bytes, nodes, nodes - used, 0, NODE, 0, 0, attributes,
    )
    room = NODE - 14 - len(record) - 128 - 8
    free = bytes([0xC0 if leaf else 0x80]) + bytes(room - 1)
    offsets = struct.pack(">4H", NODE - 8, 14 + len(record) + 128, 14 + len(record), 14)
    return struct.pack(">IIbBHH", 0, 0, 1, 0, 3, 0) + record + bytes(128) + free + offsets


def root_leaf() -> bytes:
    """The root folder, and what says where it is."""
    name = "Volume".encode("utf-16-be")
    key = struct.pack(">HIH", 6 + len(name), 1, len(name) // 2) + name
    folder = struct.pack(">HHII5IIIBBHI16x16xII", 1, 0, 0, 2, *[DATE] * 5, 0, 0, 0, 0, 0o40755, 0, 0, 0)
    thread = struct.pack(">HIHHHI", 6, 2, 0, 3, 0, 1) + struct.pack(">H", len(name) // 2) + name
    first = key + folder
    offsets = struct.pack(">3H", 14 + len(first) + len(thread), 14 + len(first), 14)
    body = struct.pack(">IIbBHH", 0, 0, -1, 1, 2, 0) + first + thread
    return body + bytes(NODE - len(body) - len(offsets)) + offsets


def ufs(name: str, version: int, order: str, options: str) -> Image:
    def build(guest: Guest) -> None:
        source = guest.directory / "tree"
        tree(source)
        disk = guest.add_disk(0)
        words = ["-t", "ffs", "-B", order, "-s", "12m", "-o", f"version={version},{options}"]
        run("makefs", *words, disk.path, source, env=EPOCH)
        if version == 2:
            with open(disk.path, "r+b") as file:
                file.seek(8192)
                superblock = bytearray(file.read(UFS_MAGIC_END))
                struct.pack_into("<q" if order == "le" else ">q", superblock, 1000, 65536)
                file.seek(65536)
                file.write(superblock)
                file.seek(8192)
                file.write(bytes(UFS_MAGIC_END))
        kind = "44bsd" if version == 1 else "ufs2"
        guest.add_filesystem(disk, mount_options=f"ufstype={kind}")

    return Image(name, build, ("makefs",), kernel="appliance")


def images() -> list[Image]:
    return [
        hfs("hfs-floppy", 1440 * 1024),
        hfsplus("hfsplus-4k", 16 * MIB),
        ufs("ufs1-le", 1, "le", "bsize=8192,fsize=1024,minfree=5"),
        ufs("ufs1-be", 1, "be", "bsize=16384,fsize=2048,minfree=8"),
        ufs("ufs2-le", 2, "le", "bsize=32768,fsize=4096,minfree=8"),
    ]
