"""UDF: media types, block sizes, revisions, every kind of partition, and what free blocks are counted from.

All are filled in the appliance, since many kernels are built without UDF. No tool of Debian's makes a
metadata partition, and none replaces a packet of a rewritable disc: these are written here, and the
kernel is asked as of the others.

References: mkudffs(8), genisoimage(1); ECMA-167; OSTA UDF 2.60; Linux fs/udf/super.c (udf_statfs).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fat import FULL, KIB, script
from lib.appliance import shell
from lib.fill import tree
from lib.image import MIB, Guest, Image, Part
from lib.tools import run, sparse_copy
from lib.udfdisc import Disc, wipe_metadata_file, with_metadata_partition

PACKAGES = ("udftools",)

After = Callable[[Path], None]


def make(path: Path, number: int, options: str, block_bytes: int) -> dict[str, str]:
    """What mkudffs prints, as names and values."""
    words = ["--utf8", f"--uuid=0df0{number:012x}", f"--blocksize={block_bytes}", *options.split(), path]
    lines = run("mkudffs", *words).split("\n")
    return dict(line.split("=", 1) for line in lines if line.count("=") == 1)


def udf(
    number: int,
    name: str,
    size_kib: int,
    options: str,
    block_bytes: int = 2048,
    files: int = 20,
    large_kib: int = 300,
    after: After | None = None,
) -> Image:
    """One filesystem on the whole disk; `after` changes it when it was filled."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        make(disk.path, number, options, block_bytes)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        path = guest.disks[0].path
        fill_there(handle, own["/dev/sda"], files, large_kib)
        if after:
            copy = sparse_copy(path, path.with_suffix(".changed"))
            after(copy)
            copy.replace(path)

    return Image(name, build, PACKAGES, finish)


def fill_there(handle: Any, device: str, files: int, large_kib: int) -> None:
    handle.mount_vfs("", "udf", device, "/")
    try:
        shell(handle, script(files, large_kib) + "; sync")
    finally:
        handle.umount_all()


# Names in one byte and in two a character, beyond the basic plane too; directories of one block and of several.
NAMES = """
    cd /sysroot; mkdir -p deep/er/still many sub
    : > empty; printf x > one
    for size in 100 511 512 513 2047 2048 2049 4096 70000; do head -c $size /dev/zero | tr '\\0' s > size$size; done
    printf 'wide' > "Gro\u00dfes Dr\u00f6hnen"; printf 'wider' > "\u732b\u3068\u72ac"; printf 'widest' > "\U0001f431 cat"
    printf 'odd' > 'UPPER; and .. odd. '; printf 'long' > "$(head -c 245 /dev/zero | tr '\\0' n)"
    i=0; while [ $i -lt 60 ]; do : > "many/number $i of many names"; i=$((i + 1)); done
    i=0; while [ $i -lt 60 ]; do rm "many/number $i of many names"; i=$((i + 7)); done
    head -c 9000 /dev/zero > deep/er/still/file
    ln size70000 hard-link; ln size70000 deep/other-link; ln one deep/er/one
    rm size2047; rmdir sub
    mknod null c 1 3; mknod disk b 8 30; mkfifo fifo
    chmod 4751 size513; chown 1000:70000 size513; chmod 1777 many
    touch -d '2001-02-03 04:05:06.789' size4096"""

LINKS = """
    ln -s one short-link; ln -s / root-link; ln -s ../.././up//twice/ dots-link; ln -s "\u732b/\u00df" wide-link
    ln -s "$(i=0; while [ $i -lt 20 ]; do printf 'component-%d/' $i; i=$((i + 1)); done)" long-link"""

