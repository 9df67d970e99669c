#!/usr/bin/python3
"""Records what the kernel says of every block of some test images (GETFSMAP), beside the test of `virt-df map`.

Usage: fsmap.py        as root, since it mounts copies; from the project's folder. Needs xfs_io (xfsprogs).

Writes test/queries/truth/fsmap.json.gz: of each image a list of [offset, length, owner, offset in the file] in bytes, the owner as
xfs_io names it.
"""
import csv
import gzip
import json
import os
import tempfile
from pathlib import Path

from files import IMAGES, ROOT, raw_copy, run

NAMES = ["ext4-4k", "ext4-1k-64bit", "xfs-rmapbt", "xfs-1k-rmapbt", "xfs-default"]
OUTPUT = ROOT / "test/queries/truth/fsmap.json.gz"
SECTOR = 512


def bytes_of(sectors: str) -> int | None:
    return int(sectors) * SECTOR if sectors else None


def blocks(image: Path, folder: str) -> list:
    raw = raw_copy(image, folder)
    mountpoint = os.path.join(folder, "mnt")
    os.makedirs(mountpoint, exist_ok=True)
    run("mount", "-o", "loop,ro", raw, mountpoint)
    try:
        lines = run("xfs_io", "-r", "-c", "fsmap -m", mountpoint).splitlines()
    finally:
        run("umount", mountpoint)
        os.remove(raw)
    return [
        [bytes_of(row["PSTART"]), bytes_of(row["LENGTH"]), row["OWNER"], bytes_of(row["OSTART"])]
        for row in csv.DictReader(lines)
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        images = {name: blocks(IMAGES / f"{name}.qcow2", folder) for name in NAMES}
    OUTPUT.parent.mkdir(exist_ok=True)
    texts = [f"{json.dumps(name)}: {json.dumps(rows, separators=(',', ':'))}" for name, rows in images.items()]
    about = json.dumps({"kernel": os.uname().release})[1:-1]
    text = "{" + about + ', "images": {\n' + ",\n".join(texts) + "\n}}\n"
    # Without the time, so that the same answers are the same file.
    OUTPUT.write_bytes(gzip.compress(text.encode(), mtime=0))


main()
