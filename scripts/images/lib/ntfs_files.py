"""What ntfs-3g shows of the files of an NTFS volume, and where ntfsinfo says that their attributes lie.

References: ntfs-3g(8), ntfsinfo(8); the extended attributes system.ntfs_times_be of ntfs-3g.
"""

import os
import re
import struct
import subprocess
from collections.abc import Callable

from lib.listing import KINDS

SECTOR = 512
EPOCH = 116444736000000000
DATA, INDEX_ALLOCATION = 0x80, 0xA0
OPTIONS = "ro,streams_interface=none"


def ntfs_files(run: Callable[..., str], path: str, folder: str) -> dict:
    """All paths of a volume, mounted read-only; the root's is empty."""
    top = os.path.join(folder, "mnt")
    os.mkdir(top)
    files: dict[str, dict] = {}
    run("ntfs-3g", "-o", OPTIONS, path, top)
    try:
        cluster = os.statvfs(top).f_frsize
        queue = [""]
        while queue:
            own = queue.pop()
            files[own] = described(top + own)
            if files[own]["kind"] == "directory":
                queue += [own + "/" + name for name in os.listdir(top + own)]
    finally:
        run("umount", top)
    for file in files.values():
        file.update(attributes(path, file["inode"], cluster))
    version = subprocess.run(["ntfs-3g", "--version"], capture_output=True, text=True).stderr
    return {"oracle": version.strip().splitlines()[0], "files": files}


def described(full: str) -> dict:
    about = os.lstat(full)
    kind = KINDS.get(about.st_mode & 0o170000, "device")
    one = {
        "kind": kind,
        "inode": about.st_ino,
        "links": about.st_nlink,
        "size": about.st_size,
        "allocated": about.st_blocks * SECTOR,
        "modified": str(about.st_mtime_ns),
        "changed": str(about.st_ctime_ns),
    }
    created = struct.unpack_from(">Q", os.getxattr(full, "system.ntfs_times_be", follow_symlinks=False))[0]
    one["created"] = str((created - EPOCH) * 100)
    if kind == "symlink":
        one["target"] = os.readlink(full)
    return one


def attributes(path: str, inode: int, cluster: int) -> dict:
    """The sequence number, the pieces of the content, and how many bytes all other attributes have."""
    told = subprocess.run(["ntfsinfo", "-f", "-v", "-i", str(inode), path], capture_output=True, check=True).stdout
    text = told.decode(errors="replace")
    number = re.search(r"MFT Record Seq\. Numb\.:\s+(\d+)", text)
    assert number
    pieces: list = []
    other = 0
    for part in re.split(r"^Dumping attribute ", text, flags=re.MULTILINE)[1:]:
        kind = re.match(r"\S+ \((0x[0-9a-f]+)\)", part)
        assert kind
        name = re.search(r"^\s+Attribute name:\s+'(.*)'$", part, re.MULTILINE)
        found = [
            [int(words, 16) for words in line.split()]
            for line in re.findall(r"^\s+(0x[0-9a-f]+\s+0x[0-9a-f]+\s+0x[0-9a-f]+)$", part, re.MULTILINE)
        ]
        is_content = (int(kind[1], 16), name and name[1]) in ((DATA, None), (INDEX_ALLOCATION, "$I30"))
        if is_content:
            pieces += [[at * cluster, place * cluster, length * cluster, 0] for at, place, length in found]
        else:
            other += sum(length for _, _, length in found) * cluster
    return {"generation": int(number[1]), "pieces": pieces, "other": other}
