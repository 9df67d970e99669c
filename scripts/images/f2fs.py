"""F2FS: features, sizes, and copies made while it was mounted, which a mount rolls forward.

A machine's own kernel rarely has f2fs, so all the work is done in the appliance. Raw disks are written
through to their files, so a copy made here while the appliance has one mounted is what a crash leaves.

References: mkfs.f2fs(8), f2fs_io(8); Linux fs/f2fs/super.c (f2fs_statfs, f2fs_fill_super),
fs/f2fs/recovery.c (is_recoverable_dnode), fs/f2fs/checkpoint.c.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.appliance import fill_there, shell
from lib.image import MIB, Container, Guest, Image
from lib.tools import run, sparse_copy

UUID = "f2f50000-0000-4000-8000-{:012d}"
PACKAGES = ("f2fs-tools",)
BLOCK_BYTES = 4096
SEGMENT_BLOCKS = 512
CRC_RECOVERY, ORPHAN_PRESENT = 0x40, 0x2
FEATURES = "-O extra_attr,inode_checksum,sb_checksum,flexible_inline_xattr,inode_crtime,lost_found,verity"
QUOTA = ",quota,project_quota"

After = Callable[[Path], None]


def make(path: Path, number: int, options: str) -> None:
    # -r, so that the version of the first checkpoint is not random.
    run("mkfs.f2fs", "-q", "-f", "-r", "-U", UUID.format(number), *options.split(), path)


def f2fs(
    number: int,
    name: str,
    size_mib: float,
    options: str = "",
    work: str = "",
    mount: str = "",
    after: After | None = None,
    fill: bool = True,
    read_only: bool = False,
    container: Container = Container(),
) -> Image:
    """`options` of mkfs.f2fs, `mount` of the mount that fills it, `work` in a shell there, after the filling."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_mib * MIB))
        make(disk.path, number, options)
        guest.add_filesystem(disk, mount_options="ro" if read_only else "")

    def in_appliance(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        device = own["/dev/sda"]
        if fill:
            fill_there(handle, device, kind="f2fs", options=mount)
        if work:
            handle.mount_vfs(mount, "f2fs", device, "/")
            try:
                shell(handle, f"cd /sysroot; {work}; sync")
            finally:
                handle.umount_all()
        if after:
            after(guest.disks[0].path)

    return Image(name, build, PACKAGES, in_appliance, container=container, kernel="appliance")


def dirty(
    number: int,
    name: str,
    size_mib: float,
    options: str = "",
    before: str = "",
    work: str = "",
    mount: str = "",
    nodes: int = 0,
    held: tuple[str, ...] = (),
    container: Container = Container(),
) -> Image:
    """Copied while it is mounted: `before` is in the checkpoint, `work` behind it, in at least so many `nodes`. The
    files `held` are open, and deleted, from before the checkpoint until after the copy."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_mib * MIB))
        make(disk.path, number, options)
        guest.add_filesystem(disk, stale=nodes > 0 or bool(held))

    def in_appliance(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        disk = guest.disks[0]
        device = own["/dev/sda"]
        fill_there(handle, device, kind="f2fs", options=mount)
        handle.mount_vfs(mount, "f2fs", device, "/")
        try:
            opened = "; ".join(f"exec {number}<{file}; rm {file}" for number, file in enumerate(held, start=3))
            hold = f"({opened}; exec sleep 10000) </dev/null >/dev/null 2>&1 & echo $! >/held; sleep 1;" if held else ""
            shell(handle, f"cd /sysroot; {before or 'true'}; sync; {hold} sync; {work or 'true'}")
            copy = sparse_copy(disk.path, disk.path.with_suffix(".dirty"))
            if held:
                shell(handle, "h=$(cat /held); kill $h; while kill -0 $h 2>/dev/null; do sleep 1; done")
        finally:
            handle.umount_all()
        copy.replace(disk.path)
        found, has_orphans = pending(disk.path)
        if found < nodes or (nodes == 0 and found > 0) or has_orphans != bool(held):
            raise RuntimeError(f"{name}: {found} nodes behind the checkpoint, orphans: {has_orphans}")

    return Image(name, build, PACKAGES, in_appliance, container=container, kernel="appliance")


def pending(path: Path) -> tuple[int, bool]:
    """How many nodes were written behind the newest checkpoint for a mount to find, and whether there are orphans."""
    with open(path, "rb") as file:

        def block(number: int) -> bytes:
            file.seek(number * BLOCK_BYTES)
            return file.read(BLOCK_BYTES)

        superblock = block(0)[1024:]
        first, *_, main = struct.unpack_from("<5I", superblock, 76)
        packs = []
        for at in (first, first + SEGMENT_BLOCKS):
            pack = block(at)
            version, checksum_at = struct.unpack_from("<Q", pack)[0], struct.unpack_from("<I", pack, 164)[0]
            packs.append((version, struct.unpack_from("<I", pack, min(checksum_at, 4092))[0], pack))
        version, checksum, pack = max(packs, key=lambda one: one[0])
        flags = struct.unpack_from("<I", pack, 132)[0]
        if flags & CRC_RECOVERY:
            version |= (checksum << 32) & (2**64 - 1)
        segment, offset = struct.unpack_from("<I", pack, 40)[0], struct.unpack_from("<H", pack, 70)[0]
        count, at = 0, main + segment * SEGMENT_BLOCKS + offset
        while count < 100000:
            node = block(at)
            if len(node) < BLOCK_BYTES or struct.unpack_from("<Q", node, 4084)[0] != version:
                break
            count, at = count + 1, struct.unpack_from("<I", node, 4092)[0]
        return count, bool(flags & ORPHAN_PRESENT)


def damage_first_superblock(path: Path) -> None:
    """The checksum of the first one no longer matches, nor do its counts."""
    with open(path, "r+b") as file:
        file.seek(1024 + 48)
        file.write(struct.pack("<I", 1))


def written(name: str, kib: object, flags: str = "fsync") -> str:
    return f"dd if=/dev/zero of={name} bs=1024 count={kib} conv={flags} 2>/dev/null"


def several(count: int, name: str, kib: str) -> str:
    """Files with `$i` in their names and sizes, each fsynced."""
    return f"i=0; while [ $i -lt {count} ]; do {written(name, kib)}; i=$((i + 1)); done"


COMPRESSED = (
    "mkdir c; chattr +c c; dd if=/dev/zero of=c/zeros bs=64k count=40 2>/dev/null; "
    "dd if=/dev/zero of=c/released bs=64k count=40 2>/dev/null; sync; f2fs_io release_cblocks c/released"
)
OLD = f"mkdir old; {several(4, 'old/f$i', '400')}; {written('old/cut', 9000)}"
GROWN = (
    f"{written('large.bin', 9000, 'notrunc,fsync')}; truncate -s 100K old/cut; sync old/cut; "
    "setfattr -n user.long -v $(head -c 3000 /dev/zero | tr '\\0' x) old/f1; sync old/f1; "
    "fallocate -p -o 8192 -l 40960 old/f2; sync old/f2; fallocate -l 200K old/f3; sync old/f3"
)
REPLACED = f"rm old/cut; {written('old/cut', 80)}; rm old/f1; {written('old/f1', 1)}"
# From inline to blocks and back, cut and grown again, and moved from one file to another.
REWRITTEN = (
    f"{written('old/f0', 1)}; {written('old/f1', 60)}; truncate -s 0 old/f1; "
    f"{written('old/f1', 100, 'notrunc,fsync')}; {written('inline', 40, 'notrunc,fsync')}; "
    f"{written('d0/f0', 1)}; truncate -s 40M old/far; "
    f"{written('old/far', 8, 'notrunc,fsync')}; dd if=/dev/zero of=old/far bs=4k seek=6000 count=3 conv=notrunc,fsync "
    "2>/dev/null; truncate -s 4096 old/f2; sync old/f2; xfs_io -c 'pwrite 0 8k' -c fsync old/f2"
)


def clean_images() -> list[Image]:
    return [
        f2fs(1, "f2fs-default", 64, "-l data"),
        f2fs(2, "f2fs-features", 96, f"{FEATURES}{QUOTA},encrypt,casefold -C utf8"),
        f2fs(3, "f2fs-compression", 96, "-O extra_attr,compression", COMPRESSED, "compress_algorithm=lz4"),
        f2fs(4, "f2fs-64g", 64 * 1024, "-l large"),
        f2fs(5, "f2fs-sections", 200, "-s 2 -z 2"),
        f2fs(6, "f2fs-second-superblock", 64, "-O extra_attr,sb_checksum", after=damage_first_superblock),
        f2fs(7, "f2fs-extended-nodes", 600, "-i"),
        f2fs(8, "f2fs-full", 80, "", "dd if=/dev/zero of=big bs=1M 2>/dev/null || true"),
        f2fs(9, "f2fs-overprovision", 128, "-o 20 -w 4096"),
        f2fs(10, "f2fs-read-only", 64, "-O extra_attr,ro", fill=False, read_only=True),
    ]


def dirty_images() -> list[Image]:
    # A name takes a place for each eight bytes: so the directories grow with few files.
    many = several(100, "d1/a-file-with-a-name-that-takes-many-places-$i", "1")
    folded = several(50, "folded/Another-File-With-A-Name-That-Takes-Places-$i", "1")
    far = " ".join(f"-c 'pwrite {offset} 8k'" for offset in ("0", "7m", "900m", "5g", "9g", "40g", "4000g"))
    compressed = f"{COMPRESSED}; cp -r c d"
    held = ("c/zeros", "c/released", "large.bin")
    return [
        dirty(20, "f2fs-dirty", 64, work=several(9, "d0/new$i", "$((i * 3))"), nodes=9),
        dirty(21, "f2fs-dirty-grown", 80, before=OLD, work=GROWN, nodes=8),
        dirty(22, "f2fs-dirty-directory", 64, work=many, nodes=100),
        dirty(23, "f2fs-dirty-orphan", 80, before=OLD, held=("old/cut", "d0/f0", "old/f1")),
        dirty(24, "f2fs-dirty-replaced", 80, before=OLD, work=REPLACED, nodes=2),
        dirty(25, "f2fs-dirty-features", 96, FEATURES, OLD, f"{GROWN}; {REPLACED}", nodes=8, held=("old/f0",)),
        dirty(26, "f2fs-dirty-quota", 96, f"{FEATURES}{QUOTA},casefold -C utf8", OLD, GROWN, nodes=8),
        dirty(27, "f2fs-dirty-unwritten", 64, work="cp large.bin other; rm -r d2"),
        dirty(
            28,
            "f2fs-dirty-sparse",
            64,
            before=f"xfs_io -f {far} far; cp --sparse=always far farther; truncate -s 1G farther",
            work=f"xfs_io -f {far} -c fsync d0/new; xfs_io {far} -c fsync farther",
            nodes=10,
            held=("far",),
        ),
        dirty(
            29,
            "f2fs-dirty-compressed",
            96,
            "-O extra_attr,compression",
            compressed,
            several(5, "d0/new$i", "9"),
            "compress_algorithm=lz4",
            5,
            held,
        ),
        dirty(
            30,
            "f2fs-dirty-rewritten",
            80,
            before=f"{OLD}; echo small >inline; echo far >old/far",
            work=REWRITTEN,
            nodes=8,
        ),
        dirty(
            31,
            "f2fs-dirty-folded",
            96,
            "-O extra_attr,casefold -C utf8",
            "mkdir folded; chattr +F folded; touch folded/KEEP",
            f"{folded}; rm folded/KEEP; {written('folded/keep', 20)}",
            nodes=51,
        ),
    ]


def images() -> list[Image]:
    return clean_images() + dirty_images()
