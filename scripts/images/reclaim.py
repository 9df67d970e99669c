#!/usr/bin/python3
"""Records what fstrim gives back of images, for the tests of `virt-df reclaim`.

Usage: reclaim.py [NAME-PATTERN...]      as root, from the project's folder; needs qemu-storage-daemon, FUSE, ntfs-3g and, for
                                         some, libguestfs's appliance

Each image is filled and emptied in part by this machine's kernel, through QEMU's own block layer (lib/attached.py). It is kept
as it is then, and `qemu-img map` says which bytes of the disk it stores. Then the filesystem is mounted once more and trimmed,
and `qemu-img map` says which bytes it stores no more.
Writes test/queries/reclaim/NAME.json.gz and the files of the image, each compressed.
"""
from __future__ import annotations

import fnmatch
import gzip
import json
import os
import random
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib import trimmed, volumes
from lib.attached import attached
from lib.mounting import loop, mounted
from lib.tools import run

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "test/queries/reclaim"
MIB = 1 << 20
KIB = 1 << 10


@dataclass(frozen=True)
class Case:
    name: str
    filesystem: str
    size: int
    make: tuple[str, ...]
    format: str = "qcow2"
    options: str = ""
    files: int = 160
    largest: int = 160 * KIB
    # Where the filesystem begins on the disk; 0: there is no partition table.
    start: int = 0
    # Of an array, how many disks it has.
    disks: int = 1
    # Where the filesystem lies, if that is neither a partition nor a disk.
    volume: str = ""
    # What happens between the filling and the deletions: `overlay`, `overlay-v2`, `snapshot`, `compress`.
    between: str = ""
    mount: str = ""

    @property
    def device(self) -> str:
        return self.volume or ("/dev/sda1" if self.start else "/dev/sda")

    @property
    def images(self) -> list[str]:
        return [f"{self.name}{'-' * (number > 0)}{number or ''}.{self.format}" for number in range(self.disks)]


UUID = "8f0f0a8e-8a3d-4b52-9d0e-3c1f1b9a7d11"
EXT4 = ("mke2fs", "-q", "-F", "-t", "ext4", "-U", UUID, "-E", f"hash_seed={UUID},lazy_itable_init=0,lazy_journal_init=0,nodiscard", "-b")
XFS = ("mkfs.xfs", "-q", "-f", "-K", "-m", f"uuid={UUID}")
BTRFS = ("mkfs.btrfs", "-q", "-f", "-K", "-U", UUID)
NTFS = ("mkntfs", "-q", "-F", "-Q", "-c")

