#!/usr/bin/python3
"""Records what other programs say of the files in the test images, beside the tests that compare it.

Usage: files.py [NAME-PATTERN...]        as root for ext (it mounts copies), from the project's folder

FAT: mtools lists the names and the clusters of each file, fsck.fat counts the clusters that no file has.
Writes test/filesystem/files/truth/NAME.json.gz.
"""
import fnmatch
import gzip
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "images"
TRUTH = ROOT / "test/filesystem/files/truth"
ENV = {**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1", "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}


def run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, env=ENV, capture_output=True)
    if check and done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="surrogateescape")


def raw_copy(disk: Path, folder: str) -> str:
    path = os.path.join(folder, disk.stem + ".raw")
    run("qemu-img", "convert", "-O", "raw", str(disk), path)
    return path


def partition(path: str, device: str, folder: str) -> str:
    """The filesystem of a device: a copy of its partition, by an MBR."""
    number = re.search(r"\d+$", device)
    if number is None:
        return path
    with open(path, "rb") as disk:
        disk.seek(446 + 16 * (int(number[0]) - 1) + 8)
        start, count = struct.unpack("<II", disk.read(8))
        disk.seek(start * 512)
        own = os.path.join(folder, f"part{number[0]}.raw")
        Path(own).write_bytes(disk.read(count * 512))
    return own


def fat(path: str) -> dict:
    lost = re.findall(r"Reclaimed (\d+) unused clusters? \((\d+) bytes\)", run("fsck.fat", "-nv", path, check=False))
    lost_bytes = sum(int(size) for _, size in lost)
    # mtools goes by the number of clusters alone, and takes a small FAT32 for FAT16.
    listed = subprocess.run(["mdir", "-/", "-a", "-b", "-i", path, "::"], env=ENV, capture_output=True)
    if listed.returncode != 0:
        return {"files": None, "lost_bytes": lost_bytes}
    files = {}
    for name in listed.stdout.decode(errors="surrogateescape").splitlines():
        is_directory = name.endswith("/")
        own = name.removeprefix("::").rstrip("/")
        shown = run("mshowfat", "-i", path, "::" + own).strip()
        runs = [
            [int(first), int(last or first)] for first, last in re.findall(r"<(\d+)(?:-(\d+))?>", shown[len(own) + 2 :])
        ]
        files[own] = {"type": "directory" if is_directory else "file", "clusters": runs}
    return {"files": files, "lost_bytes": lost_bytes}


def record(expected: Path) -> None:
    about = json.loads(expected.read_text())
    name = about["name"]
    if not name.startswith("fat"):
        return
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = raw_copy(IMAGES / about["disks"][0], folder)
        for filesystem in about["filesystems"]:
            device = filesystem["device"]
            found[device] = fat(partition(path, device, folder))
    tools = {"mtools": run("mdir", "-V").split()[3], "dosfstools": "4.2"}
    TRUTH.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"tools": tools, "filesystems": found}, separators=(",", ":"))
    with gzip.GzipFile(TRUTH / f"{name}.json.gz", "wb", mtime=0) as file:
        file.write(text.encode())
    print(name, {device: len(one["files"] or []) for device, one in found.items()})


def main() -> None:
    patterns = sys.argv[1:] or ["*"]
    for expected in sorted(IMAGES.glob("*.expected.json")):
        name = expected.name.removesuffix(".expected.json")
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            record(expected)


if __name__ == "__main__":
    main()
