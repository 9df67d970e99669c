"""Linux software arrays of every level and layout, made by the appliance's own mdadm: MD may be missing outside.

All lie on the same six disks, whose partition N is a member of array N, so that one image holds them all and a test may
leave out any disk. What an array holds is counted, block by block, before a filesystem is made over it: content that was
put together in a wrong order has another SHA-256, which the kernel's own is recorded for.

References: mdadm(8), md(4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.appliance import fill_there, shell
from lib.fill import counted
from lib.image import Guest, Image, Part
from lvm import make_ext4
from partitions import DISK_ID, partition, table

PACKAGES = ("mdadm", "e2fsprogs")
DISKS = 6
SECTORS = 4 * 2048
FIRST_NUMBER = 127


@dataclass(frozen=True)
class Array:
    level: str
    members: int
    metadata: str = "1.2"
    layout: str = ""
    chunk_kib: int = 16
    # Members that differ in size, so that a striped array has several zones.
    sizes: tuple[int, ...] = ()

    def sectors(self, disk: int) -> int:
        return SECTORS + 2048 * (self.sizes[disk] if self.sizes else 0)


ARRAYS = (
    Array("linear", 3, sizes=(0, 2, 1), chunk_kib=64),
    Array("0", 3, "1.0"),
    Array("0", 4, layout="alternate", sizes=(0, 2, 1, 2)),
    Array("0", 4, "1.1", layout="original", sizes=(2, 0, 2, 1), chunk_kib=4),
    Array("1", 2, "0.90"),
    Array("1", 3, "1.0"),
    Array("4", 3, "1.1"),
    Array("5", 4, "0.90", "left-asymmetric"),
    Array("5", 4, "1.0", "right-asymmetric"),
    Array("5", 3, "1.2", "left-symmetric", chunk_kib=4),
    Array("5", 5, "1.1", "right-symmetric", chunk_kib=64),
    Array("5", 3, "1.2", "parity-first"),
    Array("5", 4, "1.2", "parity-last"),
    Array("6", 5, "0.90", "left-symmetric"),
    Array("6", 4, "1.0", "left-asymmetric"),
    Array("6", 5, "1.1", "right-asymmetric"),
    Array("6", 6, "1.2", "right-symmetric", chunk_kib=4),
    Array("6", 5, "1.2", "parity-first"),
    Array("6", 4, "1.2", "parity-last"),
    Array("6", 5, "1.2", "ddf-zero-restart"),
    Array("6", 5, "1.2", "ddf-N-restart"),
    Array("6", 5, "1.2", "ddf-N-continue"),
    Array("6", 5, "1.2", "left-asymmetric-6"),
    Array("6", 6, "1.2", "right-asymmetric-6"),
    Array("6", 5, "1.2", "left-symmetric-6"),
    Array("6", 5, "1.2", "right-symmetric-6"),
    Array("6", 5, "1.2", "parity-first-6"),
    Array("10", 3, "0.90", "n2"),
    Array("10", 4, "1.0", "n3"),
    Array("10", 3, "1.1", "f2"),
    Array("10", 4, "1.2", "f3", chunk_kib=4),
    Array("10", 3, "1.2", "o2"),
    Array("10", 4, "1.2", "o2"),
)

def number_of(index: int) -> int:
    """As mdadm numbers arrays that have no number, the first one first."""
    return FIRST_NUMBER - index


def uuid_of(index: int) -> str:
    return f"5a5a5a5a:00000000:80000000:{0xd0000000 + index:08x}"


def disks(guest: Guest) -> None:
    for number in range(DISKS):
        starts, at = [], 2048
        for array in ARRAYS:
            starts.append(at)
            at += max(array.sectors(disk) for disk in range(array.members))
        disk = guest.add_disk((at + 2048) * 512)
        lines = [
            f"{index + 1} : start={starts[index]}, size={array.sectors(number)}, type=raid"
            for index, array in enumerate(ARRAYS)
            if number < array.members
        ]
        table(guest, disk, f"label: gpt\nlabel-id: {DISK_ID.format(number)}\n" + "\n".join(lines) + "\n")
    for row in guest.partitions:
        guest.volumes.append(partition(guest, row["device"]))


def members(index: int, own: dict[str, str]) -> str:
    return " ".join(own[f"/dev/sd{'abcdef'[disk]}"] + str(index + 1) for disk in range(ARRAYS[index].members))


def fill(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    shell(handle, "mdadm --stop --scan 2>&1 || true; modprobe -a linear raid0 raid1 raid10 raid456 2>&1 || true")
    recorded = []
    content = guest.directory / "content"
    for index, array in enumerate(ARRAYS):
        device = f"/dev/md{number_of(index)}"
        options = [f"--level={array.level}", f"--metadata={array.metadata}", f"--raid-devices={array.members}"]
        options += [f"--uuid={uuid_of(index)}", "--run", "--force"]
        if array.level != "1":
            options.append(f"--chunk={array.chunk_kib}")
        if array.level not in ("linear", "0"):
            # Members of zeros agree with each other.
            options += ["--assume-clean", "--bitmap=none"]
        if array.layout:
            options.append(f"--layout={array.layout}")
        if array.metadata in ("1.1", "1.2"):
            options.append("--data-offset=256K")
        if array.metadata != "0.90":
            options.append(f"--name=array{index}")
        shell(handle, f"mdadm --create {device} --homehost=any {' '.join(options)} {members(index, own)} </dev/null 2>&1")
        counted(content, int(shell(handle, f"blockdev --getsize64 {device}")))
        handle.upload(str(content), device)
        make_ext4(handle, device, 400 + index, "-O ^has_journal -b 1024 -E nodiscard")
        fill_there(handle, device, files=10, large_mib=1)
        shell(handle, "sync; echo 3 > /proc/sys/vm/drop_caches")
        digest = shell(handle, f"sha256sum {device} | cut -d' ' -f1").strip()
        recorded.append({"device": device, "level": array.level, "layout": array.layout, "sha256": digest})
        shell(handle, f"mdadm --stop {device} 2>&1")
        guest.filesystems.append(Part(device))
    guest.facts["arrays"] = recorded
    assemble = "\n".join(
        f"mdadm --assemble /dev/md{number_of(i)} --uuid={uuid_of(i)} >/dev/null 2>&1" for i in range(len(ARRAYS))
    )
    guest.activate = f"mdadm --stop --scan >/dev/null 2>&1 || true\n{assemble}"


def images() -> list[Image]:
    return [Image("md-levels", disks, PACKAGES, fill)]
