"""Layers between a disk and its filesystem that are neither LVM2 nor MD: bcache with what it did not write back, DRBD,
dm-integrity with a journal, dm-verity.

Made by their own tools and started by the appliance's kernel; what each device holds has its SHA-256 recorded.

References: make-bcache(8), drbdmeta(8), integritysetup(8), veritysetup(8), drivers/md/bcache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ext
from lib.appliance import fill_there, in_appliance_name, shell
from lib.fill import counted
from lib.image import MIB, Guest, Image, Part
from lib.mounting import loop
from lib.tools import run
from lvm import make_ext4
from partitions import DISK_ID, partition, table

SET_UUID = "5a5a5a5a-0000-4000-8000-00000000bca{}"
UUID_720 = ext.UUID.format(720)
SMALL = "-O ^has_journal -b 1024 -E nodiscard"
SETTLE = "sync; echo 3 > /proc/sys/vm/drop_caches"


def content(handle: Any, guest: Guest, device: str, number: int) -> None:
    """Counted blocks, so that what is taken from a wrong place has another sum, and a filesystem over them."""
    path = guest.directory / "content"
    counted(path, int(shell(handle, f"blockdev --getsize64 {device}")))
    handle.upload(str(path), device)
    make_ext4(handle, device, number, SMALL)
    fill_there(handle, device, files=10, large_mib=1)


def change(handle: Any, device: str) -> None:
    """Small writes at odd places, also where something was written before."""
    handle.mount_options("", device, "/")
    shell(
        handle,
        "cd /sysroot; for i in $(seq 60); do dd if=/dev/urandom of=often bs=1k count=3 seek=$((i * 7 % 900)) conv=notrunc,fsync 2>/dev/null; done; rm -f d1/f1; sync",
    )
    handle.umount_all()


def record(handle: Any, guest: Guest, device: str, kind: str) -> None:
    shell(handle, SETTLE)
    sha256 = shell(handle, f"sha256sum {device} | cut -d' ' -f1").strip()
    size = int(shell(handle, f"blockdev --getsize64 {device}"))
    guest.facts.setdefault("arrays", []).append({"device": device, "level": kind, "size_bytes": size, "sha256": sha256})


def bcache_disks(options: tuple[str, ...], cache_options: str, number: int, copies: int = 0) -> Callable[[Guest], None]:
    def build(guest: Guest) -> None:
        for own in options:
            disk = guest.add_disk(20 * MIB)
            run("make-bcache", "--cset-uuid", SET_UUID.format(number), "-w", "512", *own.split(), "-B", str(disk.path))
        cache = guest.add_disk(24 * MIB)
        run("make-bcache", "--cset-uuid", SET_UUID.format(number), "-w", "512", *cache_options.split(), "-C", str(cache.path))
        for disk in guest.disks[:]:
            guest.volumes.append(Part(guest.device(disk), disk))
        for _ in range(copies):
            guest.add_disk(24 * MIB).missing = True

    return build


def register(own: dict[str, str], letters: str) -> str:
    return "modprobe bcache\n" + "\n".join(
        f"echo $(readlink -f {own['/dev/sd' + letter]}) > /sys/fs/bcache/register; sleep 1" for letter in letters
    )


def registered(handle: Any, own: dict[str, str], letters: str) -> str:
    """The same wherever the disks are found."""
    uuids = [shell(handle, f"blkid -p -o value -s UUID {own['/dev/sd' + letter]}").strip() for letter in letters]
    # Another guest's may have been started before: numbers begin at 0 for each.
    others = "for one in /sys/fs/bcache/*-*/stop; do test -e $one && echo 1 > $one; done; sleep 2"
    return f"modprobe bcache; {others}\n" + "\n".join(
        f"echo $(findfs UUID={uuid}) > /sys/fs/bcache/register; sleep 1" for uuid in uuids
    )


def bcache(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Two devices before one cache, which was stopped with what it did not write back; a volume that is in the cache alone."""
    shell(handle, register(own, "abc") + f"\necho 4M > /sys/fs/bcache/{SET_UUID.format(1)}/flash_vol_create; sleep 1")
    for number, device in enumerate(("/dev/bcache0", "/dev/bcache1", "/dev/bcache2")):
        base = f"/sys/block/bcache{number}/bcache"
        if number < 2:
            content(handle, guest, device, 700 + number)
            mode = "writeback" if number == 0 else "writethrough"
            shell(handle, f"echo {mode} > {base}/cache_mode; echo 0 > {base}/sequential_cutoff; echo 0 > {base}/writeback_running")
        else:
            make_ext4(handle, device, 702, SMALL)
            fill_there(handle, device, files=10, large_mib=1)
        shell(handle, f"for f in congested_read_threshold_us congested_write_threshold_us; do echo 0 > /sys/fs/bcache/{SET_UUID.format(1)}/$f; done")
        change(handle, device)
        shell(handle, f"dd if={device} of=/dev/null bs=64k count=100 2>/dev/null || true")
        record(handle, guest, device, "bcache")
    guest.facts["dirty_data"] = shell(handle, "cat /sys/block/bcache0/bcache/dirty_data").strip()
    guest.activate = registered(handle, own, "abc")
    shell(handle, f"echo 1 > /sys/fs/bcache/{SET_UUID.format(1)}/stop; sleep 3; {SETTLE}")
    guest.filesystems += [Part(f"/dev/bcache{number}") for number in range(3)]


