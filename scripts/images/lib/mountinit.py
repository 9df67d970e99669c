#!/usr/bin/python3
"""The first and only program of the machine of lib/manymounts.py: it mounts one damaged filesystem after the other.

The disk /dev/vda has a number in its first 512 bytes, JSON of so many bytes behind them, then the pages of the images. Each case
begins with the image as it was, in a sparse file in memory behind a loop device. An answer is a line of JSON on the second
serial port, with what the kernel logged. When the kernel dies of a case, there is no answer, and the machine is started again behind it.
References: mount(2), loop(4), finit_module(2), Linux include/uapi/linux/loop.h, include/uapi/linux/btrfs.h.
"""

import base64
import ctypes
import fcntl
import json
import os
import re
import struct
import traceback
import zlib

import f2fswork
from listing import mounted

HEAD_BYTES = 512
WORK = "/work/disk"
TOP = "/top"
MS_RDONLY, MNT_DETACH = 1, 2
LOOP_CTL_GET_FREE, LOOP_CLR_FD, LOOP_CONFIGURE = 0x4C82, 0x4C01, 0x4C0A
BTRFS_IOC_FORGET_DEV = 0x50009405
BTRFS_ARGUMENT_BYTES = 4096
FIELDS = ("f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree")
FINIT_MODULE = {"x86_64": 313}
MODES = (("ro", MS_RDONLY), ("rw", 0), ("files", MS_RDONLY), ("work", 0))
PIECE_BYTES = 1 << 18
MAX_LOG_CHARACTERS = 600
NOISE = re.compile(r"loop\d+: |[0-9a-f]{8}: |BTRFS: device |BTRFS info ")

libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, top: str, kind: str, flags: int = 0, options: str = "") -> int:
    """0, or what mount(2) failed with."""
    failed = libc.mount(source.encode(), top.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    return ctypes.get_errno() if failed else 0


def load_modules() -> None:
    with open("/modules/order") as order:
        for name in order.read().split():
            with open(f"/modules/{name}", "rb") as file:
                libc.syscall(FINIT_MODULE[os.uname().machine], file.fileno(), b"", 0)


class Images:
    """The images of the disk, each of which can be laid out anew in the file of the loop device."""

    def __init__(self) -> None:
        self.disk = os.open("/dev/vda", os.O_RDONLY)
        length = int(os.pread(self.disk, HEAD_BYTES, 0))
        description = json.loads(self.read(HEAD_BYTES, length))
        self.cases = description["cases"]
        self.images = description["images"]
        self.name = ""
        self.pages: list[tuple[int, bytes]] = []

    def read(self, at: int, length: int) -> bytes:
        parts = []
        while length > 0:
            part = os.pread(self.disk, min(length, 1 << 20), at)
            parts.append(part)
            at, length = at + len(part), length - len(part)
        return b"".join(parts)

    def lay_out(self, name: str, edits: list) -> dict:
        image = self.images[name]
        if name != self.name:
            self.pages = [(at, self.read(place, length)) for at, length, place in image["runs"]]
            self.name = name
        file = os.open(WORK, os.O_RDWR | os.O_CREAT)
        os.ftruncate(file, 0)
        os.ftruncate(file, image["sizeBytes"])
        for at, content in self.pages:
            os.pwrite(file, content, at)
        for at, content in edits:
            os.pwrite(file, bytes.fromhex(content), at)
        os.close(file)
        return image


def attach(sector_bytes: int) -> tuple[str, int]:
    with open("/dev/loop-control") as control:
        number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
    path = f"/dev/loop{number}"
    device, file = os.open(path, os.O_RDWR), os.open(WORK, os.O_RDWR)
    # struct loop_config: the file, the size of a sector, struct loop_info64 and what is reserved.
    fcntl.ioctl(device, LOOP_CONFIGURE, struct.pack("<II", file, sector_bytes) + bytes(232 + 64))
    os.close(file)
    return path, device


def detach(device: int) -> None:
    try:
        fcntl.ioctl(device, LOOP_CLR_FD)
    finally:
        os.close(device)


def forget() -> None:
    """btrfs remembers devices by their UUIDs, which all cases of an image share."""
    if os.path.exists("/dev/btrfs-control"):
        with open("/dev/btrfs-control") as control:
            try:
                fcntl.ioctl(control, BTRFS_IOC_FORGET_DEV, bytearray(BTRFS_ARGUMENT_BYTES))
            except FileNotFoundError:
                pass  # It knows none.


def verdict(path: str, kind: str, flags: int) -> object:
    """The numbers of a mount, or the name of the error that it is refused with."""
    failed = mount(path, TOP, kind, flags)
    if failed:
        return os.strerror(failed)
    try:
        answer = os.statvfs(TOP)
        numbers: object = [getattr(answer, field) for field in FIELDS]
        if flags == 0 and answer.f_flag & os.ST_RDONLY:
            numbers = "turned read-only"
    except OSError as error:
        numbers = f"statfs: {error.strerror}"
    if libc.umount2(TOP.encode(), 0):
        libc.umount2(TOP.encode(), MNT_DETACH)
    return numbers


def files(path: str, kind: str) -> object:
    """What a read-only mount shows of all files, or the name of the error that it is refused with."""
    # UDF's files that are marked as hidden are files all the same.
    failed = mount(path, TOP, kind, MS_RDONLY, "unhide" if kind == "udf" else "")
    if failed:
        return os.strerror(failed)
    try:
        return mounted(TOP, kind)
    finally:
        libc.umount2(TOP.encode(), MNT_DETACH)


def work(path: str) -> object:
    """Fills an F2FS, and gives all of the disk that is not zero, as [place, zlib in base64]."""
    failed = mount(path, TOP, "f2fs", 0, "compress_algorithm=lz4")
    if failed:
        return os.strerror(failed)
    try:
        f2fswork.work(TOP)
    finally:
        libc.umount2(TOP.encode(), 0)
    pieces = []
    with open(WORK, "rb") as disk:
        for at in range(0, os.fstat(disk.fileno()).st_size, PIECE_BYTES):
            content = disk.read(PIECE_BYTES)
            if any(content):
                pieces.append([at, base64.b64encode(zlib.compress(content)).decode()])
    return pieces


def logged(log: int) -> str:
    """What the kernel said since it was asked last."""
    lines = []
    while True:
        try:
            lines.append(os.read(log, 8192).decode(errors="replace").split(";", 1)[-1].split("\n")[0])
        except BlockingIOError:
            # What the loop device says of itself is not of the filesystem, and neither are XFS's dumps of buffers.
            said = [line for line in lines if not NOISE.match(line)]
            return " | ".join(said)[:MAX_LOG_CHARACTERS]
        except OSError:
            continue


def main() -> None:
    for source, top, kind in (("dev", "/dev", "devtmpfs"), ("proc", "/proc", "proc"), ("work", "/work", "tmpfs")):
        mount(source, top, kind)
    with open("/proc/cmdline") as line:
        first = int(dict(word.split("=") for word in line.read().split() if "=" in word)["first"])
    load_modules()
    answers = open("/dev/ttyS1", "w")
    print(json.dumps({"kernel": os.uname().release}), file=answers, flush=True)
    images = Images()
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    logged(log)
    for number in range(first, len(images.cases)):
        name, edits, modes = images.cases[number]
        answer: dict[str, object] = {"case": number}
        print(json.dumps({"begins": number}), file=answers, flush=True)
        for mode, flags in MODES:
            if mode not in modes:
                continue
            image = images.lay_out(name, edits)
            path, device = attach(image["sectorBytes"])
            if mode == "work":
                answer[mode] = work(path)
            else:
                answer[mode] = files(path, image["kind"]) if mode == "files" else verdict(path, image["kind"], flags)
            detach(device)
            forget()
        answer["log"] = logged(log)
        print(json.dumps(answer), file=answers, flush=True)
    print(json.dumps({"end": True}), file=answers, flush=True)
    # LINUX_REBOOT_CMD_POWER_OFF
    libc.reboot(0x4321FEDC)


try:
    main()
except BaseException:
    with open("/dev/ttyS1", "w") as answers:
        print(json.dumps({"broken": traceback.format_exc()}), file=answers, flush=True)
    raise
