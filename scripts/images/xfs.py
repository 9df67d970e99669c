"""XFS: versions, features and geometries that change what statfs counts.

mkfs.xfs wants 300 MB and more today; `--unsupported` makes the small and odd ones that older
versions made. Version 4 and realtime devices are filled in the appliance, since many kernels are
built without them.

References: mkfs.xfs(8); Linux fs/xfs/xfs_super.c (xfs_fs_statfs), fs/xfs/libxfs/xfs_ag_resv.c.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.appliance import fill_there
from lib.contents import contents, scattered_inodes
from lib.fill import fill, write_comb
from lib.image import MIB, Container, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.tools import run

UUID = "0f5f5f5f-0000-4000-8000-{:012d}"
PACKAGES = ("xfsprogs",)
ZSTD = Container(compression="zstd")


def make(target: object, number: int, options: str = "") -> None:
    run("mkfs.xfs", "-q", "-f", "-m", f"uuid={UUID.format(number)}", *options.split(), target)


def xfs(
    number: int,
    name: str,
    size_mib: float,
    options: str = "",
    teeth: int = 0,
    comb_bytes: int = 4096,
    after: Callable[[Path], None] | None = None,
    container: Container = Container(),
    **fill_options: Any,
) -> Image:
    """One filesystem on the whole disk; `options` as on mkfs.xfs's command line."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(int(size_mib * MIB))
        make(disk.path, number, options)
        guest.add_filesystem(disk)
        with loop(disk.path) as device, mounted(device) as root:
            fill(root, **{"share": 0.2, **fill_options})
            if teeth:
                write_comb(root / "comb", teeth, comb_bytes)
        if after:
            after(disk.path)

    return Image(name, build, PACKAGES, container=container)


