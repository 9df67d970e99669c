#!/usr/bin/python3
"""images/f2fs-files: an F2FS with all that makes its files differ, filled by the kernel of the small machine of lib/manymounts.py
as lib/f2fswork.py says: holes, promised blocks, nodes of every kind, attributes in nodes, folded, encrypted and compressed files,
odd names, links.

Needs mkfs.f2fs, qemu-img, and what lib/manymounts.py needs; run it from the top of the repository, and then files.py for what
the kernel shows of it. References: mkfs.f2fs(8).
"""

import base64
import json
import tempfile
import zlib
from pathlib import Path

from lib.container import compress
from lib.image import MIB
from lib.manymounts import Image, ask
from lib.tools import package_version, run

NAME = "f2fs-files"
UUID = "f2f50000-0000-4000-8000-000000000040"
SIZE_BYTES = 64 * MIB
FEATURES = "encrypt,extra_attr,inode_checksum,sb_checksum,flexible_inline_xattr,inode_crtime,casefold,compression"
FIELDS = ("f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree")


def answer_of(path: Path, mode: str, work: Path) -> tuple[str, object]:
    release, answer = list(ask({NAME: Image(path, "f2fs", 512)}, [[NAME, [], [mode]]], work))
    if not isinstance(answer.get(mode), list):
        raise SystemExit(f"{NAME}: {answer}")
    return release["kernel"], answer[mode]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        disk = work / "disk.raw"
        with open(disk, "wb") as file:
            file.truncate(SIZE_BYTES)
        run("mkfs.f2fs", "-q", "-f", "-r", "-U", UUID, "-O", FEATURES, "-C", "utf8", disk)
        _, pieces = answer_of(disk, "work", work)
        with open(disk, "wb") as file:
            file.truncate(SIZE_BYTES)
            for at, content in pieces:
                file.seek(at)
                file.write(zlib.decompress(base64.b64decode(content)))
        kernel, numbers = answer_of(disk, "ro", work)
        compress(disk, Path("images") / f"{NAME}.qcow2")
    statfs = {"f_bsize": 4096, **dict(zip(FIELDS, numbers))}
    expected = {
        "name": NAME,
        "disks": [f"{NAME}.qcow2"],
        "made_by": "scripts/images/f2fs_files.py",
        "oracle": {"kernel": f"Linux {kernel} (Debian)", "tools": {"f2fs-tools": package_version("f2fs-tools")}},
        "filesystems": [
            {"device": "/dev/sda", "type": "f2fs", "label": None, "uuid": UUID, "mount": statfs, "guest": statfs}
        ],
        "volumes": [],
    }
    Path(f"images/{NAME}.expected.json").write_text(json.dumps(expected, indent=2) + "\n")


if __name__ == "__main__":
    main()