# Pieces of several files in turn, holes, and more pieces than a file entry has room for.
PIECES = """
    cd /sysroot; mkdir pieces
    i=0; while [ $i -lt 24 ]; do
        for name in a b; do head -c {block} /dev/zero >> pieces/$name; done; sync -f pieces; i=$((i + 1)); done
    truncate -s 3M pieces/empty
    i=0; while [ $i -lt {teeth} ]; do
        dd if=/dev/zero of=pieces/comb bs={block} count=1 seek=$((2 * i)) conv=notrunc 2>/dev/null; i=$((i + 1)); done
    dd if=/dev/zero of=pieces/large bs=64k count=20 2>/dev/null; truncate -s 1200001 pieces/large
    printf 'not within' > pieces/small"""


def with_files(
    number: int,
    name: str,
    options: str,
    block_bytes: int,
    teeth: int,
    size_kib: int = 8 * KIB,
) -> Image:
    """Everything that makes files differ: links, devices, odd names, holes, continued lists of pieces."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        make(disk.path, number, options, block_bytes)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        device = own["/dev/sda"]
        pieces = PIECES.format(block=block_bytes, teeth=teeth)
        for mount_options, words in (("", NAMES + LINKS), ("noadinicb", pieces + "; ln -s outside pieces/link")):
            handle.mount_vfs(mount_options, "udf", device, "/")
            try:
                shell(handle, words + "; sync")
            finally:
                handle.umount_all()

    return Image(name, build, PACKAGES, finish)


def untouched(number: int, name: str, options: str, size_kib: int = 8 * KIB, after: After | None = None) -> Image:
    """As mkudffs leaves it. A disc that is written once ends with what was written last."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        said = make(disk.path, number, options, 2048)
        if "vatblock" in said:
            with open(disk.path, "r+b") as file:
                file.truncate((int(said["vatblock"]) + 1) * 2048)
        if after:
            after(disk.path)
        guest.add_filesystem(disk)

    return Image(name, build, PACKAGES)


def of_another_writer(number: int, name: str, block_bytes: int, label: str) -> Image:
    """By newfs_udf, which gives the volume set a name of fewer than 8 characters, so that it has no UUID."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(0)
        disk.path.unlink()
        size = ["-b", block_bytes, "-s", 4 * MIB // block_bytes]
        run("newfs_udf", "-L", label, "-P", label, "-S", f"set{number}", *size, disk.path)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], 20, 300)

    return Image(name, build, ("udfclient",), finish)


def partitioned(number: int, name: str) -> Image:
    """For Windows mkudffs writes a partition table whose one partition is the whole disk."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(4 * MIB)
        make(disk.path, number, "--media-type=hd --bootarea=mbr", 512)
        guest.filesystems.append(Part("/dev/sda1", disk, 0, 4 * MIB))

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], 20, 300)

    return Image(name, build, PACKAGES, finish)


def bridge(name: str, options: str) -> Image:
    """ISO 9660 and UDF, which name the same files."""

    def build(guest: Guest) -> None:
        source = guest.directory / "tree"
        tree(source)
        disk = guest.add_disk(0)
        run("genisoimage", "-quiet", "-udf", *options.split(), "-o", disk.path, source)
        guest.add_filesystem(disk)

    return Image(name, build, ("genisoimage",))


