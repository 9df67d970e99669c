"""ext2, ext3 and ext4 in every geometry that changes what statfs counts.

References: mke2fs(8), mke2fs.conf(5); Linux fs/ext4/super.c (ext4_calculate_overhead, ext4_statfs).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.appliance import fill_there, shell
from lib.fill import fill
from lib.image import MIB, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.tools import run, sparse_copy

UUID = "0e2fe2f5-0000-4000-8000-{:012d}"
# Directory hashes would differ from run to run.
HASH_SEED = "hash_seed=5eed5eed-5eed-5eed-5eed-5eed5eed5eed"


def ext(
    number: int,
    name: str,
    size_mib: float,
    options: str,
    extended: str = "",
    label: str = "",
    blocks: str = "",
    after: Callable[[Guest], None] | None = None,
    **fill_options: Any,
) -> Image:
    """One filesystem on the whole disk; `options` as on mke2fs's command line, `after` works on
    the filled disk."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_mib * MIB))
        make(disk.path, number, options, extended, label, blocks)
        guest.add_filesystem(disk)
        with loop(disk.path) as device, mounted(device) as root:
            fill(root, **fill_options)
        if after:
            after(guest)

    return Image(name, build, ("e2fsprogs",))


def make(
    target: object, number: int, options: str, extended: str = "", label: str = "", blocks: str = ""
) -> None:
    extras = ",".join(filter(None, [HASH_SEED, extended]))
    words: list[object] = ["mke2fs", "-q", "-F", "-U", UUID.format(number), "-E", extras]
    if label:
        words += ["-L", label]
    run(*words, *options.split(), target, *blocks.split())


def external_journal(guest: Guest) -> None:
    """The journal on a disk of its own; the log is clean."""
    disk, journal = guest.add_disk(40 * MIB), guest.add_disk(8 * MIB)
    with loop(disk.path) as device, loop(journal.path) as log:
        run(
            "mke2fs",
            "-q",
            "-F",
            "-O",
            "journal_dev",
            "-b",
            4096,
            "-U",
            UUID.format(901),
            "-L",
            "journal",
            log,
        )
        make(device, 900, f"-t ext4 -b 4096 -J device={log}")
        with mounted(device, f"journal_path={log}") as root:
            fill(root)
    guest.add_filesystem(disk, external=("journal_path", "/dev/sdb"))
    guest.volumes.append(Part("/dev/sdb", journal))


def elsewhere(number: int, name: str, size_mib: int, options: str, extended: str = "") -> Image:
    """Filled in the appliance, because many kernels are built without what it needs."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        make(disk.path, number, options, extended)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"])

    return Image(name, build, ("e2fsprogs",), finish)


def small_before_growth(guest: Guest) -> None:
    disk = guest.add_disk(200 * MIB)
    make(disk.path, 910, "-t ext4 -b 1024 -O ^resize_inode,64bit", blocks="32768")
    guest.add_filesystem(disk)


def grow_online(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Grown while mounted, beyond what one descriptor block holds: the kernel turns meta_bg on for
    the new groups only, so s_first_meta_bg is not 0."""
    fill_there(handle, own["/dev/sda"])
    handle.mount(own["/dev/sda"], "/")
    try:
        shell(
            handle, f"resize2fs {own['/dev/sda']} 2>&1; dd if=/dev/zero of=/sysroot/after bs=1M count=50 2>&1"
        )
    finally:
        handle.umount_all()


def offline_resize(to: str) -> Callable[[Guest], None]:
    def resize(guest: Guest) -> None:
        run("e2fsck", "-fy", guest.disks[0].path)
        run("resize2fs", guest.disks[0].path, to)

    return resize


def no_overhead(guest: Guest) -> None:
    """mke2fs before 1.42 left s_overhead_clusters 0; the kernel then counts for itself."""
    run("debugfs", "-w", "-R", "ssv overhead_clusters 0", guest.disks[0].path)


def frozen(guest: Guest) -> None:
    """A snapshot of a frozen filesystem: mounted, but without anything in the journal."""
    disk = guest.add_disk(32 * MIB)
    make(disk.path, 920, "-t ext4 -b 4096")
    with loop(disk.path) as device, mounted(device) as root:
        fill(root)
        run("fsfreeze", "--freeze", root)
        try:
            copy = sparse_copy(disk.path, disk.path.with_suffix(".frozen"))
        finally:
            run("fsfreeze", "--unfreeze", root)
    copy.replace(disk.path)
    guest.add_filesystem(disk)


