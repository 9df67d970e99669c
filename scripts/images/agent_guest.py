#!/usr/bin/python3
"""A guest that mounts some filesystems and runs QEMU's agent, and nothing else: it boots in some seconds where QEMU emulates.

Usage: agent_guest.py FOLDER NAME
Writes disks, kernel and initial file system to FOLDER, and the XML of the domain NAME to FOLDER/NAME.xml. Needs root (loop devices), the
tools of lib/tools.py, cpio, lz4, and Debian's linux-image-amd64 or -cloud-amd64, qemu-guest-agent and busybox-static: installed, or
unpacked below the folder of VIRT_DF_KERNEL_ROOT.

References: Linux Documentation/arch/x86/boot.rst (payload_offset); the PVH entry, by which QEMU starts a kernel that is not packed;
docs/live.md
"""

from __future__ import annotations

import lzma
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

from lib.manymounts import kernel_files, module_files
from lib.tools import run

MIB = 2**20
MODULES = ["virtio_pci", "virtio_blk", "virtio_console", "crc32c_generic", "xxhash_generic", "ext4", "xfs", "btrfs", "dm_mod"]
ROOT = Path(os.environ.get("VIRT_DF_KERNEL_ROOT", "/"))
XZ = b"\xfd7zXZ\0"
LZ4 = b"\x02\x21\x4c\x18"
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for m in $(cat /lib/modules/order); do insmod /lib/modules/$m; done
mkdir -p /run/lock /etc/lvm /mnt/part /mnt/xfs /mnt/one /mnt/two /mnt/btrfs /mnt/bind /mnt/again
lvm vgchange -ay --sysinit vg && lvm vgmknodes
# The guest finds the disks by their addresses, in another order than libvirt names them.
mount -t ext4 /dev/vdd1 /mnt/part
mount -t xfs /dev/vdc /mnt/xfs
mount -t ext4 /dev/vg/one /mnt/one
mount -t ext4 /dev/vg/two /mnt/two
mount -t btrfs /dev/vda /mnt/btrfs
mkdir -p /mnt/part/sub
mount -o bind /mnt/part/sub /mnt/bind
mount -t xfs /dev/vdc /mnt/again
# The two volumes are told apart by what is used of them.
dd if=/dev/zero of=/mnt/one/fill bs=64k count=20 2>/dev/null
sync
port=/dev/$(grep -l org.qemu.guest_agent.0 /sys/class/virtio-ports/*/name | sed 's,.*/virtio-ports/\\([^/]*\\)/.*,\\1,')
qemu-ga -m virtio-serial -p $port -t /run &
# The first program cannot be stopped, as the agent is in tests.
while :; do sleep 1000; done
"""


def unpacked(kernel: Path, target: Path) -> None:
    """The kernel without what unpacks it, which takes longer than all else where each instruction is emulated."""
    data = kernel.read_bytes()
    setup_sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = data[start : start + length]
    if payload.startswith(XZ):
        target.write_bytes(lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(payload))
    elif payload.startswith(LZ4):
        # The size of what is unpacked follows.
        command = ["lz4", "--decompress", "--stdout", "-"]
        target.write_bytes(subprocess.run(command, input=payload[:-4], capture_output=True, check=True).stdout)
    else:
        raise RuntimeError(f"{kernel} is packed by neither xz nor lz4")


def libraries(program: Path) -> list[str]:
    return [word for word in run("ldd", program).split() if word.startswith("/")]


def initrd(folder: Path, modules: Path, target: Path) -> None:
    tree = folder / "tree"
    for name in ("bin", "sbin", "proc", "sys", "dev", "run", "tmp", "etc", "mnt", "lib/modules"):
        (tree / name).mkdir(parents=True)
    shutil.copy(ROOT / "bin/busybox", tree / "bin/busybox")
    for program in (ROOT / "usr/sbin/qemu-ga", Path("/usr/sbin/lvm")):
        shutil.copy(program, tree / "sbin")
        for library in libraries(program):
            there = tree / library.lstrip("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, there)
    files = module_files(modules, MODULES)
    for path in files:
        shutil.copy(path, tree / "lib/modules")
    (tree / "lib/modules/order").write_text(" ".join(path.name for path in files))
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    run("sh", "-c", f"cd '{tree}' && find . | cpio --quiet -o -H newc > '{target}'")
    shutil.rmtree(tree)


def make_raw(path: Path, size_mib: int) -> Path:
    path.touch()
    os.truncate(path, size_mib * MIB)
    return path


def make_volumes(path: Path) -> None:
    """A volume group with two logical volumes of one size, an ext4 in each."""
    loop = run("losetup", "--find", "--show", path).strip()
    only = f'devices {{ filter=["a|{loop}|","r|.*|"] use_devicesfile=0 }}'
    alone = ["--driverloaded", "n", "--config", only]
    try:
        run("lvm", "pvcreate", "-q", *alone, loop)
        run("lvm", "vgcreate", "-q", *alone, "vg", loop)
        for name in ("one", "two"):
            run("lvm", "lvcreate", "-q", *alone, "-an", "-Zn", "-Wn", "-L", "96M", "-n", name, "vg")
    finally:
        run("losetup", "--detach", loop)
    for first_mib in (1, 97):
        run("mke2fs", "-q", "-F", "-t", "ext4", "-E", f"offset={first_mib * MIB}", path, "96M")


def make_disks(folder: Path) -> list[tuple[str, Path]]:
    """By libvirt's targets."""
    part = make_raw(folder / "part.raw", 200)
    run("sfdisk", "--quiet", part, stdin="label: gpt\nstart=2048, size=262144\n")
    run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "part", "-E", f"offset={MIB}", part, "128M")
    xfs = make_raw(folder / "xfs.raw", 320)
    run("mkfs.xfs", "-q", "-L", "data", xfs)
    volumes = make_raw(folder / "volumes.raw", 224)
    make_volumes(volumes)
    btrfs = make_raw(folder / "btrfs.raw", 256)
    run("mkfs.btrfs", "-q", "-L", "btr", btrfs)
    return [("vda", part), ("vdb", xfs), ("vdc", volumes), ("vdd", btrfs)]


def disk_xml(target: str, path: Path, slot: int) -> str:
    return f"""<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{path}'/>
      <target dev='{target}' bus='virtio'/><address type='pci' domain='0x0000' bus='0x00' slot='{slot:#04x}' function='0x0'/></disk>"""


def domain_xml(name: str, folder: Path, disks: list[tuple[str, Path]]) -> str:
    slots = range(8, 8 - len(disks), -1)
    devices = "\n    ".join(disk_xml(target, path, slot) for (target, path), slot in zip(disks, slots, strict=True))
    line = "console=ttyS0 quiet mitigations=off nokaslr panic=-1 tsc=reliable no_timer_check"
    return f"""<domain type='qemu'><name>{name}</name><memory unit='MiB'>320</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{folder}/vmlinux</kernel><initrd>{folder}/initrd.cpio</initrd><cmdline>{line}</cmdline></os>
  <features><acpi/></features>
  <on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot>
  <devices>
    {devices}
    <serial type='file'><source path='{folder}/console.log'/><target port='0'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def main() -> None:
    folder, name = Path(sys.argv[1]).resolve(), sys.argv[2]
    kernel, modules = kernel_files()
    unpacked(kernel, folder / "vmlinux")
    initrd(folder, modules, folder / "initrd.cpio")
    (folder / f"{name}.xml").write_text(domain_xml(name, folder, make_disks(folder)))


if __name__ == "__main__":
    main()