def elsewhere(number: int, name: str, size_mib: int, options: str, files: int = 60) -> Image:
    """Made here, filled in the appliance."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        make(disk.path, number, options)
        guest.add_filesystem(disk)

    def finish(handle: Any, guest: Guest, own: dict[str, str]) -> None:
        fill_there(handle, own["/dev/sda"], files, 10)

    return Image(name, build, PACKAGES, finish)


def new_uuid(path: Path) -> None:
    """The superblock then has a UUID for people and another, sb_meta_uuid, in all metadata."""
    run("xfs_admin", "-U", "0f5f5f5f-1111-4000-8000-000000000000", path)


def external_log(guest: Guest) -> None:
    """The log on a disk of its own: it takes no blocks of the data device."""
    disk, log = guest.add_disk(320 * MIB), guest.add_disk(80 * MIB)
    with loop(disk.path) as device, loop(log.path) as log_device:
        make(device, 900, f"-l logdev={log_device}")
        with mounted(device, f"logdev={log_device}") as root:
            fill(root, share=0.1)
    guest.add_filesystem(disk, external=("logdev", "/dev/sdb"))
    guest.volumes.append(Part("/dev/sdb", log))


def realtime_disks(guest: Guest) -> None:
    disk, realtime = guest.add_disk(320 * MIB), guest.add_disk(64 * MIB)
    with loop(disk.path) as device, loop(realtime.path) as realtime_device:
        make(device, 901, f"-r rtdev={realtime_device},extsize=64k")
    guest.add_filesystem(disk, external=("rtdev", "/dev/sdb"))


def fill_realtime(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    fill_there(handle, own["/dev/sda"], options=f"rtdev={own['/dev/sdb']}")


def version_5() -> list[Image]:
    return [
        xfs(1, "xfs-default", 320, "-L data"),
        xfs(2, "xfs-plain", 320, "-m reflink=0,finobt=0,rmapbt=0,inobtcount=0,bigtime=0"),
        xfs(3, "xfs-no-reflink", 320, "-m reflink=0"),
        xfs(4, "xfs-rmapbt", 320, "-m rmapbt=1", teeth=1200, container=ZSTD),
        xfs(5, "xfs-rmapbt-no-reflink", 320, "-m rmapbt=1,reflink=0", teeth=400),
        xfs(6, "xfs-no-inobtcount", 320, "-m inobtcount=0,bigtime=0", files=300, container=ZSTD),
        xfs(7, "xfs-nrext64", 320, "-i nrext64=1"),
        xfs(8, "xfs-no-sparse-inodes", 320, "-i sparse=0"),
        xfs(9, "xfs-comb", 320, "", teeth=1500),
        xfs(10, "xfs-new-uuid", 20, "--unsupported", after=new_uuid),
        xfs(11, "xfs-imaxpct-0", 320, "-i maxpct=0"),
        xfs(12, "xfs-imaxpct-1", 320, "-i maxpct=1"),
        xfs(13, "xfs-imaxpct-50", 320, "-i maxpct=50"),
        xfs(14, "xfs-i1024", 320, "-i size=1024"),
        xfs(15, "xfs-i2048", 320, "-i size=2048 -L twelve-bytes"),
        xfs(16, "xfs-sector-4096", 320, "-s size=4096"),
        xfs(17, "xfs-log-stripe", 320, "-l su=32k,size=70m"),
        xfs(18, "xfs-dir-8k", 320, "-n size=8192"),
        xfs(19, "xfs-full", 320, "", share=1.0),
        xfs(20, "xfs-4g", 4096, "", share=0.01),
    ]


def geometries() -> list[Image]:
    return [
        xfs(100, "xfs-1k", 320, "-b size=1024", teeth=1500, comb_bytes=1024),
        xfs(101, "xfs-2k", 320, "-b size=2048"),
        xfs(102, "xfs-8k", 320, "-b size=8192"),
        xfs(103, "xfs-16k", 320, "-b size=16384"),
        xfs(104, "xfs-32k", 320, "-b size=32768"),
        xfs(105, "xfs-64k", 320, "-b size=65536"),
        xfs(106, "xfs-64k-rmapbt", 640, "-b size=65536 -m rmapbt=1"),
        xfs(107, "xfs-1k-rmapbt", 320, "-b size=1024 -m rmapbt=1", teeth=500, comb_bytes=1024),
        xfs(110, "xfs-one-ag", 64, "--unsupported -d agcount=1"),
        xfs(111, "xfs-two-ags", 48, "--unsupported -d agcount=2"),
        xfs(112, "xfs-19-ags", 400, "--unsupported -d agcount=19", container=ZSTD),
        xfs(113, "xfs-small", 20, "--unsupported"),
        xfs(114, "xfs-last-ag-short", 90.3, "--unsupported -d agsize=20m"),
        xfs(115, "xfs-log-in-first-ag", 100, "--unsupported -l agnum=0"),
        xfs(116, "xfs-small-rmapbt", 100, "--unsupported -m rmapbt=1"),
        Image("xfs-external-log", external_log, PACKAGES),
        Image("xfs-realtime", realtime_disks, PACKAGES, fill_realtime),
    ]


def version_4() -> list[Image]:
    return [
        elsewhere(200, "xfs-v4", 100, "--unsupported -m crc=0,finobt=0"),
        elsewhere(201, "xfs-v4-no-lazy-count", 100, "--unsupported -m crc=0,finobt=0 -l lazy-count=0"),
        elsewhere(202, "xfs-v4-512", 100, "--unsupported -m crc=0,finobt=0 -b size=512"),
        elsewhere(203, "xfs-v4-1k", 100, "--unsupported -m crc=0,finobt=0 -b size=1024 -L v4"),
        elsewhere(204, "xfs-v4-two-ags", 320, "-m crc=0 -d agcount=2"),
        elsewhere(
            205,
            "xfs-v4-i256-old",
            100,
            "--unsupported -m crc=0 -i attr=1,projid32bit=0 -n ftype=0 -l version=1",
        ),
        elsewhere(206, "xfs-v4-ci", 100, "--unsupported -m crc=0 -n version=ci"),
        elsewhere(207, "xfs-v4-i2048", 100, "--unsupported -m crc=0 -i size=2048"),
    ]


def blank_past(path: Path) -> None:
    """Empties what a clean log that did not wrap has before its last blocks, which compresses badly: only cycles matter of it."""
    text = run("xfs_db", "-r", "-c", "sb", "-c", "p logstart", path)
    sector = run("xfs_db", "-r", "-c", f"convert fsb {text.split()[-1]} daddr", path)
    offset = int(re.findall(r"\((\d+)\)", sector)[-1]) * 512
    found = re.search(r"log tail: (\d+) head: (\d+) state: <CLEAN>", run("xfs_logprint", "-t", path))
    assert found is not None
    with open(path, "r+b") as file:
        for block in range(max(0, int(found[2]) - 600)):
            file.seek(offset + block * 512)
            start = file.read(8)
            kept = 8 if start[:4] == b"\xfe\xed\xba\xbe" else 4
            file.seek(offset + block * 512)
            file.write(start[:kept] + bytes(512 - kept))


def with_contents(number: int, name: str, size_mib: int, options: str, **what: Any) -> Image:
    """Files of every kind, for the readers of files."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        make(disk.path, number, options)
        guest.add_filesystem(disk)
        with loop(disk.path) as device, mounted(device) as root:
            contents(root, **what)
        blank_past(disk.path)

    return Image(name, build, PACKAGES, container=ZSTD)