def ext2_and_3() -> list[Image]:
    return [
        ext(1, "ext2-rev0", 10, "-t ext2 -r 0 -b 1024"),
        ext(2, "ext2-tiny", 0.0625, "-t ext2 -b 1024 -N 16", files=2, links=False),
        ext(3, "ext2-1k", 20, "-t ext2 -b 1024", label="small"),
        ext(4, "ext2-2k", 40, "-t ext2 -b 2048"),
        ext(5, "ext2-4k", 200, "-t ext2 -b 4096"),
        ext(6, "ext2-i128", 20, "-t ext2 -b 1024 -I 128"),
        ext(7, "ext2-no-sparse-super", 80, "-t ext2 -b 1024 -O ^sparse_super,^resize_inode"),
        ext(10, "ext3-1k", 30, "-t ext3 -b 1024"),
        ext(11, "ext3-4k", 160, "-t ext3 -b 4096 -I 128", label="sixteen-bytes-ab"),
        ext(12, "ext3-grown", 60, "-t ext3 -b 1024", blocks="20000", after=offline_resize("60M")),
    ]


def ext4_features() -> list[Image]:
    """Block and descriptor sizes, checksums, journals, inodes."""
    return [
        ext(100, "ext4-default", 64, "-t ext4", label="root"),
        ext(101, "ext4-4k", 64, "-t ext4 -b 4096", label="Größe 日本"),
        ext(102, "ext4-2k", 64, "-t ext4 -b 2048"),
        ext(103, "ext4-lazy", 600, "-t ext4 -b 4096", "lazy_itable_init=1,lazy_journal_init=1"),
        ext(104, "ext4-no-lazy", 300, "-t ext4 -b 4096", "lazy_itable_init=0,lazy_journal_init=0"),
        ext(105, "ext4-uninit-bg", 300, "-t ext4 -b 4096 -O ^metadata_csum,uninit_bg"),
        ext(106, "ext4-no-csum", 40, "-t ext4 -b 4096 -O ^metadata_csum,^uninit_bg"),
        ext(107, "ext4-csum-seed", 40, "-t ext4 -b 4096 -O metadata_csum_seed"),
        ext(110, "ext4-1k-64bit", 40, "-t ext4 -b 1024 -O 64bit"),
        ext(111, "ext4-1k-no-64bit", 40, "-t ext4 -b 1024 -O ^64bit"),
        ext(112, "ext4-4k-no-64bit", 160, "-t ext4 -b 4096 -O ^64bit"),
        ext(113, "ext4-desc-128", 40, "-t ext4 -b 4096 -O 64bit", "desc_size=128"),
        ext(120, "ext4-no-journal", 40, "-t ext4 -b 4096 -O ^has_journal"),
        ext(121, "ext4-large-journal", 400, "-t ext4 -b 4096 -J size=128"),
        ext(122, "ext4-1k-small-journal", 40, "-t ext4 -b 1024 -J size=1"),
        ext(123, "ext4-fast-commit", 64, "-t ext4 -b 4096 -O fast_commit"),
        ext(124, "ext4-orphan-file", 64, "-t ext4 -b 4096 -O orphan_file"),
        ext(130, "ext4-no-reserve", 40, "-t ext4 -b 4096 -m 0"),
        ext(131, "ext4-reserve-20", 40, "-t ext4 -b 4096 -m 20"),
        ext(132, "ext4-reserve-all-used", 16, "-t ext4 -b 1024 -m 30", share=0.999),
        ext(133, "ext4-inodes-odd", 40, "-t ext4 -b 4096 -N 1357"),
        ext(134, "ext4-inodes-few", 40, "-t ext4 -b 1024 -N 33", files=14),
        ext(135, "ext4-i128", 40, "-t ext4 -b 4096 -I 128"),
        ext(136, "ext4-i512", 40, "-t ext4 -b 1024 -I 512"),
        ext(137, "ext4-i1024", 40, "-t ext4 -b 4096 -I 1024"),
        ext(138, "ext4-i4096", 40, "-t ext4 -b 4096 -I 4096 -i 65536"),
        ext(140, "ext4-no-extent", 40, "-t ext4 -b 4096 -O ^extent,^64bit"),
        elsewhere(
            141, "ext4-quota", 40, "-t ext4 -b 4096 -O quota,project", "quotatype=usrquota:grpquota:prjquota"
        ),
        elsewhere(142, "ext4-casefold", 40, "-t ext4 -b 4096 -O casefold,encrypt,verity", "encoding=utf8"),
        ext(
            143,
            "ext4-inline-data",
            40,
            "-t ext4 -b 4096 -I 512 -O inline_data,large_dir,ea_inode,stable_inodes",
        ),
        ext(144, "ext4-mmp", 40, "-t ext4 -b 4096 -O mmp", "mmp_update_interval=1"),
        ext(145, "ext4-stride", 300, "-t ext4 -b 4096", "stride=16,stripe_width=64"),
    ]


