"""LVM2 volume groups, made by the appliance's own lvm: device-mapper may be missing outside.

References: lvm(8), lvmraid(7), lvmthin(7).
"""

from __future__ import annotations

from typing import Any

import ext
from lib.appliance import fill_there, in_appliance_name, shell
from lib.image import MIB, Guest, Image, Part
from partitions import DISK_ID, partition, table

PACKAGES = ("lvm2", "e2fsprogs", "xfsprogs")


def make_ext4(handle: Any, device: str, number: int, options: str = "") -> None:
    seed = f"-U {ext.UUID.format(number)} -E {ext.HASH_SEED}"
    shell(handle, f"mke2fs -q -F -t ext4 {seed} {options} {device} </dev/null")


def make_xfs(handle: Any, device: str, number: int, options: str = "") -> None:
    import xfs

    shell(handle, f"mkfs.xfs -q -f -m uuid={xfs.UUID.format(number)} {options} {device}")


def expect(guest: Guest, *devices: str) -> None:
    """Filesystems on logical volumes: the appliance is asked for everything."""
    guest.filesystems += [Part(device) for device in devices]


def linear_disks(guest: Guest) -> None:
    """Two disks, each with a partition that is a physical volume."""
    for number, first in ((1, "size=16MiB, type=linux\n"), (2, "")):
        disk = guest.add_disk(64 * MIB)
        table(guest, disk, f"label: gpt\nlabel-id: {DISK_ID.format(number)}\n{first}type=lvm\n")
    guest.volumes += [partition(guest, "/dev/sda2"), partition(guest, "/dev/sdb1")]


def linear(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    first, second = in_appliance_name("/dev/sda2", own), in_appliance_name("/dev/sdb1", own)
    shell(
        handle,
        f"""lvm pvcreate -q {first} {second}; lvm vgcreate -q vg_linear {first} {second}
        lvm lvcreate -q -y -L 70M -n root vg_linear; lvm lvcreate -q -y -L 16M -n swap_1 vg_linear
        mkswap -U 5a5a5a5a-0000-4000-8000-0000000000b1 /dev/vg_linear/swap_1""",
    )
    make_ext4(handle, "/dev/vg_linear/root", 200, "-L lvroot")
    fill_there(handle, "/dev/vg_linear/root", large_mib=40)
    plain = in_appliance_name("/dev/sda1", own)
    make_ext4(handle, plain, 201, "-L boot")
    fill_there(handle, plain, files=12)
    guest.filesystems.append(partition(guest, "/dev/sda1"))
    expect(guest, "/dev/vg_linear/root")
    guest.volumes.append(Part("/dev/vg_linear/swap_1"))


def images() -> list[Image]:
    return [
        Image("lvm-linear", linear_disks, PACKAGES, linear),
    ]
