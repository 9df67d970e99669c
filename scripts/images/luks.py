"""Encrypted volumes: LUKS1 and LUKS2 on partitions and a logical volume, and a volume group inside.

Made by cryptsetup in the appliance, because device-mapper may be missing outside. Keys are short
and volumes small: a slot is 4000 times the key, and nothing encrypted compresses.

References: cryptsetup-luksFormat(8).
"""

from __future__ import annotations

from typing import Any

from lib.appliance import fill_there, in_appliance_name, shell
from lib.image import MIB, Guest, Image, Part
from lvm import make_ext4
from partitions import DISK_ID, partition, table

PACKAGES = ("cryptsetup-bin", "lvm2", "e2fsprogs")
UUID = "5a5a5a5a-0000-4000-8000-0000000c{:04}"
PASSPHRASE = "a passphrase of the test images"
# Few inodes and no journal: what is written is as large in the image as on the disk.
SMALL = "-O ^has_journal,^resize_inode -N 64 -m 1"
KDF = "--pbkdf-force-iterations 2000"
ARGON = "--pbkdf-memory 4096 --pbkdf-force-iterations 4 --pbkdf-parallel 2"


def mapped(number: int) -> str:
    """As libguestfs and systemd name it."""
    return f"/dev/mapper/luks-{UUID.format(number)}"


def encrypt(handle: Any, device: str, number: int, used_slots_end: int, payload: int, options: str) -> None:
    """Make an encrypted volume and open it. What cryptsetup filled with random bytes between the
    end of the slots in use and the payload, which nothing reads, becomes zeros."""
    uuid = UUID.format(number)
    shell(
        handle,
        f"""echo -n '{PASSPHRASE}' > /tmp/key
        cryptsetup luksFormat -q --uuid {uuid} {options} {device} /tmp/key
        dd if=/dev/zero of={device} bs=4096 seek={used_slots_end // 4096} conv=notrunc \\
            count={(payload - used_slots_end) // 4096} 2>/dev/null
        cryptsetup open --key-file /tmp/key {device} luks-{uuid}""",
    )


def reopen(guest: Guest, number: int, more: str = "true") -> None:
    uuid = UUID.format(number)
    guest.facts["keys"] = [f"{uuid}:key:{PASSPHRASE}"]
    guest.activate = f"""echo -n '{PASSPHRASE}' > /tmp/key; udevadm settle
        cryptsetup open --key-file /tmp/key $(blkid -U {uuid}) luks-{uuid}; {more}"""


def fill_small(handle: Any, device: str) -> None:
    fill_there(handle, device, files=6, large_mib=0)


def whole(guest: Guest) -> None:
    disk = guest.add_disk(6 * MIB)
    guest.volumes.append(Part("/dev/sda", disk))


def on_first_partition(guest: Guest) -> None:
    """Not on the whole disk: QEMU would ask for the key when the appliance gets the disk to read."""
    disk = guest.add_disk(7 * MIB)
    table(guest, disk, "label: dos\nlabel-id: 0x5a5a0009\ntype=83\n")
    guest.volumes.append(partition(guest, "/dev/sda1"))


def luks1(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    options = f"--type luks1 -c aes-cbc-essiv:sha256 -s 128 -h sha1 {KDF} --align-payload 2048"
    encrypt(handle, in_appliance_name("/dev/sda1", own), 1, 4096 + 65536, MIB, options)
    make_ext4(handle, mapped(1), 300, SMALL)
    fill_small(handle, mapped(1))
    guest.filesystems.append(Part(mapped(1)))
    reopen(guest, 1)


def on_partition(guest: Guest) -> None:
    disk = guest.add_disk(8 * MIB)
    table(guest, disk, f"label: gpt\nlabel-id: {DISK_ID.format(5)}\nsize=1MiB, type=linux\ntype=linux\n")
    guest.volumes.append(partition(guest, "/dev/sda2"))


LUKS2 = "--type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k --offset 2048"
XTS = "-c aes-xts-plain64 -s 256"
SHORT_KEY = "-c aes-cbc-plain64 -s 128"
SLOTS = 32768
XTS_SLOT, SHORT_SLOT = 131072, 65536


def luks2(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """The default of cryptsetup, with sectors of 4096 bytes."""
    device = in_appliance_name("/dev/sda2", own)
    options = f"{LUKS2} {XTS} --label secrets --pbkdf argon2id {ARGON} --sector-size 4096"
    encrypt(handle, device, 2, SLOTS + XTS_SLOT, MIB, options)
    make_ext4(handle, mapped(2), 301, SMALL + " -L inside")
    fill_small(handle, mapped(2))
    plain = in_appliance_name("/dev/sda1", own)
    make_ext4(handle, plain, 302, SMALL)
    guest.filesystems += [partition(guest, "/dev/sda1"), Part(mapped(2))]
    reopen(guest, 2)


def group_inside(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """As installers make it: a partition, in it the encrypted volume, in it a volume group."""
    device = in_appliance_name("/dev/sda2", own)
    encrypt(handle, device, 3, SLOTS + SHORT_SLOT, MIB, f"{LUKS2} {SHORT_KEY} --pbkdf argon2i {ARGON}")
    shell(
        handle,
        f"""lvm pvcreate -q --dataalignment 64k --metadatasize 32k {mapped(3)}; lvm vgcreate -q -s 64k vg_crypt {mapped(3)}
        lvm lvcreate -q -y -L 3M -n root vg_crypt; lvm lvcreate -q -y -L 512k -n swap_1 vg_crypt
        mkswap -U 5a5a5a5a-0000-4000-8000-0000000000b7 /dev/vg_crypt/swap_1""",
    )
    make_ext4(handle, "/dev/vg_crypt/root", 303, SMALL)
    fill_small(handle, "/dev/vg_crypt/root")
    guest.filesystems.append(Part("/dev/vg_crypt/root"))
    guest.volumes += [Part(mapped(3)), Part("/dev/vg_crypt/swap_1")]
    reopen(guest, 3, "lvm vgchange -q -ay vg_crypt; udevadm settle")


def in_group(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """The other way round: a logical volume that is encrypted."""
    shell(
        handle,
        f"""lvm pvcreate -q --metadatasize 32k {own["/dev/sda"]}; lvm vgcreate -q -s 64k vg_plain {own["/dev/sda"]}
        lvm lvcreate -q -y -L 4M -n secret vg_plain""",
    )
    device = "/dev/vg_plain/secret"
    encrypt(handle, device, 4, SLOTS + SHORT_SLOT, MIB, f"{LUKS2} {SHORT_KEY} --pbkdf pbkdf2 --hash sha512 {KDF}")
    make_ext4(handle, mapped(4), 304, SMALL)
    fill_small(handle, mapped(4))
    guest.filesystems.append(Part(mapped(4)))
    guest.volumes.append(Part(device))
    reopen(guest, 4)


def images() -> list[Image]:
    return [
        Image("luks1-partition", on_first_partition, PACKAGES, luks1),
        Image("luks2-partition", on_partition, PACKAGES, luks2),
        Image("luks2-group-inside", on_partition, PACKAGES, group_inside),
        Image("luks2-in-group", whole, PACKAGES, in_group),
    ]
