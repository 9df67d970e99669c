"""Btrfs: profiles over one to four devices, checksums, node sizes, and trees that move what is counted.

The block group tree needs btrfs-progs 6.11 or newer, such as that of bookworm-backports; `made_with`
says which one it was.

References: mkfs.btrfs(8), btrfstune(8), btrfs-balance(8); Linux fs/btrfs/super.c (btrfs_statfs).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from lib.fill import fill
from lib.image import MIB, Container, Disk, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.tools import run, sparse_copy

UUID = "0b7f5000-0000-4000-8000-{:012d}"
PACKAGES = ("btrfs-progs",)
SUPERBLOCK_OFFSET = 65536
LOG_ROOT_OFFSET = 0x60
LARGE = Container(cluster_bytes=16384)

Work = Callable[[Path], None]


def make(devices: list[str], number: int, options: str = "") -> None:
    run("mkfs.btrfs", "-q", "-f", "-U", UUID.format(number), *options.split(), *devices)


@contextmanager
def assembled(disks: list[Disk], options: str = "") -> Iterator[Path]:
    """The filesystem on all of these disks, mounted."""
    with ExitStack() as stack:
        devices = [stack.enter_context(loop(disk.path)) for disk in disks]
        words = [options] if options else []
        words += [f"device={device}" for device in devices]
        try:
            yield stack.enter_context(mounted(devices[0], ",".join(words), "btrfs"))
        finally:
            stack.close()
            run("btrfs", "device", "scan", "--forget")


def btrfs(
    number: int,
    name: str,
    sizes_mib: float | list[float],
    options: str = "",
    work: Work | None = None,
    after: Callable[[Path], None] | None = None,
    missing: int | None = None,
    mount: str = "",
    view: str = "",
    container: Container = Container(),
    **fill_options: Any,
) -> Image:
    """One filesystem on as many disks as there are sizes; `options` as on mkfs.btrfs's command line."""
    sizes = sizes_mib if isinstance(sizes_mib, list) else [sizes_mib]

    def build(guest: Guest) -> None:
        disks = [guest.add_disk(int(size * MIB)) for size in sizes]
        with ExitStack() as stack:
            make([stack.enter_context(loop(disk.path)) for disk in disks], number, options)
        with assembled(disks, mount) as root:
            fill(root, **{"files": 24, "share": 0.2, **fill_options})
            if work:
                work(root)
            os.sync()
            if work is subvolumes:
                guest.facts["subvolumes"] = listed(root)
            # What nodes leave behind when they are written elsewhere is random, and large.
            run("fstrim", root)
        if after:
            after(disks[0].path)
        describe(guest, disks, missing)
        if view:
            guest.filesystems[0].mount_options = view
        if "block-group-tree" in options:
            guest.facts["made_with"] = run("mkfs.btrfs", "--version").split("\n")[0]

    return Image(name, build, PACKAGES, container=container)


def describe(guest: Guest, disks: list[Disk], missing: int | None = None) -> None:
    """One filesystem at the first disk; where there are several, each is a volume too."""
    if len(disks) > 1:
        for number, disk in enumerate(disks):
            if number != missing:
                guest.volumes.append(Part(guest.device(disk), disk))
    if missing is None:
        others = [guest.device(disk) for disk in disks[1:]]
        guest.add_filesystem(disks[0], members=others)
    else:
        disks[missing].missing = True
        guest.facts["missing"] = ["/dev/sda"]


def snapshots(root: Path) -> None:
    run("btrfs", "subvolume", "create", root / "home")
    fill(root / "home", 20, 0.05, links=False)
    for number in range(4):
        run("btrfs", "subvolume", "snapshot", "-r", root / "home", root / f"home.{number}")
        fill(root / "home", 20, 0.02, links=False)
    run("btrfs", "subvolume", "delete", "-c", root / "home.1")
    run("btrfs", "subvolume", "sync", root)


