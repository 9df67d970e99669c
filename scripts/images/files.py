#!/usr/bin/python3
"""Records what other programs say of the files in the test images, beside the tests that compare it.

Usage: files.py [NAME-PATTERN...]        as root for ext, XFS and btrfs (it mounts copies), from the project's folder

FAT: mtools lists the names and the clusters of each file, fsck.fat counts the clusters that no file has.
ext: the kernel shows a mounted copy (stat, FIEMAP); debugfs, where it cannot (blocks larger than its pages).
btrfs: the kernel, with all devices; its pieces are logical addresses, and the content of files says where these lie.
exFAT: the kernel of the small machine of lib/manymounts.py; and of a copy in which fsck.exfat made files of the clusters
that no file has (LOST+FOUND), how many those are.
NTFS: ntfs-3g shows a mounted copy, ntfsinfo the clusters.
XFS: the kernel, and that of the small machine for what it does not mount (version 4).
F2FS, ISO 9660, SquashFS, EROFS, UDF: that of the small machine.
Writes test/filesystem/files/truth/NAME.json.gz.
"""
import fnmatch
import gzip
import json
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lib.listing import KINDS, mounted
from lib.ntfs_files import ntfs_files
from lib.manymounts import Image, ask
from lib.udfdisc import LEFT_BLOCKS

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "images"
TRUTH = ROOT / "test/filesystem/files/truth"
KIND_OF = {"iso": "iso9660"}
# Of what the machine's own kernel need not know.
ELSEWHERE = ("exfat", "f2fs", "iso9660", "squashfs", "erofs", "udf")
LOST, RESCUED = "/LOST+FOUND", " rescued"
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


def kernel(paths: list[str], folder: str, kind: str = "ext4") -> dict:
    """What the machine's kernel shows of a copy, mounted: it replays the log and cleans up orphans."""
    top = os.path.join(folder, "mnt")
    os.mkdir(top)
    loops = [run("losetup", "--show", "-f", path).strip() for path in paths]
    own = {"ext4": ["noatime"], "xfs": ["ro", "nouuid"], "btrfs": ["ro", "subvolid=5"]}[kind]
    other = {"ext4": "journal_path", "xfs": "logdev", "btrfs": "device"}[kind]
    options = ",".join(own + [f"{other}={loop}" for loop in loops[1:]])
    try:
        run("mount", "-t", kind, "-o", options, loops[0], top)
        try:
            files = mounted(top, kind)
            for path, shared in (shared_bytes(top) if kind == "btrfs" else {}).items():
                files[path]["shared"] = shared
            return {"oracle": f"Linux {os.uname().release}", "files": files}
        finally:
            run("umount", top)
    finally:
        for loop in loops:
            run("losetup", "-d", loop)


def shared_bytes(top: str) -> dict:
    """What of files, and of all files below directories, others have too, by `btrfs filesystem du`."""
    name = re.escape(top) + r".*?"
    row = r"^ *(\d+) +(\d+) +(?:\d+|-)  "
    found = re.findall(rf"{row}({name})\n(?={row}{re.escape(top)}|\Z)", run("btrfs", "filesystem", "du", "--raw", top), re.M | re.S)
    return {path.removeprefix(top): int(total) - int(alone) for total, alone, path, *_ in found}


def debugfs(path: str) -> dict:
    """The same from debugfs, for blocks that are larger than the machine's pages: blocks in place of pieces."""
    files: dict[str, dict] = {}
    queue = [("", 2)]
    while queue:
        above, directory = queue.pop()
        for line in run("debugfs", "-R", f"ls -p <{directory}>", path).splitlines():
            if not line.startswith("/"):
                continue
            _, inode, mode, uid, gid, name, size, _ = line.split("/", 7)
            if inode == "0" or name == "..":
                continue
            own = above if name == "." else f"{above}/{name}"
            kind = KINDS.get(stat.S_IFMT(int(mode, 8)), "device")
            files[own] = {"kind": kind, "inode": int(inode), "mode": int(mode, 8), "ids": [int(uid), int(gid)]}
            if kind == "directory" and name != ".":
                queue.append((own, int(inode)))
    commands = "".join(f"stat <{one['inode']}>\nblocks <{one['inode']}>\n" for one in files.values())
    script = path + ".cmd"
    Path(script).write_text(commands)
    parts = run("debugfs", "-f", script, path).split("debugfs: ")[1:]
    for one, told, blocks in zip(files.values(), parts[0::2], parts[1::2]):
        one["size"] = int(re.search(r"Size: (\d+)", told)[1])
        one["links"] = int(re.search(r"Links: (\d+)", told)[1])
        one["allocated"] = int(re.search(r"Blockcount: (\d+)", told)[1]) * 512
        # Of a link whose target lies in its inode debugfs takes the text for numbers of blocks.
        numbers = blocks.split("\n", 1)[1].split() if one["allocated"] > 0 else []
        one["blocks"] = sorted(int(number) for number in numbers)
    return {"oracle": "debugfs", "files": files}


def needs_recovery(path: str) -> bool:
    with open(path, "rb") as disk:
        disk.seek(1024 + 0x60)
        return struct.unpack("<I", disk.read(4))[0] & 4 != 0


