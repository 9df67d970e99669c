"""Lists all files below a mount point as the kernel shows them. It is imported in the small machine of lib/manymounts.py too, and so
imports only what lib/mountinit.py does.

References: stat(2); Linux include/uapi/linux/fiemap.h; include/uapi/linux/fs.h: FIBMAP;
fs/xfs/libxfs/xfs_fs.h: struct getbmapx; ioctl_iflags(2) (FS_IOC_GETVERSION).
"""

import ctypes
import errno
import fcntl
import os
import struct

KINDS = {0o100000: "file", 0o040000: "directory", 0o120000: "symlink"}
FIEMAP = 0xC020660B
FLAG_UNWRITTEN, FLAG_INLINE, FLAG_SHARED, FLAG_ENCODED = 0x800, 0x200, 0x2000, 0x8
MARKS = ((1, FLAG_UNWRITTEN), (2, FLAG_SHARED), (4, FLAG_ENCODED))
SYNC, OF_XATTR = 1, 2
GETBMAPX = 0xC0205838
OF_ATTRIBUTES, NO_HOLES, NOT_READ = 1, 0x10, 2
GETVERSION = 0x80087601
FIBMAP, FIGETBSZ = 1, 2
SECTOR = 512
# Those that answer FIBMAP and not FIEMAP, and one that answers neither.
BY_NUMBER, UNPLACED = ("exfat", "iso9660", "udf"), ("squashfs",)
# Of btrfs: the directory that a snapshot has in place of a subvolume within the original.
STAND_IN = 2
MAX_HASHED_BYTES = 1024 * 1024
AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_BTIME = -100, 0x100, 0x800

libc = ctypes.CDLL(None, use_errno=True)


def fiemap(descriptor: int) -> "list | None":
    """The pieces of a file as [file offset, place, length, 1 if unwritten + 2 if shared + 4 if compressed]; None where they
    lie in the inode."""
    pieces: list = []
    start = 0
    while True:
        count = 512
        buffer = bytearray(struct.pack("=QQIIII", start, 2**63, SYNC, 0, count, 0) + bytes(56 * count))
        fcntl.ioctl(descriptor, FIEMAP, buffer)
        found = struct.unpack_from("=I", buffer, 20)[0]
        for i in range(found):
            logical, physical, length, _, _, flags = struct.unpack_from("=QQQQQI", buffer, 32 + 56 * i)
            if flags & FLAG_INLINE:
                return None
            marks = sum(mark for mark, flag in MARKS if flags & flag)
            pieces.append([logical, physical, length, marks])
            start = logical + length
        if found < count:
            return pieces


def attribute_blocks(descriptor: int) -> list:
    """[offset, place, length] of extended attributes that have a block of their own."""
    count = 16
    buffer = bytearray(struct.pack("=QQIIII", 0, 2**63, OF_XATTR, 0, count, 0) + bytes(56 * count))
    fcntl.ioctl(descriptor, FIEMAP, buffer)
    found = struct.unpack_from("=I", buffer, 20)[0]
    all_of = [struct.unpack_from("=QQQQQI", buffer, 32 + 56 * i) for i in range(found)]
    return [[0, place, length] for _, place, length, _, _, flags in all_of if not flags & FLAG_INLINE]


def created(full: str) -> "str | None":
    """The time of birth in nanoseconds, which os.stat does not have; None where the filesystem keeps none."""
    buffer = ctypes.create_string_buffer(256)
    if libc.statx(AT_FDCWD, os.fsencode(full), AT_SYMLINK_NOFOLLOW, STATX_BTIME, buffer) != 0:
        raise OSError(ctypes.get_errno(), full)
    if not struct.unpack_from("=I", buffer)[0] & STATX_BTIME:
        return None
    seconds, nanoseconds = struct.unpack_from("=qI", buffer, 80)
    return str(seconds * 10**9 + nanoseconds)


def blocks_by_number(descriptor: int) -> "list | None":
    """The same where the kernel has no FIEMAP (exFAT): a question for each cluster. None of a file that has no such places, since it
    is compressed (zisofs)."""
    block = struct.unpack("=i", fcntl.ioctl(descriptor, FIGETBSZ, bytes(4)))[0]
    step = os.fstatvfs(descriptor).f_frsize
    pieces: list = []
    for offset in range(0, os.fstat(descriptor).st_size, step):
        try:
            number = struct.unpack("=i", fcntl.ioctl(descriptor, FIBMAP, struct.pack("=i", offset // block)))[0]
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return None
        last = pieces[-1] if pieces else None
        if number == 0:  # a hole
            continue
        if last is not None and last[0] + last[2] == offset and last[1] + last[2] == number * block:
            last[2] += step
        else:
            pieces.append([offset, number * block, step, 0])
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


def content_hash(descriptor: int, size: int) -> "str | None":
    """SHA-256 of a file's content; None for a large one."""
    import hashlib  # the small machine has none

    if size > MAX_HASHED_BYTES:
        return None
    digest = hashlib.sha256()
    while data := os.read(descriptor, 65536):
        digest.update(data)
    return digest.hexdigest()


def described(full: str, filesystem: str) -> dict:
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
    if filesystem == "f2fs":
        one["created"] = created(full)
    if kind == "symlink":
        one["target"] = os.readlink(full)
    if kind not in ("file", "directory"):
        return one
    try:
        descriptor = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOATIME)
    except OSError as error:
        # Of an encrypted file stat alone shows anything without the key.
        if error.errno != errno.ENOKEY:
            raise
        return one
    try:
        if kind == "directory" and filesystem == "xfs":
            one["blocks"] = xfs_map(descriptor, 0)
        elif kind == "file" and filesystem in BY_NUMBER:
            pieces = blocks_by_number(descriptor)
            if pieces is not None:
                one["pieces"] = pieces
        elif filesystem not in (*BY_NUMBER, *UNPLACED) and (kind == "file" or filesystem not in ("xfs", "btrfs", "erofs")):
            one["pieces"] = fiemap(descriptor)
        if filesystem == "xfs":
            one["attributes"] = xfs_map(descriptor, OF_ATTRIBUTES)
        if filesystem == "f2fs":
            one["attributes"] = attribute_blocks(descriptor)
        if filesystem == "btrfs" and kind == "file":
            one["sha256"] = content_hash(descriptor, about.st_size)
        if filesystem in ("xfs", "f2fs") or (filesystem == "btrfs" and about.st_ino != STAND_IN):
            number = bytearray(8)
            fcntl.ioctl(descriptor, GETVERSION, number)
            one["generation"] = struct.unpack_from("=I", number)[0]
    finally:
        os.close(descriptor)
    return one


def mounted(top: str, filesystem: str) -> dict:
    """All paths below a mount point. Where a path leads to another file than its entry names (`keep` beside `KEEP` in a folded
    directory), the inode of the entry alone."""
    files: dict = {}
    queue: list = [("", None)]
    while queue:
        path, number = queue.pop()
        full = top + path
        one = described(full, filesystem)
        # An entry of btrfs that leads to a subvolume has its number; ISO 9660's entries are counted from their directory on.
        is_own = filesystem in ("btrfs", "iso9660") or number in (None, one["inode"])
        files[path] = one if is_own else {"inode": number}
        if files[path].get("kind") == "directory":
            with os.scandir(full) as entries:
                queue += [(path + "/" + entry.name, entry.inode()) for entry in entries]
    return files