def bcache_journal(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Copied while it ran: what was written last is in the journal of the cache alone."""
    shell(handle, register(own, "ab"))
    base = "/sys/block/bcache0/bcache"
    content(handle, guest, "/dev/bcache0", 710)
    shell(handle, f"echo writeback > {base}/cache_mode; echo 0 > {base}/sequential_cutoff; echo 0 > {base}/writeback_running")
    change(handle, "/dev/bcache0")
    record(handle, guest, "/dev/bcache0", "bcache")
    a, b, c, d = (own[f"/dev/sd{letter}"] for letter in "abcd")
    guest.activate = registered(handle, own, "ab")
    shell(
        handle,
        f"""{SETTLE}; dd if={a} of={c} bs=1M count=20 iflag=direct conv=fsync 2>/dev/null; dd if={b} of={d} bs=1M count=24 iflag=direct conv=fsync 2>/dev/null
        echo 1 > /sys/fs/bcache/{SET_UUID.format(2)}/stop; sleep 3
        dd if={c} of={a} bs=1M count=20 conv=fsync 2>/dev/null; dd if={d} of={b} bs=1M count=24 conv=fsync 2>/dev/null; {SETTLE}""",
    )
    guest.filesystems.append(Part("/dev/bcache0"))


def drbd_disks(guest: Guest) -> None:
    """Metadata of both versions at the ends of two disks, made by drbdmeta."""
    for number, version in ((0, "v08"), (1, "v09")):
        disk = guest.add_disk(12 * MIB)
        guest.volumes.append(Part(guest.device(disk), disk))
        with loop(disk.path) as node:
            peers = ["1"] if version == "v09" else []
            run("drbdmeta", "--force", str(number), version, node, "internal", "create-md", *peers)


def drbd(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """The kernel's module has version 8.4 of the metadata; of version 9 the disk has the metadata alone."""
    handle.debug_upload("/lib/drbd/drbdsetup-84", "/tmp/drbdsetup", 0o755)
    a = own["/dev/sda"]
    shell(
        handle,
        f"""modprobe drbd; S=/tmp/drbdsetup; $S new-resource r0; $S new-minor r0 0 0
        $S attach 0 {a} {a} internal; $S primary 0 --force""",
    )
    content(handle, guest, "/dev/drbd0", 720)
    change(handle, "/dev/drbd0")
    record(handle, guest, "/dev/drbd0", "drbd")
    shell(handle, "S=/tmp/drbdsetup; $S secondary 0; $S down r0 || $S detach 0")
    # Where it is asked for the numbers, the module's program is not there: the data lie in front.
    size = guest.facts["arrays"][0]["size_bytes"]
    uuid = UUID_720.replace("-", "")
    find = f"for d in /dev/sd?; do dd if=$d bs=8 skip=141 count=2 2>/dev/null | od -An -tx1 | tr -d '[:space:]' | grep -q {uuid} && echo $d; done"
    guest.activate = f"modprobe loop; losetup --sizelimit {size} /dev/loop7 $({find} | head -1); ln -s /dev/loop7 /dev/drbd0"
    guest.filesystems.append(Part("/dev/drbd0"))


INTEGRITY = (("--tag-size 4", ""), ("--sector-size 4096 --interleave-sectors 4096 --journal-size 200000", ""), ("-B", "-B"))


def integrity_disks(guest: Guest) -> None:
    disk = guest.add_disk(56 * MIB)
    rows = "\n".join("size=12MiB, type=linux" for _ in range(4))
    table(guest, disk, f"label: gpt\nlabel-id: {DISK_ID.format(8)}\n{rows}\n")
    guest.volumes += [partition(guest, f"/dev/sda{number}") for number in range(1, 5)]


def integrity(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Three kinds of volumes, and one that was copied while what was written last was in its journal alone."""
    commands = ["modprobe dm-integrity"]
    for index, (options, opening) in enumerate((*INTEGRITY, ("", "--journal-commit-time 1000 --journal-watermark 100"))):
        number = index + 1
        device = in_appliance_name(f"/dev/sda{number}", own)
        name = f"integrity-sda{number}"
        path = f"/dev/mapper/{name}"
        shell(handle, f"integritysetup format -q --no-wipe {options} {device}; integritysetup open {opening} --integrity-no-journal {device} {name} || integritysetup open {opening} {device} {name}")
        size = int(shell(handle, f"blockdev --getsize64 {path}"))
        counted(guest.directory / "content", size)
        handle.upload(str(guest.directory / "content"), path)
        shell(handle, f"sync; integritysetup close {name}; integritysetup open {opening} {device} {name}")
        make_ext4(handle, path, 730 + index, f"-O ^has_journal -b {4096 if index == 1 else 1024} -E nodiscard")
        fill_there(handle, path, files=10, large_mib=1)
        change(handle, path)
        record(handle, guest, path, "integrity")
        if index == 3:
            other = "/tmp/copy"
            shell(handle, f"dd if={device} of={other} bs=1M iflag=direct 2>/dev/null; integritysetup close {name}; dd if={other} of={device} bs=1M conv=fsync 2>/dev/null; rm {other}")
        else:
            shell(handle, f"integritysetup close {name}")
        partuuid = shell(handle, f"blkid -p -o value -s PART_ENTRY_UUID {device}").strip()
        commands.append(f"integritysetup open {opening} $(findfs PARTUUID={partuuid}) {name}")
        guest.filesystems.append(Part(path))
    guest.activate = "\n".join(commands)


def verity_disks(guest: Guest) -> None:
    disk = guest.add_disk(16 * MIB)
    rows = "size=6MiB, type=linux\nsize=5MiB, type=linux\nsize=2MiB, type=linux\n"
    table(guest, disk, f"label: gpt\nlabel-id: {DISK_ID.format(9)}\n{rows}")


def verity(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Data with the hashes behind them in one partition, and with the hashes in another."""
    one, two, hashes = (in_appliance_name(f"/dev/sda{number}", own) for number in (1, 2, 3))
    blocks = 4 * MIB // 1024
    for number, device in ((740, one), (741, two)):
        shell(handle, f"mke2fs -q -F -t ext4 -U 0e2fe2f5-0000-4000-8000-000000000{number} {SMALL} {device} {blocks} </dev/null")
        fill_there(handle, device, files=10, large_mib=1)
    uuid = "5a5a5a5a-0000-4000-8000-0000000e410{}"
    shell(
        handle,
        f"""modprobe dm-verity
        veritysetup format --uuid {uuid.format(1)} --data-blocks {MIB // 1024} --hash-offset {4 * MIB} {one} {one}
        veritysetup format --uuid {uuid.format(2)} --data-blocks {MIB // 1024} {two} {hashes}""",
    )
    guest.filesystems += [partition(guest, "/dev/sda1"), partition(guest, "/dev/sda2")]
    first = partition(guest, "/dev/sda1")
    behind = Part("/dev/sda1@4194304", first.disk, first.offset_bytes + 4 * MIB, first.size_bytes - 4 * MIB)
    guest.volumes += [behind, partition(guest, "/dev/sda3")]


def images() -> list[Image]:
    writeback = ("--writeback", "-o 2048")
    return [
        Image("bcache", bcache_disks(writeback, "-b 16k", 1), ("bcache-tools", "e2fsprogs"), bcache),
        Image("bcache-journal", bcache_disks(("--writeback",), "-b 32k", 2, 2), ("bcache-tools", "e2fsprogs"), bcache_journal),
        Image("drbd", drbd_disks, ("drbd-utils", "e2fsprogs"), drbd),
        Image("integrity", integrity_disks, ("cryptsetup-bin", "e2fsprogs"), integrity),
        Image("verity", verity_disks, ("cryptsetup-bin", "e2fsprogs"), verity),
    ]
