#!/usr/bin/python3
"""Records extended attributes as a kernel shows them, for the tests of `virt-df diff --classic --xattrs`.

Usage: attributes.py        as root, from the project's folder; needs libguestfs's appliance

The filesystems are filled and asked by the kernel of the appliance, through the calls by which virt-diff asks (getxattr(2)
of each file). Writes test/filesystem/attributes/NAME.qcow2.gz, and what was shown of each path to NAME.json.gz.
References: guestfs(3): guestfs_lgetxattrs, guestfs_acl_set_file; xattr(7).
"""
from __future__ import annotations

import base64
import gzip
import json
import os
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lib.tools import run, sparse_file

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "test/filesystem/attributes"
MIB = 1 << 20
ACL = "user::rw-,user:1000:r--,group::r--,group:7:rwx,mask::rwx,other::---"

# Name, what makes it, its size, the most bytes of a value, and of all values of one file.
CASES = [
    ("ext4", "mke2fs -q -F -t ext4 -b 1024 -I 256 -O ^has_journal", 8 * MIB, 180, 600),
    ("ext4-values", "mke2fs -q -F -t ext4 -b 4096 -I 256 -O ^has_journal,ea_inode", 16 * MIB, 20_000, 60_000),
    ("ext2", "mke2fs -q -F -t ext2 -b 4096 -I 128", 8 * MIB, 2_000, 3_000),
    ("xfs", "mkfs.xfs -q -f", 310 * MIB, 60_000, 200_000),
    ("xfs-v4", "mkfs.xfs -q -f -m crc=0", 310 * MIB, 9_000, 60_000),
    ("btrfs", "mkfs.btrfs -q -f -n 4096 -s 4096 --mixed", 32 * MIB, 3_000, 30_000),
    ("f2fs", "mkfs.f2fs -q -f", 64 * MIB, 2_500, 3_600),
    ("f2fs-flexible", "mkfs.f2fs -q -f -O extra_attr,flexible_inline_xattr", 64 * MIB, 2_500, 3_600),
]


def main() -> None:
    import guestfs

    os.environ.setdefault("LIBGUESTFS_BACKEND", "direct")
    os.environ.setdefault("LIBGUESTFS_BACKEND_SETTINGS", "force_tcg")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        handle = guestfs.GuestFS(python_return_dict=True)
        for case, make, size, _, _ in CASES:
            run(*make.split(), sparse_file(folder / case, size))
            handle.add_drive_opts(str(folder / case), format="raw")
        handle.launch()
        release = handle.utsname()["uts_release"]
        shown = {case[0]: record(handle, number, case) for number, case in enumerate(CASES)}
        handle.shutdown()
        handle.close()
        for case, files in shown.items():
            keep(folder / case, files, f"Linux {release}")


def record(handle: Any, number: int, case: tuple) -> list[dict]:
    name, _, _, most, together = case
    device = handle.list_devices()[number]
    # btrfs and f2fs need no word for it; XFS refuses one.
    options = "user_xattr,acl" if name.startswith("ext") else ""
    handle.mount_options(options, device, "/")
    fill(handle, most, together)
    handle.umount_all()
    handle.mount_ro(device, "/")
    files = [{"path": path, "attributes": asked(handle, path)} for path in ["/", *paths(handle)]]
    handle.umount_all()
    return files


def fill(handle: Any, most: int, together: int) -> None:
    chance = random.Random(12)
    for path in ("/plain", "/small", "/odd", "/big", "/many", "/access", "/capable"):
        handle.write(path, b"content\n")
    handle.mkdir("/directory")
    handle.mkdir("/default")
    handle.ln_s("small", "/link")
    handle.mknod(0o010644, 0, 0, "/pipe")
    handle.setxattr("user.note", "hello", 5, "/small")
    handle.setxattr("trusted.of-link", "lies here", 9, "/small")
    for path in ("/link", "/pipe", "/directory"):
        handle.lsetxattr("trusted.of-it", path, len(path), path)
    put(handle, "/odd", "user.empty", b"")
    put(handle, "/odd", "user." + "n" * 200, b"x")
    put(handle, "/odd", "user.a b,\"c\"", bytes(range(1, 32)))
    put(handle, "/big", "user.big", bytes(chance.randint(65, 90) for _ in range(most)))
    left, count = together, 0
    while left > 0 and count < 120:
        length = min(left, chance.choice([3, 40, most // 30]))
        try:
            put(handle, "/many", f"user.m{count}", bytes([97 + count % 26]) * length)
        except RuntimeError:
            break  # No room is left for attributes of this file.
        left -= length + 24
        count += 1
    handle.acl_set_file("/access", "access", ACL)
    handle.acl_set_file("/default", "default", ACL)
    handle.cap_set_file("/capable", "cap_net_raw=ep")


def put(handle: Any, path: str, name: str, value: bytes) -> None:
    handle.setxattr(name, value.decode("latin-1"), len(value), path)


def paths(handle: Any) -> list[str]:
    return ["/" + name for name in sorted(handle.find("/"))]


def asked(handle: Any, path: str) -> list[list[str]]:
    found = handle.lgetxattrs(path)
    return [[one["attrname"], base64.b64encode(binary(one["attrval"])).decode()] for one in found]


def binary(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def keep(image: Path, files: list[dict], oracle: str) -> None:
    name = image.name
    small = image.with_suffix(".small")
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-o", "cluster_size=4k", image, small)
    with open(small, "rb") as source, gzip.GzipFile(TARGET / f"{name}.qcow2.gz", "wb", mtime=0) as file:
        shutil.copyfileobj(source, file)
    with gzip.GzipFile(TARGET / f"{name}.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps({"name": name, "oracle": oracle, "files": files}, separators=(",", ":")).encode())
    print(name, sum(len(one["attributes"]) for one in files), "attributes")


if __name__ == "__main__":
    main()
