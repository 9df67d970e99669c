"""A kernel with pages of 64 KiB: Debian's for ppc64el, emulated, with a shell and nothing else.

Linux mounts ext4 only if its blocks are no larger than a page (before 6.19), so blocks of 8 to
64 KiB need such a machine. Its packages are fetched once: `dpkg --add-architecture ppc64el`,
`apt-get update`, and `apt-get install qemu-system-ppc cpio` must have been done.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from lib.image import Guest
from lib.oracle import FIELDS, views_of
from lib.tools import run

PACKAGES = re.compile(r"linux-image-[0-9.]+-[0-9]+-powerpc64le")
# In the order in which they need each other.
MODULES = """virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk
crc16 crc32c_generic libcrc32c mbcache jbd2 ext4 xfs""".split()
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys; mkdir -p /m
for m in {modules}; do insmod /modules/$m.ko; done 2>/dev/null
disk() {{ for b in /sys/block/vd*; do [ "$(cat $b/serial)" = "$1" ] && echo /dev/${{b##*/}}; done; }}
ask() {{ mount -t $2 -o $3 $(disk $1) /m && echo "ANSWER $1 $3 $(stat -f -c '%s %S %b %f %a %c %d' /m)"; umount /m; }}
fill() {{ mount -t $2 $(disk $1) /m || return; mkdir /m/d0 /m/d1 /m/d2; i=0
    while [ $i -lt 40 ]; do head -c $((i * i * 7)) /dev/zero | tr '\\0' a > /m/d$((i % 3))/f$i; i=$((i + 1)); done
    dd if=/dev/zero of=/m/large bs=65536 count=100 2>/dev/null; ln -s d0/f0 /m/link
    rm /m/d0/f3 /m/d1/f10 /m/d2/f20; umount /m && echo "FILLED $1"; }}
echo; echo "KERNEL $(uname -r)"
{script}
sync; poweroff -f
"""


def machine() -> Path:
    """The unpacked packages, fetched if they are not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "virt-df-images" / "ppc64el"
    if not (cache / "bin" / "busybox").exists():
        cache.mkdir(parents=True, exist_ok=True)
        depends = run("apt-cache", "depends", "linux-image-powerpc64le:ppc64el")
        found = PACKAGES.search(depends)
        if not found:
            raise RuntimeError("no ppc64el kernel: run dpkg --add-architecture ppc64el and apt-get update")
        names = [f"{found.group()}:ppc64el", "busybox-static:ppc64el"]
        subprocess.run(["apt-get", "-q", "download", *names], cwd=cache, check=True, capture_output=True)
        for package in cache.glob("*.deb"):
            run("dpkg", "-x", package, cache)
            package.unlink()
    return cache


def boot(guests: list[Guest], script: str, writable: bool) -> str:
    """Run the script on a machine with the first disk of every guest; returns what it printed."""
    root = machine()
    work = guests[0].directory
    initrd = make_initrd(root, work, script)
    kernel = next(root.glob("boot/vmlinux-*"))
    words: list[object] = [
        "qemu-system-ppc64",
        "-M",
        "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken",
    ]
    words += ["-m", 2048, "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio"]
    words += ["-kernel", kernel, "-initrd", initrd, "-append", "console=hvc0 quiet"]
    snapshot = "off" if writable else "on"
    for number, guest in enumerate(guests):
        drive = f"file={guest.disks[0].path},format=raw,if=none,id=d{number},snapshot={snapshot}"
        words += ["-drive", drive, "-device", f"virtio-blk-pci,drive=d{number},serial=d{number}"]
    return run(*words).replace("\r", "")


def make_initrd(root: Path, work: Path, script: str) -> Path:
    tree = work / "initrd"
    for name in ("bin", "modules", "dev", "proc", "sys"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    (tree / "bin/busybox").write_bytes((root / "bin/busybox").read_bytes())
    (tree / "bin/busybox").chmod(0o755)
    for module in MODULES:
        for path in root.glob(f"lib/modules/**/{module}.ko"):
            (tree / "modules" / path.name).write_bytes(path.read_bytes())
    (tree / "init").write_text(INIT.format(modules=" ".join(MODULES), script=script))
    (tree / "init").chmod(0o755)
    target = work / "initrd.cpio"
    run("sh", "-c", f"cd '{tree}' && find . | cpio --quiet -o -H newc > '{target}'")
    return target


def fill(guests: list[Guest], kinds: list[str]) -> None:
    script = "\n".join(f"fill d{number} {kind}" for number, kind in enumerate(kinds))
    printed = boot(guests, script, writable=True)
    for number in range(len(guests)):
        if f"FILLED d{number}" not in printed:
            raise RuntimeError(f"the kernel with 64 KiB pages did not fill disk {number}: {printed[-800:]}")


def ask(guests: list[Guest], kinds: list[str]) -> tuple[str, list[dict[str, Any]]]:
    """The kernel's name, and both views of every guest's only filesystem (none if it refuses)."""
    questions = [(number, kind, mode) for number, kind in enumerate(kinds) for _, mode in views_of(kind)]
    printed = boot(
        guests, "\n".join(f"ask d{number} {kind} {mode}" for number, kind, mode in questions), writable=False
    )
    answers = {
        (int(found[1]), found[2]): [int(word) for word in found[3].split()]
        for found in re.finditer(r"ANSWER d(\d+) (\w+) ([\d ]+)$", printed, re.MULTILINE)
    }
    release = re.search(r"KERNEL (\S+)", printed)
    if not release:
        raise RuntimeError(f"the machine with 64 KiB pages did not start: {printed[-800:]}")
    rows = [
        {
            view: dict(zip(FIELDS, answers[number, mode]))
            for view, mode in views_of(kind)
            if (number, mode) in answers
        }
        for number, kind in enumerate(kinds)
    ]
    return f"Linux {release[1]} (Debian, pages of 64 KiB)", rows