def sparse_inodes(guest: Guest) -> None:
    disk = guest.add_disk(40 * MIB)
    make(disk.path, 405, "--unsupported -d agcount=1 -m reflink=0")
    guest.add_filesystem(disk)
    with loop(disk.path) as device, mounted(device) as root:
        scattered_inodes(root)
    blank_past(disk.path)
    if not re.search(r"holemask = 0x[0-9a-f]*[1-9a-f]", holemasks(disk.path)):
        raise RuntimeError("no chunk of inodes has holes")


def holemasks(path: Path) -> str:
    root = run("xfs_db", "-r", "-c", "agi 0", "-c", "p root level", path)
    return root + run("xfs_db", "-r", "-c", "agi 0", "-c", "addr root", "-c", "p recs", path).replace(",0x", ",holemask = 0x")


def large_numbers(guest: Guest) -> None:
    """Groups of 1 TiB, so that directories of the third one on have numbers of more than 32 bits."""
    disk = guest.add_disk((2 * 1023 * 1024 + 256) * MIB)
    make(disk.path, 406, "-d agsize=1023g -l size=64m")
    guest.add_filesystem(disk)
    with loop(disk.path) as device, mounted(device) as root:
        for number in range(8):
            (root / f"d{number}").mkdir()
            for name in range(6 if number < 4 else 60):
                (root / f"d{number}/f{name}").write_bytes(b"content\n")
        for number in range(8):
            os.link(root / f"d{number}/f0", root / f"d{7 - number}/other")
    blank_past(disk.path)


def prototype(number: int, name: str, size_mib: int, options: str) -> Image:
    """Made by mkfs.xfs alone, from a list of files: directories of all sizes in a version that few kernels write."""

    def build(guest: Guest) -> None:
        disk = guest.add_disk(size_mib * MIB)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "file")
            source.write_bytes(b"content of a file\n" * 700)
            lines = ["/", "0 0", "d--755 0 0"]
            for directory, count, width in (("short", 3, 4), ("block", 20, 20), ("leaf", 120, 30), ("node", 700, 40)):
                lines.append(f"{directory} d--750 1 2")
                lines += [f"{n:05}{'p' * width} ---644 3 4 {source}" for n in range(count if count < 100 else 0)]
                lines += [f"{n:05}{'p' * width} p--600 3 4" for n in range(count if count >= 100 else 0)]
                lines.append("$")
            lines += [f"link l--777 0 0 {'t' * 30}", f"long l--777 0 0 {'u' * 900}", f"set -ug755 5 6 {source}", "$"]
            proto = Path(folder, "proto")
            proto.write_text("\n".join(lines) + "\n")
            make(disk.path, number, f"{options} -p {proto}")
        guest.add_filesystem(disk)

    return Image(name, build, PACKAGES, container=ZSTD)


def files() -> list[Image]:
    return [
        with_contents(400, "xfs-files", 320, ""),
        with_contents(401, "xfs-files-1k", 320, "-b size=1024 -m rmapbt=1 -i nrext64=1", block_bytes=1024, teeth=1300),
        with_contents(402, "xfs-files-64k", 640, "-b size=65536", block_bytes=65536, teeth=100),
        with_contents(403, "xfs-files-dir-16k", 320, "-n size=16384 -m bigtime=0 -i size=2048", is_big=False),
        with_contents(404, "xfs-files-old", 320, "-m reflink=0,finobt=0,rmapbt=0,inobtcount=0,bigtime=0", is_big=False, has_clones=False),
        Image("xfs-files-sparse-inodes", sparse_inodes, PACKAGES, container=ZSTD),
        Image("xfs-files-large-numbers", large_numbers, PACKAGES, container=Container(65536, "zstd")),
        prototype(407, "xfs-files-v4", 64, "--unsupported -m crc=0 -n ftype=0"),
        prototype(408, "xfs-files-v4-512", 64, "--unsupported -m crc=0 -b size=512 -i size=256 -n size=4096"),
    ]


def images() -> list[Image]:
    return version_5() + geometries() + version_4() + files()