CASES = [
    Case("ext4", "ext4", 48 * MIB, (*EXT4, "4096", "-g", "4096")),
    Case("ext4-2m", "ext4", 64 * MIB, (*EXT4, "4096"), options="cluster_size=2M", files=60, largest=3 * MIB),
    Case("ext4-4k", "ext4", 32 * MIB, (*EXT4, "1024"), options="cluster_size=4k", largest=48 * KIB),
    Case("ext4-subclusters", "ext4", 48 * MIB, (*EXT4, "4096"), options="cluster_size=128k,extended_l2=on"),
    Case("ext4-partition", "ext4", 40 * MIB, (*EXT4, "1024"), start=63 * 512),
    Case("ext4-bigalloc", "ext4", 48 * MIB, (*EXT4, "4096", "-O", "bigalloc", "-C", "16384")),
    Case("ext4-raw", "ext4", 32 * MIB, (*EXT4, "4096"), format="raw"),
    Case("ext4-1k-raw", "ext4", 24 * MIB, (*EXT4, "1024"), format="raw", largest=32 * KIB),
    Case("ext4-overlay", "ext4", 48 * MIB, (*EXT4, "4096"), between="overlay"),
    Case("ext4-overlay-v2", "ext4", 32 * MIB, (*EXT4, "4096"), between="overlay-v2"),
    Case("ext4-v2", "ext4", 32 * MIB, (*EXT4, "4096"), options="compat=0.10"),
    Case("ext4-snapshot", "ext4", 48 * MIB, (*EXT4, "4096"), between="snapshot"),
    Case("ext4-compressed", "ext4", 48 * MIB, (*EXT4, "4096"), between="compress"),
    Case("ext3", "ext3", 32 * MIB, ("mke2fs", "-q", "-F", "-t", "ext3", "-U", UUID, "-E", "nodiscard", "-b", "2048")),
    Case("xfs", "xfs", 320 * MIB, XFS),
    Case("xfs-2m", "xfs", 320 * MIB, XFS, options="cluster_size=2M", files=60, largest=3 * MIB),
    Case("xfs-raw", "xfs", 320 * MIB, XFS, format="raw"),
    Case("xfs-overlay", "xfs", 320 * MIB, XFS, between="overlay"),
    Case("btrfs", "btrfs", 160 * MIB, BTRFS),
    Case("btrfs-mixed", "btrfs", 64 * MIB, (*BTRFS, "--mixed"), options="cluster_size=4k"),
    # By ntfs-3g, which makes the discards itself.
    Case("ntfs", "ntfs-3g", 48 * MIB, (*NTFS, "4096")),
    Case("ntfs-512", "ntfs-3g", 24 * MIB, (*NTFS, "512"), options="cluster_size=4k", largest=32 * KIB),
    Case("ext4-vhdx", "ext4", 48 * MIB, (*EXT4, "4096"), format="vhdx", options="block_size=1M", files=90, largest=MIB),
    Case("ext4-vpc", "ext4", 64 * MIB, (*EXT4, "4096"), format="vpc", files=60, largest=3 * MIB),
    Case("ext4-vdi", "ext4", 48 * MIB, (*EXT4, "4096", "-g", "4096"), format="vdi", files=90, largest=MIB),
    Case("ntfs-vmdk", "ntfs-3g", 48 * MIB, (*NTFS, "4096"), format="vmdk"),
]
# Formats of which a hypervisor frees blocks when it compacts the file.
COMPACTED = ("vhdx", "vpc", "vdi", "vmdk")

# The machine's own kernel may not mount them.
ELSEWHERE = [
    Case("fat16", "vfat", 48 * MIB, (), files=48, largest=512 * KIB),
    Case("exfat", "exfat", 48 * MIB, (), files=48, largest=512 * KIB),
    Case("f2fs-4k", "f2fs", 64 * MIB, (), mount="nodiscard", options="cluster_size=4k", files=48, largest=512 * KIB),
    Case("lvm", "ext4", 64 * MIB, (), files=64, largest=512 * KIB, volume="/dev/vg_linear/root"),
    Case("lvm-striped", "ext4", 48 * MIB, (), files=64, largest=512 * KIB, disks=2, volume="/dev/vg_striped/root"),
    Case("md1", "ext4", 40 * MIB, (), files=48, largest=512 * KIB, disks=2, volume="/dev/md127"),
    Case("lvm-md1", "ext4", 32 * MIB, (), files=48, largest=256 * KIB, disks=2, volume="/dev/vg_mirror/root"),
]


def main() -> None:
    patterns = sys.argv[1:] or ["*"]
    wanted = [case for case in [*CASES, *ELSEWHERE] if any(fnmatch.fnmatch(case.name, one) for one in patterns)]
    for case in wanted:
        if case not in ELSEWHERE:
            with tempfile.TemporaryDirectory() as folder:
                record(case, Path(folder))
    others = [case for case in wanted if case in ELSEWHERE]
    if others:
        with tempfile.TemporaryDirectory() as folder:
            record_elsewhere(others, Path(folder))


def record(case: Case, folder: Path) -> None:
    image = folder / f"{case.name}.{case.format}"
    options = ["-o", case.options] if case.options else []
    run("qemu-img", "create", "-q", "-f", case.format, *options, image, case.start + case.size)
    files = [image]
    with opened(case, image) as device:
        run(*case.make, device)
        with mounted(device, case.mount, case.filesystem) as top:
            fill(top, case, 1)
            if not case.between:
                delete(top, 1)
    if case.between:
        files = between(case, image)
        image = files[0]
        with opened(case, image) as device, mounted(device, case.mount, case.filesystem) as top:
            fill(top, case, 2)
            delete(top, 2)
            delete(top, 1)
    if case.start:
        write_table(case, image)
    known = state(case, files)
    if case.format in COMPACTED:
        told = compact(case, image)
    else:
        with opened(case, image) as device:
            told = trim(case, device)
    write(case, [image], [known], f"Linux {os.uname().release}", told)