def subvolumes(root: Path) -> None:
    """In one another, below directories, and one that was deleted."""
    for path in ("home", "home/ann", "var", "a/b c/deep", "home/ann/x/y/z/last", "gone"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        run("btrfs", "subvolume", "create", root / path)
    run("btrfs", "subvolume", "snapshot", "-r", root / "home", root / "home.1")
    run("btrfs", "subvolume", "delete", "-c", root / "gone")
    run("btrfs", "subvolume", "sync", root)


def listed(root: Path) -> list[str]:
    """Their paths as `btrfs subvolume list` prints them, in the order of their numbers."""
    return [line.split(" path ", 1)[1] for line in run("btrfs", "subvolume", "list", root).splitlines()]


def paused(profile: str) -> Work:
    """A conversion that was interrupted: new chunks get the profile that it converts to."""

    def work(root: Path) -> None:
        run("fallocate", "-l", "300M", root / "reserved")
        os.sync()
        run("btrfs", "balance", "start", "--background", f"-dconvert={profile}", root)
        time.sleep(0.02)
        run("btrfs", "balance", "pause", root)

    return work


def many_files(count: int) -> Work:
    """Inline files, so that the trees get deep."""

    def work(root: Path) -> None:
        for number in range(count):
            (root / f"a-file-with-a-name-{number:05}").write_bytes(b"inline\n" * (number % 50))
        os.sync()

    return work


def half_converted(profile: str, limit: int = 1) -> Work:
    """Some block groups of another profile: what a balance that was stopped leaves."""

    def work(root: Path) -> None:
        run("btrfs", "balance", "start", f"-dconvert={profile},limit={limit}", root)

    return work


def allocated(size: str) -> Work:
    """Space that is reserved and never written: chunks and block groups without content."""
    return lambda root: void(run("fallocate", "-l", size, root / "reserved"))


def void(_: object) -> None:
    os.sync()


def single_disk() -> list[Image]:
    return [
        btrfs(1, "btrfs-default", 160, "-L data"),
        btrfs(2, "btrfs-single", 128, "-m single"),
        btrfs(3, "btrfs-dup-data", 300, "-d dup"),
        btrfs(4, "btrfs-mixed", 32, "-M"),
        btrfs(5, "btrfs-mixed-dup", 160, "-M -m dup -d dup -n 4096"),
        btrfs(6, "btrfs-full", 128, share=0.97),
        # The kernel takes data and metadata for one, although mkfs gave each groups of its own.
        btrfs(29, "btrfs-mixed-flag", 128, "-n 4096 -O mixed-bg"),
        btrfs(7, "btrfs-mixed-full", 40, "-M", share=0.9),
        btrfs(8, "btrfs-4k", 128, "-n 4096", many_files(250), share=0.05),
        btrfs(9, "btrfs-64k", 256, "-n 65536"),
        btrfs(10, "btrfs-xxhash", 128, "--csum xxhash"),
        btrfs(11, "btrfs-sha256", 128, "--csum sha256"),
        btrfs(12, "btrfs-blake2", 128, "--csum blake2"),
        btrfs(13, "btrfs-no-free-space-tree", 128, "-R ^free-space-tree"),
        btrfs(14, "btrfs-block-group-tree", 160, "-O block-group-tree"),
        btrfs(15, "btrfs-old", 128, "-R ^free-space-tree -O ^no-holes,^skinny-metadata,^extref"),
        btrfs(16, "btrfs-snapshots", 200, "", snapshots),
        btrfs(17, "btrfs-metadata-uuid", 128, after=lambda path: void(run("btrfstune", "-m", path))),
        btrfs(18, "btrfs-64g", 64 * 1024, "", allocated("45G"), share=0.0005, container=LARGE),
        btrfs(19, "btrfs-64g-bg-tree", 64 * 1024, "-O block-group-tree", allocated("45G"), share=0.0005, container=LARGE),
        btrfs(20, "btrfs-half-dup", 400, "", half_converted("dup"), share=0.5),
        btrfs(22, "btrfs-subvolumes", 128, "-m single", subvolumes, files=4, share=0.01),
        btrfs(21, "btrfs-seed", 128, after=lambda path: void(run("btrfstune", "-S", "1", path))),
    ]


def several_disks() -> list[Image]:
    return [
        btrfs(100, "btrfs-raid0", [128, 160], "-d raid0 -m raid0"),
        btrfs(101, "btrfs-raid1", [160, 256], "-d raid1 -m raid1 -L mirrored"),
        btrfs(102, "btrfs-raid10", [128, 128, 128, 200], "-d raid10 -m raid10"),
        btrfs(103, "btrfs-raid1c3", [128, 160, 200, 256], "-d raid1c3 -m raid1c3"),
        btrfs(104, "btrfs-raid1c4", [128, 160, 200, 256], "-d raid1c4 -m raid1c4"),
        btrfs(105, "btrfs-raid5", [160, 160, 200], "-d raid5 -m raid5"),
        btrfs(106, "btrfs-raid6", [160, 160, 200, 256], "-d raid6 -m raid6"),
        btrfs(107, "btrfs-two-disks", [128, 160], "-d single -m raid1 -O block-group-tree"),
        btrfs(108, "btrfs-half-raid1", [400, 400], "-d single -m raid1", half_converted("raid1"), share=0.5),
        btrfs(109, "btrfs-missing-disk", [128, 160], "-d single -m raid1", missing=1),
        btrfs(
            111,
            "btrfs-paused-balance",
            [300, 300],
            "-d single -m raid1",
            paused("raid1"),
            files=4,
            share=0.02,
            view="skip_balance",
        ),
        btrfs(110, "btrfs-mixed-raid1", [128, 160], "-M -m raid1 -d raid1"),
        btrfs(111, "btrfs-mixed-flag-raid1", [160, 160], "-n 4096 -O mixed-bg -m raid1 -d single"),
        btrfs(112, "btrfs-mixed-flag-single", [160, 160], "-n 4096 -O mixed-bg -m single -d raid1"),
    ]


def dirty(
    number: int,
    name: str,
    sizes_mib: list[float],
    options: str,
    work: Callable[[Path], object],
    logged: bool = True,
) -> Image:
    """Copied while it was mounted, after work that is in no transaction yet; `work` may return files to keep open."""

    def build(guest: Guest) -> None:
        disks = [guest.add_disk(int(size * MIB)) for size in sizes_mib]
        with ExitStack() as stack:
            make([stack.enter_context(loop(disk.path)) for disk in disks], number, options)
        with assembled(disks, "commit=300") as root:
            fill(root, 24, 0.2)
            run("fstrim", root)
            held = work(root)
            copies = [sparse_copy(disk.path, disk.path.with_suffix(".dirty")) for disk in disks]
            for descriptor in held if isinstance(held, list) else []:
                os.close(descriptor)
        for disk, copy in zip(disks, copies):
            copy.replace(disk.path)
            if has_log(disk.path) != logged:
                raise RuntimeError(f"{name}: the log is {'empty' if logged else 'not empty'}")
        describe(guest, disks)
        guest.filesystems[0].stale = logged

    return Image(name, build, PACKAGES)


def has_log(path: Path) -> bool:
    """Whether the superblock has a log tree, which a mount replays."""
    with open(path, "rb") as file:
        file.seek(SUPERBLOCK_OFFSET + LOG_ROOT_OFFSET)
        return any(file.read(8))


def fsynced(count: int, size: int) -> Work:
    """New files, each fsynced: they are in the log only."""

    def work(root: Path) -> None:
        for number in range(count):
            write_synced(root / f"new{number}", bytes(size), "wb")

    return work


def overwritten(root: Path) -> None:
    """Parts of a file written anew, and one grown."""
    write_synced(root / "d0" / "f000.txt", b"grown\n" * 9000, "ab")
    write_synced(root / "d1" / "f001.txt", bytes(8192), "r+b")


def write_synced(path: Path, content: bytes, mode: str) -> None:
    with open(path, mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def unwritten(root: Path) -> None:
    """Nothing is fsynced: what is on disk is the last transaction."""
    for number in range(50):
        (root / f"new{number}").write_bytes(bytes(20000))


def deleted(root: Path) -> list[int]:
    """Files that were in a transaction and are not any more: deleted, replaced, cut, and deleted while open."""
    names = large_files(root)
    held = [unlinked(path) for path in names[:2]]
    for path in names[2:4]:
        path.unlink()
    for path in names[4:6]:
        write_synced(path.with_suffix(".new"), bytes(5000), "wb")
        path.with_suffix(".new").rename(path)
    os.truncate(names[6], 4096)
    for path in (root, names[6]):
        synced(path)
    return held


def large_files(root: Path) -> list[Path]:
    """Seven of them, in a transaction."""
    paths = [root / f"large{number}" for number in range(7)]
    for number, path in enumerate(paths):
        path.write_bytes(bytes(20000 + 5000 * number))
    os.sync()
    return paths


def unlinked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR)
    path.unlink()
    return descriptor


def synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def deleted_before(root: Path) -> list[int]:
    """Files that were deleted while open, in a transaction."""
    held = [unlinked(path) for path in large_files(root)[:3]]
    os.sync()
    return held


def beside_snapshot(root: Path) -> None:
    """Leaves that a snapshot has too are written anew."""
    run("btrfs", "subvolume", "snapshot", "-r", root, root / "before")
    os.sync()
    overwritten(root)
    fsynced(5, 9000)(root)


def dirty_images() -> list[Image]:
    return [
        dirty(200, "btrfs-dirty", [128], "", fsynced(12, 9000)),
        dirty(201, "btrfs-dirty-4k", [128], "-n 4096", fsynced(40, 5000)),
        dirty(202, "btrfs-dirty-raid1", [128, 160], "-d raid1 -m raid1", fsynced(12, 30000)),
        dirty(203, "btrfs-dirty-blake2", [128], "--csum blake2", overwritten),
        dirty(204, "btrfs-dirty-mixed", [48], "-M", fsynced(12, 9000)),
        dirty(205, "btrfs-dirty-old", [128], "-R ^free-space-tree -O ^no-holes", overwritten),
        dirty(207, "btrfs-dirty-deleted", [128], "-m single", deleted),
        dirty(208, "btrfs-dirty-orphans", [128], "-m single", deleted_before, logged=False),
        dirty(209, "btrfs-dirty-snapshot", [128], "-m single", beside_snapshot),
        dirty(206, "btrfs-dirty-unwritten", [128], "", unwritten, logged=False),
    ]


def images() -> list[Image]:
    return single_disk() + several_disks() + dirty_images()