def dirty(number: int, name: str, size_kib: int, options: str, block_bytes: int) -> Image:
    """Copied while it is mounted, after an fsync."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_kib * KIB)
        make(disk.path, number, options, block_bytes)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        path = guest.disks[0].path
        fill_there(handle, own["/dev/sda"], 20, 300)
        handle.mount_vfs("", "udf", own["/dev/sda"], "/")
        try:
            shell(handle, script(12, 200, "-more"))
            shell(handle, "dd if=/dev/zero of=/sysroot/last bs=1k count=1 conv=fsync 2>/dev/null")
            now = handle.statvfs("/")["bfree"]
            copy = sparse_copy(path, path.with_suffix(".dirty"))
        finally:
            handle.umount_all()
        disc = Disc(copy)
        assert disc.is_open(), "the integrity descriptor is not open"
        assert disc.free() != now, "the integrity descriptor is not stale"
        copy.replace(path)
        guest.filesystems[0].stale = True

    return Image(name, build, PACKAGES, finish)


def nothing_counted(path: Path) -> None:
    """The integrity descriptor does not know the free blocks, so that they must be counted."""
    Disc(path).set_free(0xFFFFFFFF)


def damaged_main_sequence(path: Path) -> None:
    """blkid, which checks no CRC, still finds the names there."""
    Disc(path).damage_main_sequence()


def plain_table(path: Path) -> None:
    """Linux cannot read the table of virtual blocks with the extended attributes that mkudffs gives it."""
    Disc(path).strip_last_entry()


def damaged_metadata(path: Path) -> None:
    """Only the mirror of the metadata file is left."""
    with_metadata_partition(path)
    wipe_metadata_file(path)


def uncounted_metadata(path: Path) -> None:
    """The kernel looks for the bitmap in the metadata partition, where it is not."""
    with_metadata_partition(path)
    nothing_counted(path)


def replaced_packet(path: Path) -> None:
    """The first packet of the partition, with the file set, lies in a spare one."""
    Disc(path).replace_first_packet()


def images() -> list[Image]:
    return [
        udf(1, "udf-hd", 4 * KIB, "--media-type=hd --label=data", 512),
        udf(2, "udf-hd-1k-102", 4 * KIB, "--media-type=hd --udfrev=1.02 --label=caf\u00e9", 1024),
        udf(3, "udf-hd-4k", 16 * KIB, "--media-type=hd --label=\u732b\u3068\u72ac", 4096, 40),
        udf(4, "udf-full", 4 * KIB, "--media-type=hd", 2048, 20, FULL // KIB),
        udf(6, "udf-dvdram-150", 8 * KIB, "--media-type=dvdram --udfrev=1.50"),
        udf(7, "udf-dvdrw", 8 * KIB, "--media-type=dvdrw"),
        udf(8, "udf-cdrw-replaced", 8 * KIB, "--media-type=cdrw --udfrev=1.50", after=replaced_packet),
        udf(10, "udf-bitmap-counted", 16 * KIB, "--media-type=hd", 512, after=nothing_counted),
        udf(11, "udf-table-counted", 4 * KIB, "--media-type=hd --space=unalloctable", after=nothing_counted),
        udf(12, "udf-reserve", 4 * KIB, "--media-type=hd", after=damaged_main_sequence),
        partitioned(13, "udf-mbr"),
        of_another_writer(14, "udf-udfclient", 1024, "net"),
        untouched(20, "udf-cdr-150", "--media-type=cdr --udfrev=1.50", after=plain_table),
        untouched(21, "udf-cdr-closed", "--media-type=cdr --udfrev=2.01 --closed"),
        untouched(22, "udf-bdr-260", "--media-type=bdr --udfrev=2.60"),
        untouched(5, "udf-dvd-102", "--media-type=dvd --udfrev=1.02"),
        untouched(24, "udf-read-only", "--media-type=dvd --read-only"),
        untouched(25, "udf-metadata-250", "--media-type=hd", after=with_metadata_partition),
        untouched(26, "udf-metadata-mirror", "--media-type=hd", after=damaged_metadata),
        untouched(27, "udf-metadata-counted", "--media-type=hd", after=uncounted_metadata),
        with_files(30, "udf-files", "--media-type=hd", 2048, 300),
        with_files(31, "udf-files-512-102", "--media-type=hd --udfrev=1.02", 512, 100),
        with_files(32, "udf-files-4k-table", "--media-type=hd --space=unalloctable", 4096, 320, 16 * KIB),
        with_files(33, "udf-files-cdrw", "--media-type=cdrw", 2048, 40, 12 * KIB),
        bridge("udf-bridge", "-V BRIDGE"),
        dirty(90, "udf-dirty", 4 * KIB, "--media-type=hd", 512),
        dirty(91, "udf-dirty-dvdram", 8 * KIB, "--media-type=dvdram --label=dirty", 2048),
    ]
