#!/usr/bin/python3
"""The first and only program of the machine of lib/partscan.py: it tells which partitions the kernel found on its disks."""

import ctypes
import json
import os
import traceback

FINIT_MODULE = {"x86_64": 313}
SECTOR_BYTES = 512

libc = ctypes.CDLL(None, use_errno=True)


def number(path: str) -> int:
    with open(path) as file:
        return int(file.read())


def partitions(disk: str) -> list:
    folder = f"/sys/block/{disk}"
    found = []
    for name in os.listdir(folder):
        if os.path.exists(f"{folder}/{name}/partition"):
            start, size = (number(f"{folder}/{name}/{what}") * SECTOR_BYTES for what in ("start", "size"))
            found.append({"number": number(f"{folder}/{name}/partition"), "offset_bytes": start, "size_bytes": size})
    return sorted(found, key=lambda one: one["number"])


def main() -> None:
    for source, top, kind in (("dev", "/dev", "devtmpfs"), ("proc", "/proc", "proc"), ("sys", "/sys", "sysfs")):
        libc.mount(source.encode(), top.encode(), kind.encode(), ctypes.c_ulong(0), b"")
    with open("/modules/order") as order:
        for name in order.read().split():
            with open(f"/modules/{name}", "rb") as file:
                libc.syscall(FINIT_MODULE[os.uname().machine], file.fileno(), b"", 0)
    disks = sorted(name for name in os.listdir("/sys/block") if name.startswith("vd"))
    answer = {"kernel": os.uname().release, "disks": [partitions(disk) for disk in disks]}
    with open("/dev/ttyS1", "w") as answers:
        print(json.dumps(answer), file=answers, flush=True)
    # LINUX_REBOOT_CMD_POWER_OFF
    libc.reboot(0x4321FEDC)


try:
    main()
except BaseException:
    with open("/dev/ttyS1", "w") as answers:
        print(json.dumps({"broken": traceback.format_exc()}), file=answers, flush=True)
    raise
