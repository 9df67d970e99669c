#!/usr/bin/env python3
"""BitLocker volumes that Windows made, of cryptsetup's tests, with what others read of them: images/bitlocker.json.gz.

The argument is the folder into which tests/bitlk-images.tar.xz of cryptsetup's sources was unpacked (Debian: apt-get source
cryptsetup; GPL-2.0-or-later). Of each image the sectors are kept that are not zeros. images.conf has the SHA-256 of the
content as the kernel's dm-crypt gives it; dislocker has to give the same. Two that dm-crypt does not open, because they were
encrypted while they were in use, dislocker opens once they have the number of those that were not. Of each piece of a volume
in which a sector is kept, and of one where none is, the SHA-256 of what dislocker read is recorded.

What passwords are stretched to is recorded as Python's hashlib makes it: each takes a second.

References: cryptsetup tests/bitlk-compat-test; libbde documentation; dislocker-file(1).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = "images/bitlocker.json.gz"
SECTOR = 512
PIECE = 64 * 1024
KIND_AT = 160
PLAIN_KIND = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
CONVERTED_KIND = bytes.fromhex("3b4da89280dd0e4d9e4eb1e3284eaed8")
RECOVERY, PASSWORD = 0x0800, 0x2000


def configuration(path: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            own = found[line.strip("[]")] = {}
        elif "=" in line:
            key, value = line.split("=", 1)
            own[key] = value
    return found


def entries(data: bytes):
    at = 0
    while len(data) - at >= 8:
        size, role, kind = struct.unpack_from("<HHH", data, at)
        if size == 0:
            return
        yield role, kind, data[at + 8 : at + size]
        at += size


def salts(disk: bytes) -> dict[int, bytes]:
    """By kind of protector."""
    at = 424 if disk[3:11] == b"MSWIN4.1" else KIND_AT
    copy = struct.unpack_from("<Q", disk, at + 16)[0]
    (size,) = struct.unpack_from("<I", disk, copy + 64)
    found = {}
    for role, _, body in entries(disk[copy + 112 : copy + 64 + size]):
        if role != 2:
            continue
        (protection,) = struct.unpack_from("<H", body, 26)
        for _, kind, inner in entries(body[28:]):
            if kind == 3:
                found[protection] = inner[4:20]
    return found


def stretch(initial: bytes, salt: bytes) -> bytes:
    last = bytes(32)
    for count in range(2**20):
        last = hashlib.sha256(last + initial + salt + struct.pack("<Q", count)).digest()
    return last


def hash_of(kind: int, key: str) -> bytes:
    if kind == RECOVERY:
        return hashlib.sha256(struct.pack("<8H", *(int(group) // 11 for group in key.split("-")))).digest()
    return hashlib.sha256(hashlib.sha256(key.encode("utf-16le")).digest()).digest()


def read_by_dislocker(disk: bytes, how: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as work:
        volume, clear = Path(work, "volume"), Path(work, "clear")
        if disk[KIND_AT : KIND_AT + 16] == CONVERTED_KIND:
            disk = disk[:KIND_AT] + PLAIN_KIND + disk[KIND_AT + 16 :]
        volume.write_bytes(disk)
        subprocess.run(["dislocker-file", "-r", "-V", volume, *how, "--", clear], check=True)
        return clear.read_bytes()


def record(folder: Path, name: str, facts: dict[str, str]) -> dict:
    disk = (folder / f"{name}.img").read_bytes()
    is_clear = "clearkey" in name
    clear = read_by_dislocker(disk, ["-c"] if is_clear else [f"-p{facts['RP']}"])
    whole = hashlib.sha256(clear).hexdigest()
    assert facts["SHA256SUM"] in ("", whole), name
    sectors = {
        at: base64.b64encode(disk[at : at + SECTOR]).decode()
        for at in range(0, len(disk), SECTOR)
        if any(disk[at : at + SECTOR])
    }
    pieces = sorted({at - at % PIECE for at in sectors} | {PIECE, len(disk) - PIECE})
    given = [(RECOVERY, facts["RP"]), *([(PASSWORD, facts["PW"])] if facts.get("PW") else [])]
    own = salts(disk)
    startup = folder / f"{facts.get('SK_VMK_GUID', '').upper()}.BEK"
    return {
        "guid": facts["GUID"],
        "size_bytes": len(disk),
        "sha256": whole,
        "is_clear": is_clear,
        "keys": [
            {
                "key": key,
                "hash": hash_of(kind, key).hex(),
                "salt": own[kind].hex(),
                "stretched": stretch(hash_of(kind, key), own[kind]).hex(),
            }
            for kind, key in given
        ],
        "startup_file": base64.b64encode(startup.read_bytes()).decode() if startup.is_file() else None,
        "sectors": sectors,
        "pieces": {at: hashlib.sha256(clear[at : at + PIECE]).hexdigest() for at in pieces},
    }


def main() -> None:
    folder = Path(sys.argv[1])
    found = configuration(folder / "images.conf")
    recorded = {name: record(folder, name, facts) for name, facts in sorted(found.items())}
    text = json.dumps({"source": "cryptsetup 2.6.1, tests/bitlk-images.tar.xz (GPL-2.0-or-later)", "images": recorded})
    with open(TARGET, "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
        packed.write(text.encode())


main()