def ext(about: dict, folder: str) -> dict:
    paths = [raw_copy(IMAGES / disk, folder) for disk in about["disks"]]
    with open(paths[0], "rb") as disk:
        disk.seek(1024 + 0x18)
        block_bytes = 1024 << struct.unpack("<I", disk.read(4))[0]
    try:
        found = kernel(paths, folder) if block_bytes <= 4096 else debugfs(paths[0])
    except SystemExit:
        # Features that the machine's kernel lacks (casefold): what is not clean needs it.
        if needs_recovery(paths[0]):
            raise
        found = debugfs(paths[0])
    return {about["filesystems"][0]["device"]: found}


def xfs(about: dict, folder: str) -> dict | None:
    """None: the machine's kernel does not mount it (version 4, a realtime device)."""
    paths = [raw_copy(IMAGES / disk, folder) for disk in about["disks"]]
    try:
        return {about["filesystems"][0]["device"]: kernel(paths, folder, "xfs")}
    except SystemExit as error:
        print(error, file=sys.stderr)
        return None


def btrfs(about: dict, folder: str) -> dict:
    paths = [raw_copy(IMAGES / disk, folder) for disk in about["disks"]]
    began = time.time_ns()
    found = kernel(paths, folder, "btrfs")
    # Names that the replay of a log takes away move the times of their files to the time of the mount.
    return {one["device"]: {**found, "mounted": str(began)} for one in about["filesystems"]}


def elsewhere(abouts: list[dict]) -> None:
    """The same by the kernel of a small machine, which has exFAT, all of XFS, and F2FS."""
    images: dict[str, Image] = {}
    with tempfile.TemporaryDirectory() as folder:
        for about in abouts:
            name, sector_bytes = about["name"], about.get("sector_bytes", 512)
            path = Path(raw_copy(IMAGES / about["disks"][0], folder))
            images[name] = Image(path, kind_of(name), sector_bytes)
            if kind_of(name) == "exfat":
                images[name + RESCUED] = Image(rescued(path), "exfat", sector_bytes)
        cases = [[name, [], ["files"]] for name in images]
        answers = list(ask(images, cases, Path(folder)))
    oracle = f"Linux {answers[0]['kernel']}"
    found = {}
    for name, answer in zip(images, answers[1:]):
        if not isinstance(answer.get("files"), dict):
            raise SystemExit(f"{name}: {answer}")
        found[name] = answer["files"]
    for about in abouts:
        name = about["name"]
        one: dict = {"oracle": oracle, "files": found[name]}
        if name + RESCUED in found:
            files = found[name + RESCUED]
            one["lost_bytes"] = sum(file["allocated"] for path, file in files.items() if path.startswith(LOST + "/"))
        if name.startswith("udf-metadata"):
            # The area that udfdisc.py takes is larger than what it puts there; of one image it wipes an entry too.
            wiped = 1 if name == "udf-metadata-mirror" else 0
            one["lost_bytes"] = (LEFT_BLOCKS + wiped) * about["filesystems"][0]["guest"]["f_frsize"]
        write(name, {about["filesystems"][0]["device"]: one})


def kind_of(name: str) -> str:
    word = name.split("-")[0]
    return KIND_OF.get(word, word)


def rescued(path: Path) -> Path:
    """A copy in which each run of clusters that no file has is a file."""
    copy = path.with_suffix(".rescued")
    run("cp", "--sparse=always", str(path), str(copy))
    run("fsck.exfat", "-y", "-s", str(copy), check=False)
    return copy


def record(expected: Path) -> dict | None:
    """Gives back what the machine's kernel does not mount: all of F2FS on most machines."""
    about = json.loads(expected.read_text())
    name = about["name"]
    if kind_of(name) in ELSEWHERE:
        return about
    if not name.startswith(("fat", "ext", "ntfs", "xfs", "btrfs")) or not about["filesystems"]:
        return None
    found: dict | None = {}
    with tempfile.TemporaryDirectory() as folder:
        if name.startswith("ext"):
            found = ext(about, folder)
        elif name.startswith("xfs"):
            found = xfs(about, folder)
        elif name.startswith("btrfs"):
            found = btrfs(about, folder)
        elif name.startswith("ntfs"):
            path = raw_copy(IMAGES / about["disks"][0], folder)
            found = {about["filesystems"][0]["device"]: ntfs_files(run, path, folder)}
        else:
            path = raw_copy(IMAGES / about["disks"][0], folder)
            for filesystem in about["filesystems"]:
                device = filesystem["device"]
                found[device] = fat(partition(path, device, folder))
    if found is None:
        return about
    write(name, found)
    return None


def write(name: str, found: dict) -> None:
    TRUTH.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"filesystems": found}, separators=(",", ":"))
    with gzip.GzipFile(TRUTH / f"{name}.json.gz", "wb", mtime=0) as file:
        file.write(text.encode())
    print(name, {device: len(one["files"] or []) for device, one in found.items()})


def main() -> None:
    patterns = sys.argv[1:] or ["*"]
    left = []
    for expected in sorted(IMAGES.glob("*.expected.json")):
        name = expected.name.removesuffix(".expected.json")
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            left.append(record(expected))
    # What lies on two disks is left out: the small machine has one.
    abouts = [about for about in left if about is not None and len(about["disks"]) == 1]
    if abouts:
        elsewhere(abouts)


if __name__ == "__main__":
    main()