def trim(case: Case, device: str) -> str:
    with mounted(device, case.mount, case.filesystem) as top:
        return run("fstrim", "--verbose", top).strip().split(": ", 1)[-1]


def compact(case: Case, image: Path) -> str:
    """QEMU frees no blocks of these formats. So a raw copy is trimmed, and an image is made anew that stores what was not discarded:
    the blocks that it lacks are those in which nothing is in use."""
    raw, marked = image.with_suffix(".raw"), image.with_suffix(".marked")
    run("qemu-img", "convert", "-S", "0", "-f", case.format, "-O", "raw", image, raw)
    with loop(raw) as device:
        told = trim(case, device)
    with open(raw, "rb") as source, open(marked, "wb") as target:
        target.truncate(raw.stat().st_size)
        for start, end in data_of(source.fileno()):
            # Zeros in use are stored too.
            os.pwrite(target.fileno(), b"\x55" * (end - start), start)
    options = ["-o", case.options] if case.options else []
    run("qemu-img", "convert", "-f", "raw", "-O", case.format, *options, marked, image)
    return told


def data_of(file: int) -> Iterator[tuple[int, int]]:
    at, size = 0, os.fstat(file).st_size
    while at < size:
        try:
            start = os.lseek(file, at, os.SEEK_DATA)
        except OSError:
            return
        at = os.lseek(file, start, os.SEEK_HOLE)
        yield start, at


def record_elsewhere(cases: list[Case], folder: Path) -> None:
    """By the kernel of the appliance, all at one start."""
    images = {case: [folder / name for name in case.images] for case in cases}
    for case, paths in images.items():
        options = ["-o", case.options] if case.options else []
        for path in paths:
            run("qemu-img", "create", "-q", "-f", case.format, *options, path, case.size)
    disks = [(path, case.format) for case, paths in images.items() for path in paths]
    with trimmed.opened(disks) as (handle, devices):
        for case in cases:
            own, devices = devices[: case.disks], devices[case.disks :]
            device = volumes.made(handle, case.name, own) if case.volume else own[0]
            trimmed.fill(handle, device, case.filesystem, case.mount, case.files, case.largest)
    states = {case: [state(case, [path]) for path in paths] for case, paths in images.items()}
    with trimmed.opened(disks) as (handle, devices):
        release = handle.utsname()["uts_release"]
        for case in cases:
            own, devices = devices[: case.disks], devices[case.disks :]
            trimmed.trim(handle, volumes.started(handle, case.name, own) if case.volume else own[0], case.mount)
    for case, paths in images.items():
        write(case, paths, states[case], f"Linux {release}", None)


def state(case: Case, files: list[Path]) -> tuple[list[tuple[int, int]], tuple[int, int], list[dict]]:
    """What the active image stores, the blocks that it takes and its length, and its chain's files, which are kept."""
    before = stored(files[0], case.format)
    about = files[0].stat()
    return before, (about.st_blocks, about.st_size), [keep(path, case.format, before) for path in files]


