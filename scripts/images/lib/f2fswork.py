"""Fills an F2FS with what makes its files differ. It runs in the small machine of lib/manymounts.py, as root, below a mount point.

References: ioctl_iflags(2), fallocate(2), setxattr(2); Linux include/uapi/linux/fscrypt.h.
"""

import ctypes
import fcntl
import os
import socket
import stat
import struct

ADD_KEY, SET_POLICY = 0xC0506617, 0x800C6613
SETFLAGS = 0x40086602
COMPRESSED, CASEFOLDED = 0x4, 0x40000000
BY_IDENTIFIER, POLICY_V2 = 2, 2
AES_256_XTS, AES_256_CTS, PAD_16 = 1, 4, 2
KEEP_SIZE = 1
KIB, MIB, GIB = 2**10, 2**20, 2**30

libc = ctypes.CDLL(None, use_errno=True)


def noise(count: int, seed: int) -> bytes:
    """Bytes that do not compress, the same each time."""
    words = []
    for _ in range(-(-count // 8)):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        words.append(struct.pack("<Q", seed ^ seed >> 29))
    return b"".join(words)[:count]


def write(path: bytes, *pieces: tuple[int, bytes]) -> None:
    """Each piece at its offset."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    for at, content in pieces:
        os.pwrite(descriptor, content, at)
    os.close(descriptor)


def set_flags(path: bytes, flags: int) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.ioctl(descriptor, SETFLAGS, struct.pack("=l", flags))
    os.close(descriptor)


def encrypt(top: bytes, directory: bytes) -> None:
    key = bytes(range(64))
    argument = bytearray(struct.pack("=II32xII32x", BY_IDENTIFIER, 0, len(key), 0) + key)
    root = os.open(top, os.O_RDONLY)
    fcntl.ioctl(root, ADD_KEY, argument)
    os.close(root)
    identifier = bytes(argument[8:24])
    policy = struct.pack("=BBBB4x16s", POLICY_V2, AES_256_XTS, AES_256_CTS, PAD_16, identifier)
    descriptor = os.open(directory, os.O_RDONLY)
    fcntl.ioctl(descriptor, SET_POLICY, bytearray(policy))
    os.close(descriptor)


def sparse_files(top: bytes) -> None:
    block = b"s" * 4096
    # Behind the inode, in a direct node, below an indirect one, below the double one.
    offsets = (0, 3 * MIB, 5 * MIB, 7 * MIB, 900 * MIB, 5 * GIB, 9 * GIB, 40 * GIB)
    write(top + b"/sparse", *((at, block) for at in offsets))
    write(top + b"/hole", (0, b""))
    os.truncate(top + b"/hole", 10 * MIB + 5)
    write(top + b"/comb", *((at * 8192, block) for at in range(40)))
    for name, mode in ((b"/promised", 0), (b"/promised-behind", KEEP_SIZE)):
        write(top + name, (0, b"p" * 5000))
        descriptor = os.open(top + name, os.O_WRONLY)
        fallocate(descriptor, mode, 0, 100 * KIB)
        os.close(descriptor)


def fallocate(descriptor: int, mode: int, offset: int, length: int) -> None:
    if libc.fallocate(descriptor, mode, ctypes.c_long(offset), ctypes.c_long(length)):
        raise OSError(ctypes.get_errno(), "fallocate")


def names(top: bytes) -> None:
    os.mkdir(top + b"/many")
    for number in range(400):
        write(top + b"/many/a-name-that-takes-some-places-%d" % number, (0, b"%d" % number))
    os.mkdir(top + b"/odd")
    for name in (b"new\nline", b"latin-\xe9", b"\xc3\xa4\xc3\xb6", b"x" * 255, b"esc\x1b[31m", b".hidden", b"-"):
        write(top + b"/odd/" + name, (0, name))
    os.mkdir(top + b"/folded")
    set_flags(top + b"/folded", CASEFOLDED)
    for name in (b"Upper", b"\xc3\x84rger"):
        write(top + b"/folded/" + name, (0, name))
    write(top + b"/linked", (0, b"l" * 9000))
    for directory in (b"/odd", b"/many"):
        os.link(top + b"/linked", top + directory + b"/hard")
    os.symlink(b"odd", top + b"/short")
    os.symlink(b"t/" * 2000, top + b"/long")


def attributes(top: bytes) -> None:
    write(top + b"/few", (0, b"f"))
    os.setxattr(top + b"/few", "user.few", b"1")
    for name in (b"/lots", b"/odd"):
        if name == b"/lots":
            write(top + name, (0, b"l" * 20000))
        os.setxattr(top + name, "user.lots", b"v" * 3000)
    os.mkfifo(top + b"/fifo")
    os.mknod(top + b"/null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.fsdecode(top + b"/socket"))
    listener.close()
    os.chown(top + b"/few", 1000, 2**31)
    os.chmod(top + b"/few", 0o4711)
    os.utime(top + b"/few", ns=(-(10**9) - 1, 2**33 * 10**9 + 7))


def compressed(top: bytes) -> None:
    directory = top + b"/compressed"
    os.mkdir(directory)
    set_flags(directory, COMPRESSED)
    write(directory + b"/zeros", (0, bytes(100 * KIB)))
    write(directory + b"/half", (0, b"".join(noise(2500, i) + bytes(5692) for i in range(7))))
    write(directory + b"/noise", (0, noise(20 * KIB, 7)))


def encrypted(top: bytes) -> None:
    directory = top + b"/encrypted"
    os.mkdir(directory)
    encrypt(top, directory)
    os.mkdir(directory + b"/below")
    for name in (b"a", b"a-name-of-more-than-sixteen-bytes", b"x" * 100):
        write(directory + b"/" + name, (0, b"secret" * 900))
    os.symlink(b"a", directory + b"/link")


def work(path: str) -> None:
    top = os.fsencode(path)
    for step in (sparse_files, names, attributes, compressed, encrypted):
        step(top)
    # What is deleted leaves places among names and blocks.
    for number in range(0, 400, 3):
        os.unlink(top + b"/many/a-name-that-takes-some-places-%d" % number)
