"""Lists all files below a mount point as the kernel shows them. It is imported in the small machine of lib/manymounts.py too, and so
imports only what lib/mountinit.py does.

References: stat(2); Linux include/uapi/linux/fiemap.h; fs/xfs/libxfs/xfs_fs.h: struct getbmapx; ioctl_iflags(2) (FS_IOC_GETVERSION).
"""

import fcntl
import os
import struct

KINDS = {0o100000: "file", 0o040000: "directory", 0o120000: "symlink"}
FIEMAP = 0xC020660B
FLAG_UNWRITTEN, FLAG_INLINE, FLAG_SHARED = 0x800, 0x200, 0x2000
GETBMAPX = 0xC0205838
OF_ATTRIBUTES, NO_HOLES, NOT_READ = 1, 0x10, 2
GETVERSION = 0x80087601
SECTOR = 512


def fiemap(descriptor: int) -> "list | None":
    """The pieces of a file as [file offset, place, length, 1 if unwritten + 2 if shared]; None where they lie in the inode."""
    pieces: list = []
    start = 0
    while True:
        count = 512
        buffer = bytearray(struct.pack("=QQIIII", start, 2**63, 1, 0, count, 0) + bytes(56 * count))
        fcntl.ioctl(descriptor, FIEMAP, buffer)
        found = struct.unpack_from("=I", buffer, 20)[0]
        for i in range(found):
            logical, physical, length, _, _, flags = struct.unpack_from("=QQQQQI", buffer, 32 + 56 * i)
            if flags & FLAG_INLINE:
                return None
            marks = (1 if flags & FLAG_UNWRITTEN else 0) + (2 if flags & FLAG_SHARED else 0)
            pieces.append([logical, physical, length, marks])
            start = logical + length
        if found < count:
            return pieces


def xfs_map(descriptor: int, flags: int) -> list:
    """The same of a fork of XFS, which FIEMAP does not show of directories: [offset, place, length]."""
    pieces: list = []
    start = 0
    while True:
        count = 1024
        head = struct.pack("=qqqiiiiii", start // SECTOR, 0, 2**53, count + 1, 0, flags | NO_HOLES | NOT_READ, 0, 0, 0)
        buffer = bytearray(head + bytes(48 * count))
        fcntl.ioctl(descriptor, GETBMAPX, buffer)
        found = struct.unpack_from("=i", buffer, 28)[0]
        for i in range(found):
            offset, block, length = struct.unpack_from("=qqq", buffer, 48 * (i + 1))
            pieces.append([offset * SECTOR, block * SECTOR, length * SECTOR])
            start = (offset + length) * SECTOR
        if found < count:
            return pieces


def described(full: str, is_xfs: bool) -> dict:
    about = os.lstat(full)
    kind = KINDS.get(about.st_mode & 0o170000, "device")
    one = {
        "kind": kind,
        "inode": about.st_ino,
        "mode": about.st_mode,
        "ids": [about.st_uid, about.st_gid],
        "links": about.st_nlink,
        "size": about.st_size,
        "allocated": about.st_blocks * SECTOR,
        "modified": str(about.st_mtime_ns),
        "changed": str(about.st_ctime_ns),
    }
    if kind == "symlink":
        one["target"] = os.readlink(full)
    if kind not in ("file", "directory"):
        return one
    descriptor = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOATIME)
    try:
        if kind == "file" or not is_xfs:
            one["pieces"] = fiemap(descriptor)
        else:
            one["blocks"] = xfs_map(descriptor, 0)
        if is_xfs:
            one["attributes"] = xfs_map(descriptor, OF_ATTRIBUTES)
            number = bytearray(8)
            fcntl.ioctl(descriptor, GETVERSION, number)
            one["generation"] = struct.unpack_from("=I", number)[0]
    finally:
        os.close(descriptor)
    return one


def mounted(top: str, is_xfs: bool = False) -> dict:
    """All paths below a mount point."""
    files = {}
    queue = [""]
    while queue:
        path = queue.pop()
        full = top + path
        files[path] = described(full, is_xfs)
        if files[path]["kind"] == "directory":
            queue += [path + "/" + name for name in os.listdir(full)]
    return files