def write(case: Case, images: list[Path], known: list[tuple], oracle: str, told: str | None) -> None:
    """One image for each disk."""
    after = [stored(image, case.format) for image in images]
    gone = [minus(before, now) for (before, _, _), now in zip(known, after)]
    given_back = sum(total(one) for one in gone)
    if case.format == "vhdx":
        # qemu-img tells of it no blocks that are not there; its file is as long as those that are.
        given_back = sum(length - image.stat().st_size for image, (_, (_, length), _) in zip(images, known))
    about = {
        "name": case.name,
        "oracle": f"{oracle}, {run('qemu-img', '--version').splitlines()[0]}",
        "format": case.format,
        "device": case.device,
        "disk_count": case.disks,
        "files": [one for _, _, kept in known for one in kept],
        "fstrim": told,
        # Bytes of each disk, [offset, length].
        "stored": [spans(before) for before, _, _ in known],
        "given_back": [spans(one) for one in gone],
        "given_back_bytes": given_back,
        # By how much the files became smaller on the host.
        "shrunk_bytes": sum((blocks - image.stat().st_blocks) * 512 for image, (_, (blocks, _), _) in zip(images, known)),
        "new_bytes": sum(total(minus(now, before)) for (before, _, _), now in zip(known, after)),
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(TARGET / f"{case.name}.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(about, separators=(",", ":")).encode())
    held = sum(total(before) for before, _, _ in known)
    shown = [held, given_back, about["shrunk_bytes"], about["new_bytes"]]
    print(case.name, told, "KiB stored, given back, shrunk, new:", *[one >> 10 for one in shown])


def opened(case: Case, image: Path):
    return attached(image, case.format, case.start, case.size if case.start else 0)


def fill(top: Path, case: Case, seed: int) -> None:
    """Files that compress well, and are no zeros: a conversion would leave those out."""
    chance = random.Random(seed)
    for number in range(case.files):
        directory = top / f"d{seed}-{number % 7}"
        directory.mkdir(exist_ok=True)
        length = chance.randint(1, chance.choice([6 * KIB, case.largest // 4, case.largest]))
        with open(directory / f"f{number:03}", "wb") as file:
            file.write((b"virt-df\n" * (length // 8 + 1))[:length])
            if number % 5 == 0:
                file.flush()
                os.fsync(file.fileno())
    os.sync()


def delete(top: Path, seed: int) -> None:
    chance = random.Random(seed + 100)
    for path in sorted(top.glob(f"d{seed}-*/f*")):
        if chance.random() < 0.45:
            path.unlink()
    os.sync()


def between(case: Case, image: Path) -> list[Path]:
    """What is done to the image before it is written to again; gives the images of the chain, the active one first."""
    if case.between == "snapshot":
        run("qemu-img", "snapshot", "-c", "before", image)
        return [image]
    other = image.with_name(f"{case.name}-new.qcow2")
    if case.between == "compress":
        run("qemu-img", "convert", "-c", "-O", "qcow2", image, other)
        return [other]
    version = "0.10" if case.between == "overlay-v2" else "1.1"
    # The name alone, since the files are copied elsewhere.
    run("qemu-img", "create", "-q", "-f", "qcow2", "-o", f"compat={version}", "-F", "qcow2", "-b", image, other)
    run("qemu-img", "rebase", "-u", "-F", "qcow2", "-b", image.name, other)
    return [other, image]


def write_table(case: Case, image: Path) -> None:
    """An MBR with one partition, by QEMU too."""
    entry = struct.pack("<B3sB3sII", 0, bytes(3), 0x83, bytes(3), case.start // 512, case.size // 512)
    with attached(image, case.format) as device:
        with open(device, "r+b", buffering=0) as disk:
            disk.write(bytes(446) + entry + bytes(48) + b"\x55\xaa")
            os.fsync(disk.fileno())


def stored(image: Path, kind: str) -> list[tuple[int, int]]:
    """The stretches of the disk that this image itself stores."""
    told = json.loads(run("qemu-img", "map", "--output=json", "-f", kind, image))
    return [(one["start"], one["start"] + one["length"]) for one in told if one["depth"] == 0 and one["data"]]


def keep(path: Path, kind: str, data: list[tuple[int, int]]) -> dict:
    """The file, compressed; of a raw one also where it has no holes, as they were before it was read: what is in memory counts as
    data where the host has only set space aside."""
    target = TARGET / f"{path.name}.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "rb") as source, gzip.GzipFile(target, "wb", mtime=0) as file:
        shutil.copyfileobj(source, file)
    size = path.stat().st_size
    return {"name": path.name, "size_bytes": size, "data": spans(data) if kind == "raw" else [[0, size]]}


def minus(these: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    left = []
    for start, end in these:
        for from_, to in others:
            if to <= start or from_ >= end:
                continue
            if from_ > start:
                left.append((start, from_))
            start = max(start, to)
        if start < end:
            left.append((start, end))
    return left


def total(these: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in these)


def spans(these: list[tuple[int, int]]) -> list[list[int]]:
    """Joined where they touch, as [offset, length]."""
    joined: list[list[int]] = []
    for start, end in these:
        if joined and joined[-1][1] == start:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return [[start, end - start] for start, end in joined]


if __name__ == "__main__":
    main()
