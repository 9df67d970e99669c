#!/usr/bin/python3
"""Records what fstrim gives back of images, for the tests of `virt-df reclaim`.

Usage: reclaim.py [NAME-PATTERN...]      as root, from the project's folder; needs qemu-storage-daemon, FUSE and, for some,
                                         libguestfs's appliance

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
from dataclasses import dataclass
from pathlib import Path

from lib import trimmed
from lib.attached import attached
from lib.mounting import mounted
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
    # What happens between the filling and the deletions: `overlay`, `overlay-v2`, `snapshot`, `compress`.
    between: str = ""
    mount: str = ""

    @property
    def device(self) -> str:
        return "/dev/sda1" if self.start else "/dev/sda"


UUID = "8f0f0a8e-8a3d-4b52-9d0e-3c1f1b9a7d11"
EXT4 = ("mke2fs", "-q", "-F", "-t", "ext4", "-U", UUID, "-E", f"hash_seed={UUID},lazy_itable_init=0,lazy_journal_init=0,nodiscard", "-b")
XFS = ("mkfs.xfs", "-q", "-f", "-K", "-m", f"uuid={UUID}")
BTRFS = ("mkfs.btrfs", "-q", "-f", "-K", "-U", UUID)

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
]


# The machine's own kernel may not mount them.
ELSEWHERE = [
    Case("fat16", "vfat", 48 * MIB, (), files=48, largest=512 * KIB),
    Case("exfat", "exfat", 48 * MIB, (), files=48, largest=512 * KIB),
    Case("f2fs-4k", "f2fs", 64 * MIB, (), mount="nodiscard", options="cluster_size=4k", files=48, largest=512 * KIB),
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
    before, blocks, kept = state(case, files)
    with opened(case, image) as device, mounted(device, case.mount, case.filesystem) as top:
        told = run("fstrim", "--verbose", top).strip().split(": ", 1)[-1]
    write(case, image, (before, blocks, kept), f"Linux {os.uname().release}", told)


def record_elsewhere(cases: list[Case], folder: Path) -> None:
    """By the kernel of the appliance, all at one start."""
    images = [folder / f"{case.name}.{case.format}" for case in cases]
    for case, image in zip(cases, images):
        options = ["-o", case.options] if case.options else []
        run("qemu-img", "create", "-q", "-f", case.format, *options, image, case.size)
    disks = [(image, case.format) for case, image in zip(cases, images)]
    with trimmed.opened(disks) as (handle, devices):
        for case, device in zip(cases, devices):
            trimmed.fill(handle, device, case.filesystem, case.mount, case.files, case.largest)
    states = [state(case, [image]) for case, image in zip(cases, images)]
    with trimmed.opened(disks) as (handle, devices):
        release = handle.utsname()["uts_release"]
        for case, device in zip(cases, devices):
            trimmed.trim(handle, device, case.mount)
    for case, image, known in zip(cases, images, states):
        write(case, image, known, f"Linux {release}", None)


def state(case: Case, files: list[Path]) -> tuple[list[tuple[int, int]], int, list[dict]]:
    """What the active image stores, the blocks that it takes, and its chain's files, which are kept."""
    before = stored(files[0], case.format)
    blocks = files[0].stat().st_blocks
    return before, blocks, [keep(path, case.format, before) for path in files]


def write(case: Case, image: Path, known: tuple, oracle: str, told: str | None) -> None:
    before, blocks, kept = known
    after = stored(image, case.format)
    gone = minus(before, after)
    about = {
        "name": case.name,
        "oracle": f"{oracle}, {run('qemu-img', '--version').splitlines()[0]}",
        "format": case.format,
        "device": case.device,
        "files": kept,
        "fstrim": told,
        # Bytes of the disk, [offset, length].
        "stored": spans(before),
        "given_back": spans(gone),
        "given_back_bytes": total(gone),
        # By how much the file became smaller on the host.
        "shrunk_bytes": (blocks - image.stat().st_blocks) * 512,
        "new_bytes": total(minus(after, before)),
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(TARGET / f"{case.name}.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(about, separators=(",", ":")).encode())
    shown = [total(before), total(gone), about["shrunk_bytes"], about["new_bytes"]]
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
