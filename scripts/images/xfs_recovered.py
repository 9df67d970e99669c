"""What a kernel's recovery writes to each XFS that was copied while it was mounted, sector by sector.

One small virtual machine mounts all images/xfs-dirty*.qcow2 read-only and unmounts them. QEMU logs
each write. What comes before the first write to the log that follows one elsewhere is the replay of the log alone: the
kernel clears the log's stale blocks, replays, and only then logs what it does on its own account (keeps promises,
deletes inodes without a name, writes the superblock).

Usage: python3 scripts/images/xfs_recovered.py VMLINUZ MODULES BUSYBOX
       MODULES is Debian's /lib/modules/VERSION; BUSYBOX is linked statically.
Writes images/xfs-recovered.json. Needs qemu-system-x86, qemu-utils.

References: Linux fs/xfs/xfs_log_recover.c: xlog_recover, xlog_clear_stale_blocks, xlog_recover_finish;
Documentation/admin-guide/device-mapper/log-writes.rst.
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from lib.tools import run

SECTOR = 512
LOG_MAGIC = 0x6A736677736872
DISCARD = 4
MODULES = [
    "virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "virtio_blk",
    "crc32c_generic", "libcrc32c", "xfs",
]  # fmt: skip
INIT = """#!/bin/busybox sh
B=/bin/busybox
$B mount -t devtmpfs d /dev
$B mount -t proc p /proc
for m in {modules}; do $B insmod /$m.ko; done
for d in {disks}; do $B mount -t xfs -o ro{options} /dev/$d /mnt && $B umount /mnt || echo FAILED $d; done
echo ENDED
$B poweroff -f
"""


def initrd(folder: Path, modules: Path, busybox: Path, script: str) -> Path:
    root = folder / "root"
    for name in ("bin", "dev", "proc", "mnt"):
        (root / name).mkdir(parents=True)
    (root / "bin/busybox").write_bytes(busybox.read_bytes())
    (root / "bin/busybox").chmod(0o755)
    for name in MODULES:
        found = next(modules.rglob(f"{name}.ko"))
        (root / f"{name}.ko").write_bytes(found.read_bytes())
    (root / "init").write_text(script)
    (root / "init").chmod(0o755)
    run("sh", "-c", f"cd {root} && find . | {busybox} cpio -o -H newc > ../initrd 2>/dev/null")
    return folder / "initrd"


def boot(vmlinuz: Path, initrd: Path, disks: list[Path]) -> str:
    """Boot with these raw images, each of whose writes goes to a file beside it too; what the console says."""
    words: list[object] = [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "1024", "-nographic", "-no-reboot", "-nic", "none",
        "-kernel", vmlinuz, "-initrd", initrd, "-append", "console=ttyS0 panic=-1 quiet",
    ]  # fmt: skip
    for number, disk in enumerate(disks):
        log = disk.with_suffix(".writes")
        with open(log, "wb") as file:
            file.truncate(2**30)
        words += ["-blockdev", f"driver=file,node-name=d{number},filename={disk}"]
        words += ["-blockdev", f"driver=file,node-name=l{number},filename={log}"]
        words += ["-blockdev", f"driver=blklogwrites,node-name=b{number},file=d{number},log=l{number}"]
        words += ["-device", f"virtio-blk-pci,drive=b{number}"]
    done = subprocess.run([str(word) for word in words], capture_output=True, timeout=900, text=True)
    if "ENDED" not in done.stdout or "FAILED" in done.stdout:
        raise RuntimeError(done.stdout[-2000:] + done.stderr)
    return done.stdout


def log_range(disk: bytes) -> range:
    """Where the log lies, in bytes."""
    block, unit = struct.unpack_from(">I", disk, 4)[0], 1 << disk[124]
    (start,) = struct.unpack_from(">Q", disk, 48)
    per_group, _, _, count = struct.unpack_from(">IIII", disk, 84)
    first = start // unit * per_group + start % unit
    return range(first * block, (first + count) * block)


def replayed(before: bytes, writes: Path) -> bytes:
    """The disk after the replay."""
    disk = bytearray(before)
    log = log_range(before)
    has_begun = False
    with open(writes, "rb") as file:
        magic, _, count, sector = struct.unpack_from("<QQQI", file.read(SECTOR))
        assert (magic, sector) == (LOG_MAGIC, SECTOR)
        for _ in range(count):
            first, sectors, flags, _ = struct.unpack_from("<QQQQ", file.read(SECTOR))
            data = b"" if flags & DISCARD else file.read(sectors * SECTOR)
            if not data:
                continue
            if first * SECTOR in log:
                if has_begun:
                    break
            else:
                has_begun = True
                disk[first * SECTOR : first * SECTOR + len(data)] = data
    return bytes(disk)


def changes(before: bytes, after: bytes) -> list[list[Any]]:
    """Runs of sectors that differ: the first one, how many, and the hash of what they hold."""
    found: list[list[Any]] = []
    for at in range(0, len(before), SECTOR):
        if before[at : at + SECTOR] == after[at : at + SECTOR]:
            continue
        if found and found[-1][0] + found[-1][1] == at // SECTOR:
            found[-1][1] += 1
        else:
            found.append([at // SECTOR, 1])
    for run_ in found:
        content = after[run_[0] * SECTOR : (run_[0] + run_[1]) * SECTOR]
        run_.append(hashlib.sha256(content).hexdigest()[:16])
    return found


def main() -> None:
    vmlinuz, modules, busybox = (Path(word) for word in sys.argv[1:4])
    images = sorted(Path("images").glob("xfs-dirty*.qcow2"))
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        disks = [folder / f"{image.stem}.raw" for image in images]
        for image, disk in zip(images, disks):
            run("qemu-img", "convert", "-O", "raw", image, disk)
        before = [disk.read_bytes() for disk in disks]
        names = " ".join(f"vd{chr(97 + number)}" for number in range(len(disks)))
        script = INIT.format(modules=" ".join(MODULES), disks=names, options="")
        boot(vmlinuz, initrd(folder, modules, busybox, script), disks)
        found = {
            image.stem: changes(old, replayed(old, disk.with_suffix(".writes")))
            for image, disk, old in zip(images, disks, before)
        }
    release = vmlinuz.name.removeprefix("vmlinuz-")
    lines = [f'    "{name}": {json.dumps(runs)}' for name, runs in found.items()]
    text = f'{{\n  "made_by": "scripts/images/xfs_recovered.py",\n  "kernel": "Linux {release}",\n  "images": {{\n'
    Path("images/xfs-recovered.json").write_text(text + ",\n".join(lines) + "\n  }\n}\n")


if __name__ == "__main__":
    main()