def ext4_layouts() -> list[Image]:
    """Where groups, backups and descriptors lie."""
    return [
        ext(200, "ext4-meta-bg-1k", 180, "-t ext4 -b 1024 -O meta_bg,^resize_inode,^64bit"),
        ext(201, "ext4-meta-bg-1k-64bit", 180, "-t ext4 -b 1024 -O meta_bg,^resize_inode,64bit"),
        ext(
            202,
            "ext4-meta-bg-4k",
            9000,
            "-t ext4 -b 4096 -O meta_bg,^resize_inode,64bit -N 20000 -J size=4",
            share=0.01,
        ),
        ext(203, "ext4-meta-bg-sparse2", 180, "-t ext4 -b 1024 -O meta_bg,^resize_inode,sparse_super2"),
        ext(210, "ext4-no-flex-bg", 60, "-t ext4 -b 1024 -O ^flex_bg"),
        ext(211, "ext4-flex-64", 600, "-t ext4 -b 1024 -G 64"),
        ext(212, "ext4-packed", 60, "-t ext4 -b 1024", "packed_meta_blocks=1"),
        ext(213, "ext4-no-resize-inode", 60, "-t ext4 -b 1024 -O ^resize_inode"),
        ext(214, "ext4-resize-large", 60, "-t ext4 -b 1024", "resize=4000000"),
        ext(215, "ext4-no-sparse-super", 80, "-t ext4 -b 1024 -O ^sparse_super,^resize_inode"),
        ext(220, "ext4-sparse2-0", 80, "-t ext4 -b 1024 -O sparse_super2,^resize_inode", "num_backup_sb=0"),
        ext(221, "ext4-sparse2-1", 80, "-t ext4 -b 1024 -O sparse_super2,^resize_inode", "num_backup_sb=1"),
        ext(222, "ext4-sparse2-2", 600, "-t ext4 -b 4096 -O sparse_super2", "num_backup_sb=2"),
        ext(230, "ext4-small-groups", 40, "-t ext4 -b 4096 -g 1024"),
        ext(231, "ext4-short-last-group", 30, "-t ext4 -b 1024 -g 4096", blocks="28999"),
        ext(232, "ext4-grown", 100, "-t ext4 -b 1024", blocks="20000", after=offline_resize("100M")),
        ext(233, "ext4-shrunk", 100, "-t ext4 -b 1024", after=offline_resize("70001")),
        Image("ext4-grown-meta-bg", small_before_growth, ("e2fsprogs",), grow_online),
        Image("ext4-frozen", frozen, ("e2fsprogs", "util-linux")),
        Image("ext4-external-journal", external_journal, ("e2fsprogs",)),
    ]


def bigalloc() -> list[Image]:
    def one(number: int, name: str, size_mib: int, sizes: str, more: str = "", **others: Any) -> Image:
        return ext(number, f"ext4-bigalloc-{name}", size_mib, f"-t ext4 {sizes} -O bigalloc{more}", **others)

    return [
        one(300, "4k-16k", 200, "-b 4096 -C 16384"),
        one(301, "4k-64k", 600, "-b 4096 -C 65536"),
        one(302, "4k-1m", 600, "-b 4096 -C 1048576", files=20),
        one(303, "1k-2k", 40, "-b 1024 -C 2048"),
        one(304, "1k-8k", 120, "-b 1024 -C 8192"),
        one(305, "1k-16k-meta-bg", 400, "-b 1024 -C 16384", ",meta_bg,^resize_inode"),
        one(306, "2k-32k-no-journal", 200, "-b 2048 -C 32768", ",^has_journal"),
        one(307, "4k-16k-small-groups", 200, "-b 4096 -C 16384 -g 8192"),
        one(308, "4k-64k-no-overhead", 600, "-b 4096 -C 65536", after=no_overhead),
        one(309, "1k-8k-no-overhead", 120, "-b 1024 -C 8192", after=no_overhead),
    ]


def large_blocks() -> list[Image]:
    """Blocks of more than 4 KiB, filled and mounted by a kernel with pages of 64 KiB."""

    def one(number: int, name: str, size_mib: int, options: str, extended: str = "") -> Image:
        def build(guest: Guest) -> None:
            disk = guest.add_disk(size_mib * MIB)
            make(disk.path, number, options, extended)
            guest.add_filesystem(disk)

        return Image(name, build, ("e2fsprogs",), kernel="64k")

    return [
        one(400, "ext2-64k", 128, "-t ext2 -b 65536"),
        one(401, "ext4-8k", 128, "-t ext4 -b 8192"),
        one(402, "ext4-16k", 128, "-t ext4 -b 16384 -O ^64bit"),
        one(403, "ext4-32k", 256, "-t ext4 -b 32768"),
        one(404, "ext4-64k", 256, "-t ext4 -b 65536"),
        one(405, "ext4-64k-small-groups", 512, "-t ext4 -b 65536 -g 1024"),
        one(406, "ext4-64k-meta-bg", 512, "-t ext4 -b 65536 -g 512 -O meta_bg,^resize_inode"),
        one(407, "ext4-64k-bigalloc", 512, "-t ext4 -b 65536 -C 262144 -O bigalloc"),
        one(
            408,
            "ext4-64k-no-journal",
            256,
            "-t ext4 -b 65536 -O ^has_journal,sparse_super2 -g 1024",
            "num_backup_sb=1",
        ),
    ]


def images() -> list[Image]:
    return ext2_and_3() + ext4_features() + ext4_layouts() + bigalloc() + large_blocks()
