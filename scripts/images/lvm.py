"""LVM2 volume groups, made by the appliance's own lvm: device-mapper may be missing outside.

References: lvm(8), lvmraid(7), lvmthin(7).
"""

from __future__ import annotations

from typing import Any

import ext
from lib.appliance import fill_there, in_appliance_name, shell
from lib.fill import counted
from lib.image import MIB, Disk, Guest, Image, Part
from lib.tools import run
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


def whole_disks(*sizes_mib: int) -> Any:
    """A build step: disks without a partition table, each a physical volume."""

    def build(guest: Guest) -> None:
        for size_mib in sizes_mib:
            disk = guest.add_disk(size_mib * MIB)
            guest.volumes.append(Part(guest.device(disk), disk))

    return build


def striped(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Stripes over two and three volumes, and a volume of several striped segments."""
    a, b, c = own["/dev/sda"], own["/dev/sdb"], own["/dev/sdc"]
    shell(
        handle,
        f"""lvm pvcreate -q {a} {b} {c}; lvm vgcreate -q -s 1M vg_striped {a} {b} {c}
        lvm lvcreate -q -y -i 3 -I 64k -L 24M -n three vg_striped
        lvm lvcreate -q -y -i 2 -I 4k -L 16M -n two vg_striped {b} {c}
        lvm lvcreate -q -y -L 5M -n plain vg_striped {a}
        lvm lvextend -q -i 2 -I 8k -L +6M vg_striped/three {a} {c}""",
    )
    for number, name in ((210, "three"), (211, "two"), (212, "plain")):
        make_ext4(handle, f"/dev/vg_striped/{name}", number, "-O ^has_journal")
        fill_there(handle, f"/dev/vg_striped/{name}", large_mib=2)
    expect(guest, "/dev/vg_striped/plain", "/dev/vg_striped/three", "/dev/vg_striped/two")


def segments_disks(guest: Guest) -> None:
    """A physical volume in a logical partition and one on a whole disk."""
    disk = guest.add_disk(64 * MIB)
    table(guest, disk, "label: dos\nlabel-id: 0x5a5a0006\nsize=8MiB, type=83\ntype=5\nsize=50MiB, type=8e\n")
    guest.volumes.append(partition(guest, "/dev/sda5"))
    whole = guest.add_disk(48 * MIB)
    guest.volumes.append(Part("/dev/sdb", whole))


def segments(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Two volumes grown in turns, so that each lies in many pieces; odd names; a reduced one."""
    first, second = in_appliance_name("/dev/sda5", own), own["/dev/sdb"]
    shell(
        handle,
        f"""lvm pvcreate -q {first} {second}; lvm vgcreate -q vg-seg.0+a_b {first} {second}
        lvm lvcreate -q -y -L 12M -n lv-with--dashes vg-seg.0+a_b
        lvm lvcreate -q -y -L 12M -n lv.dot+plus_x vg-seg.0+a_b
        for i in 1 2 3; do lvm lvextend -q -L +4M vg-seg.0+a_b/lv-with--dashes
            lvm lvextend -q -L +8M vg-seg.0+a_b/lv.dot+plus_x {second}; done
        lvm lvcreate -q -y -L 12M -n gone vg-seg.0+a_b; lvm lvextend -q -L +4M vg-seg.0+a_b/lv-with--dashes
        lvm lvremove -q -y vg-seg.0+a_b/gone""",
    )
    make_ext4(handle, "/dev/vg-seg.0+a_b/lv-with--dashes", 220)
    make_ext4(handle, "/dev/vg-seg.0+a_b/lv.dot+plus_x", 221, "-b 4096")
    plain = in_appliance_name("/dev/sda1", own)
    make_ext4(handle, plain, 222, "-O ^has_journal")
    for device in (plain, "/dev/vg-seg.0+a_b/lv-with--dashes", "/dev/vg-seg.0+a_b/lv.dot+plus_x"):
        fill_there(handle, device, large_mib=3)
    guest.filesystems.append(partition(guest, "/dev/sda1"))
    expect(guest, "/dev/vg-seg.0+a_b/lv-with--dashes", "/dev/vg-seg.0+a_b/lv.dot+plus_x")


def wrapped(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """So many edits that the newest metadata text begins near the end of its circular area and
    goes on at the beginning. A rising number of tags makes the length odd."""
    device = own["/dev/sda"]
    shell(
        handle,
        f"""lvm pvcreate -q --metadatasize 64k --dataalignment 64k {device}; lvm vgcreate -q -s 1M vg_wrapped {device}
        lvm lvcreate -q -y -L 20M -n data vg_wrapped""",
    )
    make_ext4(handle, "/dev/vg_wrapped/data", 230)
    fill_there(handle, "/dev/vg_wrapped/data")
    for number in range(60):
        shell(handle, f"lvm lvchange -q --addtag tag_number_{number}_of_many vg_wrapped/data; sync")
        if number > 10 and wraps(guest.disks[0]):
            break
    else:
        raise RuntimeError("the metadata text does not wrap")
    expect(guest, "/dev/vg_wrapped/data")
    guest.filesystems[-1].notes = "the metadata text wraps around the end of its area"


def wraps(disk: Disk) -> bool:
    """Does the committed text of the first metadata area go beyond its end?"""
    with open(disk.path, "rb") as file:
        start = 4096
        file.seek(start)
        header = file.read(512)
    area_bytes = int.from_bytes(header[32:40], "little")
    offset, size = (int.from_bytes(header[at : at + 8], "little") for at in (40, 48))
    assert header[4:20] == b" LVM2 x[5A%r0N*>", "no metadata area at 4096"
    return offset + size > area_bytes


def two_groups(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Thin volumes, arrays, mirrors and snapshots beside linear ones."""
    a, b, c = own["/dev/sda"], own["/dev/sdb"], own["/dev/sdc"]
    quiet = "--config 'global{thin_check_executable=\"\"}'"
    shell(
        handle,
        f"""lvm pvcreate -q {a} {b} {c}; lvm vgcreate -q -s 1M vg_first {a}; lvm vgcreate -q -s 1M vg_second {b} {c}
        lvm lvcreate -q -y -L 10M -n plain vg_first
        modprobe dm-thin-pool; modprobe dm-raid; modprobe dm-mirror; modprobe dm-snapshot
        lvm lvcreate -q -y {quiet} -L 12M -V 20M -T vg_first/pool -n thin
        lvm lvcreate -q -y -L 12M -n origin vg_second {b}
        lvm lvcreate -q -y --type raid1 -m 1 -L 8M -n raid vg_second
        lvm lvcreate -q -y --type mirror -m 1 --mirrorlog core -L 6M -n mirror vg_second""",
    )
    devices = ["vg_first/plain", "vg_first/thin", "vg_second/origin", "vg_second/raid", "vg_second/mirror"]
    for number, name in enumerate(devices):
        make_ext4(handle, f"/dev/{name}", 240 + number, "-O ^has_journal")
        fill_there(handle, f"/dev/{name}", files=10, large_mib=1)
    shell(handle, "lvm lvcreate -q -y -s -L 4M -n snap vg_second/origin")
    expect(guest, "/dev/vg_first/plain", "/dev/vg_first/thin")
    expect(guest, *(f"/dev/vg_second/{name}" for name in ("mirror", "origin", "raid", "snap")))


def metadata_copies(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Two metadata areas on the first volume, none on the second, an ignored one on the third;
    the label of the fourth in sector 3."""
    a, b, c, d = (own[f"/dev/sd{letter}"] for letter in "abcd")
    shell(
        handle,
        f"""lvm pvcreate -q --pvmetadatacopies 2 {a}; lvm pvcreate -q --pvmetadatacopies 0 {b}
        lvm pvcreate -q --metadataignore y {c}; lvm pvcreate -q --labelsector 3 --dataalignment 2M {d}
        lvm vgcreate -q -s 512k vg_copies {a} {b} {c} {d}
        lvm lvcreate -q -y -l 100%PVS -n none vg_copies {b}; lvm lvcreate -q -y -L 8M -n across vg_copies {c} {d}
        lvm lvextend -q -L +6M vg_copies/across {d}; lvm lvextend -q -L +4M vg_copies/across {a}""",
    )
    for number, name in ((250, "across"), (251, "none")):
        make_ext4(handle, f"/dev/vg_copies/{name}", number, "-O ^has_journal")
        fill_there(handle, f"/dev/vg_copies/{name}", large_mib=2)
    expect(guest, "/dev/vg_copies/across", "/dev/vg_copies/none")


def partial_disks(guest: Guest) -> None:
    """The second of two disks is not given to the reader."""
    for _ in range(2):
        guest.add_disk(32 * MIB)
    guest.disks[1].missing = True
    guest.volumes.append(Part("/dev/sda", guest.disks[0]))


def partial(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    a, b = own["/dev/sda"], own["/dev/sdb"]
    shell(
        handle,
        f"""lvm pvcreate -q {a} {b}; lvm vgcreate -q vg_partial {a} {b}
        lvm lvcreate -q -y -L 12M -n here vg_partial {a}; lvm lvcreate -q -y -L 12M -n there vg_partial {b}
        lvm lvcreate -q -y -L 8M -n both vg_partial {a}; lvm lvextend -q -L +8M vg_partial/both {b}""",
    )
    for number, name in ((260, "here"), (261, "there"), (262, "both")):
        make_ext4(handle, f"/dev/vg_partial/{name}", number, "-O ^has_journal")
        fill_there(handle, f"/dev/vg_partial/{name}", large_mib=2)
    expect(guest, "/dev/vg_partial/here")
    guest.facts["missing"] = ["/dev/vg_partial/both", "/dev/vg_partial/there"]
    guest.activate = "lvm vgchange -q -ay vg_partial || true"


def nested(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """A guest's disk that is a volume of the host: a physical volume inside a logical one."""
    scan = "--config 'devices{scan_lvs=1}'"
    shell(
        handle,
        f"""lvm pvcreate -q {own["/dev/sda"]}; lvm vgcreate -q vg_outer {own["/dev/sda"]}
        lvm lvcreate -q -y -L 36M -n disk vg_outer
        lvm pvcreate -q {scan} /dev/vg_outer/disk; lvm vgcreate -q {scan} vg_inner /dev/vg_outer/disk
        lvm lvcreate -q -y {scan} -L 20M -n data vg_inner""",
    )
    make_ext4(handle, "/dev/vg_inner/data", 270)
    fill_there(handle, "/dev/vg_inner/data")
    expect(guest, "/dev/vg_inner/data")
    guest.volumes.append(Part("/dev/vg_outer/disk"))
    guest.activate = f"lvm vgchange -q -ay {scan} vg_inner"


def moved(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """XFS on a volume whose first half moved to another disk; a volume with a tag and a reduced one."""
    a, b = own["/dev/sda"], own["/dev/sdb"]
    shell(
        handle,
        f"""modprobe dm-mirror; lvm pvcreate -q {a} {b}; lvm vgcreate -q -s 2M --addtag mine vg_moved {a} {b}
        lvm lvcreate -q -y -L 4M -n first vg_moved {a}; lvm lvcreate -q -y -L 40M -n data vg_moved {a}
        lvm lvremove -q -y vg_moved/first; lvm lvcreate -q -y -L 16M -n small vg_moved {b}
        lvm pvmove -q -n data {a}:2-11 {b}; lvm lvreduce -q -y -f -L 10M vg_moved/small""",
    )
    make_xfs(handle, "/dev/vg_moved/data", 280, "--unsupported")
    make_ext4(handle, "/dev/vg_moved/small", 281, "-O ^has_journal")
    fill_there(handle, "/dev/vg_moved/data")
    fill_there(handle, "/dev/vg_moved/small", large_mib=2)
    expect(guest, "/dev/vg_moved/data", "/dev/vg_moved/small")


# The type, its stripes, and the size of them in KiB.
RAIDS = (
    ("raid0", 3, 4),
    ("raid0_meta", 2, 16),
    ("raid1", 0, 0),
    ("raid4", 3, 16),
    ("raid5_n", 3, 64),
    ("raid5_la", 3, 4),
    ("raid5_ra", 2, 16),
    ("raid5_ls", 4, 16),
    ("raid5_rs", 3, 8),
    ("raid6_zr", 3, 16),
    ("raid6_nr", 3, 4),
    ("raid6_nc", 3, 16),
    ("raid6_n_6", 3, 16),
    ("raid6_ls_6", 3, 8),
    ("raid6_rs_6", 4, 4),
    ("raid6_la_6", 3, 16),
    ("raid6_ra_6", 3, 16),
    ("raid10", 2, 16),
)


def raid(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """A volume of each type of array over six disks, with counted blocks below a filesystem, and the SHA-256 of each."""
    devices = " ".join(own[f"/dev/sd{letter}"] for letter in "abcdef")
    shell(handle, f"modprobe -a dm-raid raid456 raid10 raid1 raid0; lvm pvcreate -q {devices}; lvm vgcreate -q -s 512K vg_raid {devices}")
    recorded = []
    content = guest.directory / "content"
    for number, (kind, stripes, stripe_kib) in enumerate(RAIDS):
        options = f"-i {stripes} -I {stripe_kib}k" if stripes else "-m 2"
        if kind == "raid10":
            options += " -m 1"
        device = f"/dev/vg_raid/{kind}"
        shell(handle, f"lvm lvcreate -q -y -Zn -Wn --type {kind} {options} -L 6M -n {kind} vg_raid 2>&1")
        counted(content, int(shell(handle, f"blockdev --getsize64 {device}")))
        handle.upload(str(content), device)
        make_ext4(handle, device, 500 + number, "-O ^has_journal -b 1024 -E nodiscard")
        fill_there(handle, device, files=10, large_mib=1)
        if kind not in ("raid0", "raid0_meta"):
            shell(handle, f"until lvm lvs --noheadings -o sync_percent {device} | grep -q 100.00; do sleep 1; done")
        shell(handle, "sync; echo 3 > /proc/sys/vm/drop_caches")
        digest = shell(handle, f"sha256sum {device} | cut -d' ' -f1").strip()
        recorded.append({"device": device, "level": kind, "sha256": digest})
    shell(handle, "lvm vgchange -q -an vg_raid")
    expect(guest, *sorted(f"/dev/vg_raid/{kind}" for kind, _, _ in RAIDS))
    guest.facts["arrays"] = recorded
    guest.activate = "modprobe -a dm-raid raid456 raid10 raid1 raid0; lvm vgchange -q -ay vg_raid"


def thin(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Thin volumes and their snapshots, one with an origin outside of the pool, and snapshots of the older kind; the SHA-256
    of each."""
    a, b = own["/dev/sda"], own["/dev/sdb"]
    quiet = "--config 'global{thin_check_executable=\"\"}'"
    content = guest.directory / "content"
    shell(handle, f"modprobe -a dm-thin-pool dm-snapshot; lvm pvcreate -q {a} {b}; lvm vgcreate -q -s 512K vg_thin {a}; lvm vgcreate -q -s 512K vg_old {b}")
    shell(
        handle,
        f"""lvm lvcreate -q -y {quiet} -c 64k -L 40M --poolmetadatasize 2M -T vg_thin/pool
        lvm lvcreate -q -y -V 24M -T vg_thin/pool -n first; lvm lvcreate -q -y -V 1G -T vg_thin/pool -n huge
        lvm lvcreate -q -y -L 16M -n base vg_thin; lvm lvcreate -q -y -L 24M -n origin vg_old""",
    )
    for number, device in enumerate(("/dev/vg_thin/first", "/dev/vg_thin/base", "/dev/vg_old/origin")):
        counted(content, int(shell(handle, f"blockdev --getsize64 {device}")))
        handle.upload(str(content), device)
        make_ext4(handle, device, 550 + number, "-O ^has_journal -b 1024 -E nodiscard")
        fill_there(handle, device, files=20, large_mib=2)
    make_ext4(handle, "/dev/vg_thin/huge", 560, "-O ^has_journal")
    fill_there(handle, "/dev/vg_thin/huge", files=30, large_mib=3)
    shell(
        handle,
        f"""lvm lvcreate -q -y -s -n first_then vg_thin/first; lvm lvchange -q -y -K -ay vg_thin/first_then
        lvm lvchange -q -y -an vg_thin/base; lvm lvchange -q -y -p r vg_thin/base
        lvm lvcreate -q -y {quiet} -s --thinpool vg_thin/pool -n over_base vg_thin/base
        lvm lvchange -q -y -K -ay vg_thin/over_base; lvm lvchange -q -y -ay vg_thin/base
        lvm lvcreate -q -y -s -c 8k -L 8M -n small_chunks vg_old/origin
        lvm lvcreate -q -y -s -c 64k -L 10M -n large_chunks vg_old/origin""",
    )
    changed = ("/dev/vg_thin/first", "/dev/vg_thin/over_base", "/dev/vg_old/origin")
    for device in changed:
        handle.mount_options("", device, "/")
        shell(handle, "cd /sysroot; rm -f d1/f1 d2/f2; dd if=/dev/zero of=more.bin bs=64k count=20 2>/dev/null; sync")
        handle.umount_all()
    handle.mount_options("", "/dev/vg_old/small_chunks", "/")
    shell(handle, "cd /sysroot; dd if=/dev/zero of=own.bin bs=64k count=10 2>/dev/null; sync")
    handle.umount_all()
    shell(handle, "sync; echo 3 > /proc/sys/vm/drop_caches")
    names = ["vg_old/large_chunks", "vg_old/origin", "vg_old/small_chunks"]
    names += [f"vg_thin/{name}" for name in ("base", "first", "first_then", "huge", "over_base")]
    guest.facts["arrays"] = [
        {
            "device": f"/dev/{name}",
            "level": shell(handle, f"lvm lvs --noheadings -o segtype {name}").strip(),
            "sha256": shell(handle, f"sha256sum /dev/{name} | cut -d' ' -f1").strip(),
        }
        for name in names
        if name != "vg_thin/huge"
    ]
    expect(guest, *(f"/dev/{name}" for name in names))
    figures(handle, guest, quiet)
    shell(handle, "lvm vgchange -q -an vg_thin vg_old")
    guest.activate = f"modprobe -a dm-thin-pool dm-snapshot; lvm vgchange -q -ay -K {quiet} vg_thin vg_old"


def figures(handle: Any, guest: Guest, quiet: str) -> None:
    """How full the pool and the snapshots are, as lvs has it, and what each thin volume holds, as thin_ls counts it."""
    report = "lvm lvs --noheadings --units b --nosuffix"
    size, percent, of_metadata = shell(handle, f"{report} -o lv_size,data_percent,metadata_percent vg_thin/pool").split()
    pool = {"device": "/dev/vg_thin/pool", "size_bytes": int(size), "data_percent": percent, "metadata_percent": of_metadata}
    guest.facts["pools"] = [pool]
    snapshots = ("/dev/vg_old/large_chunks", "/dev/vg_old/small_chunks")
    guest.facts["snapshots"] = [
        {"device": device, "snap_percent": shell(handle, f"{report} -o snap_percent {device}").strip()}
        for device in snapshots
    ]
    ids = dict(line.split() for line in shell(handle, f"{report} -o thin_id,lv_name -S 'segtype=thin' vg_thin").splitlines())
    shell(handle, "lvm vgchange -q -an vg_thin; lvm lvchange -q -y -ay vg_thin/pool_tmeta")
    metadata = guest.directory / "metadata"
    handle.download("/dev/vg_thin/pool_tmeta", str(metadata))
    shell(handle, "lvm lvchange -q -y -an vg_thin/pool_tmeta")
    shown = run("thin_ls", "--no-headers", "-o", "DEV,MAPPED_BYTES,EXCLUSIVE_BYTES,SHARED_BYTES", str(metadata))
    rows = [line.split() for line in shown.splitlines()]
    guest.facts["thin_volumes"] = [
        {"device": f"/dev/vg_thin/{ids[row[0]]}", "mapped_bytes": int(row[1]), "exclusive_bytes": int(row[2])} for row in rows
    ]


def cache(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Volumes before which lie a pool and a volume as cache, with what was not written back, and a cache of writes."""
    a, b = own["/dev/sda"], own["/dev/sdb"]
    quiet = "--config 'global{cache_check_executable=\"\"}'"
    content = guest.directory / "content"
    shell(
        handle,
        f"""modprobe -a dm-cache dm-cache-smq dm-writecache
        lvm pvcreate -q {a} {b}; lvm vgcreate -q -s 512K vg_cache {a} {b}
        lvm lvcreate -q -y -L 24M -n pooled vg_cache {a}; lvm lvcreate -q -y -L 20M -n single vg_cache {a}
        lvm lvcreate -q -y -L 20M -n written vg_cache {a}
        lvm lvcreate -q -y {quiet} --type cache-pool -L 8M -c 32k -n pool vg_cache {b}
        lvm lvcreate -q -y -Wn -L 12M -n fast vg_cache {b}; lvm lvcreate -q -y -Wn -L 12M -n soon vg_cache {b}""",
    )
    names = ("pooled", "single", "written")
    for name in names:
        device = f"/dev/vg_cache/{name}"
        counted(content, int(shell(handle, f"blockdev --getsize64 {device}")))
        handle.upload(str(content), device)
    shell(
        handle,
        f"""lvm lvconvert -q -y {quiet} --type cache --cachepool pool --cachemode writeback vg_cache/pooled
        lvm lvconvert -q -y {quiet} --type cache --cachevol fast --cachemode writeback -c 32k vg_cache/single
        lvm lvchange -q -an vg_cache/written vg_cache/soon
        lvm lvconvert -q -y --type writecache --cachevol soon vg_cache/written; lvm lvchange -q -ay vg_cache/written""",
    )
    for number, name in enumerate(names):
        device = f"/dev/vg_cache/{name}"
        # A cache of writes has sectors of 4 KiB.
        block_bytes = 4096 if name == "written" else 1024
        make_ext4(handle, device, 570 + number, f"-O ^has_journal -b {block_bytes} -E nodiscard")
        fill_there(handle, device, files=20, large_mib=2)
        handle.mount_options("", device, "/")
        # What is written again and again comes into a cache.
        shell(
            handle,
            "cd /sysroot; for i in $(seq 40); do dd if=/dev/urandom bs=32k count=8 2>/dev/null | dd of=often bs=32k conv=notrunc,fsync 2>/dev/null; done; sync",
        )
        handle.umount_all()
    held = [shell(handle, f"lvm lvs --noheadings -o cache_dirty_blocks vg_cache/{name}").strip() for name in names[:2]]
    guest.facts["dirty_blocks"] = [int(count) for count in held]
    shell(handle, "sync; echo 3 > /proc/sys/vm/drop_caches")
    guest.facts["arrays"] = [
        {
            "device": f"/dev/vg_cache/{name}",
            "level": shell(handle, f"lvm lvs --noheadings -o segtype vg_cache/{name}").strip(),
            "sha256": shell(handle, f"sha256sum /dev/vg_cache/{name} | cut -d' ' -f1").strip(),
        }
        for name in names
    ]
    expect(guest, *(f"/dev/vg_cache/{name}" for name in names))
    shell(handle, "lvm vgchange -q -an vg_cache")
    guest.activate = f"modprobe -a dm-cache dm-cache-smq dm-writecache; lvm vgchange -q -ay {quiet} vg_cache"


DIRTY = (("smq", 1), ("smq", 2), ("cleaner", 1), ("cleaner", 2))


def cache_dirty(handle: Any, guest: Guest, own: dict[str, str]) -> None:
    """Caches of both versions of the metadata with blocks that were not written back. The policy that only cleans never takes
    a block in: it comes to a cache that is full of such."""
    a, b = own["/dev/sda"], own["/dev/sdb"]
    quiet = "--config 'global{cache_check_executable=\"\"}'"
    content = guest.directory / "content"
    shell(handle, f"modprobe -a dm-cache dm-cache-smq; lvm pvcreate -q {a} {b}; lvm vgcreate -q -s 512K vg_dirty {a} {b}")
    held = []
    for number, (policy, version) in enumerate(DIRTY):
        name = f"{policy}{version}"
        device = f"/dev/vg_dirty/{name}"
        shell(
            handle,
            f"""lvm lvcreate -q -y -L 10M -n {name} vg_dirty {a}
            lvm lvcreate -q -y {quiet} --type cache-pool --cachemetadataformat {version} -L 4M -c 32k -n pool{number} vg_dirty {b}""",
        )
        counted(content, int(shell(handle, f"blockdev --getsize64 {device}")))
        handle.upload(str(content), device)
        make_ext4(handle, device, 590 + number, "-O ^has_journal -b 1024 -E nodiscard")
        fill_there(handle, device, files=10, large_mib=1)
        shell(handle, f"lvm lvconvert -q -y {quiet} --type cache --cachepool pool{number} --cachemode writeback vg_dirty/{name}")
        often = "for i in $(seq {}); do yes \"{} $i\" | dd of={} bs=32k count=40 seek=20 iflag=fullblock oflag=direct conv=notrunc 2>/dev/null; done"
        shell(handle, often.format(30, name, device))
        # Nothing is moved any more: what is written now stays in the cache alone.
        shell(handle, f"dmsetup message vg_dirty-{name} 0 migration_threshold 0; sleep 2; " + often.format(2, name + " again", device))
        if policy == "cleaner":
            shell(handle, f"lvm lvchange -q -y {quiet} --cachepolicy cleaner --cachesettings migration_threshold=0 vg_dirty/{name} || true")
        shell(handle, f"sync; echo 3 > /proc/sys/vm/drop_caches; dmsetup status vg_dirty-{name}")
    for policy, version in DIRTY:
        name = f"{policy}{version}"
        held.append(int(shell(handle, f"lvm lvs --noheadings -o cache_dirty_blocks vg_dirty/{name}").strip()))
        digest = shell(handle, f"sha256sum /dev/vg_dirty/{name} | cut -d' ' -f1").strip()
        guest.facts.setdefault("arrays", []).append({"device": f"/dev/vg_dirty/{name}", "level": "cache", "sha256": digest})
    guest.facts["dirty_blocks"] = held
    expect(guest, *sorted(f"/dev/vg_dirty/{policy}{version}" for policy, version in DIRTY))
    shell(handle, "lvm vgchange -q -an vg_dirty")
    guest.activate = f"modprobe -a dm-cache dm-cache-smq; lvm vgchange -q -ay {quiet} vg_dirty"


def images() -> list[Image]:
    return [
        Image("lvm-linear", linear_disks, PACKAGES, linear),
        Image("lvm-striped", whole_disks(24, 24, 24), PACKAGES, striped),
        Image("lvm-segments", segments_disks, PACKAGES, segments),
        Image("lvm-wrapped", whole_disks(32), PACKAGES, wrapped),
        Image("lvm-two-groups", whole_disks(48, 40, 40), PACKAGES, two_groups),
        Image("lvm-metadata-copies", whole_disks(16, 16, 16, 24), PACKAGES, metadata_copies),
        Image("lvm-partial", partial_disks, PACKAGES, partial),
        Image("lvm-nested", whole_disks(48), PACKAGES, nested),
        Image("lvm-raid", whole_disks(96, 96, 96, 96, 96, 96), PACKAGES, raid),
        Image("lvm-thin", whole_disks(80, 64), PACKAGES, thin),
        Image("lvm-cache", whole_disks(72, 48), PACKAGES, cache),
        Image("lvm-cache-dirty", whole_disks(56, 64), PACKAGES, cache_dirty),
        Image("lvm-moved", whole_disks(64, 48), PACKAGES, moved),
    ]
