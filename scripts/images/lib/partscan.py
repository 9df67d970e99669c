"""The partitions that a kernel finds on disks: a small machine whose only program reads them from /sys.

This host's kernel may lack the tables of other systems, which Debian's has. Needs what lib/manymounts.py needs.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from lib.manymounts import kernel_files, module_files, python_files

INIT = Path(__file__).with_name("partinit.py")
DRIVERS = ["virtio_pci", "virtio_blk"]
MAX_SECONDS = 300


def scan(disks: list[Path], sector_bytes: int = 512) -> tuple[str, list[list[dict[str, Any]]]]:
    """The kernel's release, and of each disk the number, start and size in bytes of each partition."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        kernel = write_initrd(work)
        words = ["qemu-system-x86_64", "-m", "512", "-nodefaults", "-no-reboot", "-display", "none", "-cpu", "max"]
        words += ["-kernel", str(kernel), "-initrd", str(work / "initrd.cpio")]
        words += ["-append", "console=ttyS0 quiet panic=-1 no_timer_check nowatchdog"]
        for index, disk in enumerate(disks):
            size = f"logical_block_size={sector_bytes},physical_block_size={sector_bytes}"
            words += ["-drive", f"file={disk},format=raw,if=none,id=d{index},readonly=on"]
            words += ["-device", f"virtio-blk-pci,drive=d{index},addr={hex(4 + index)},{size}"]
        words += ["-serial", f"file:{work / 'console'}", "-serial", "stdio"]
        answer = subprocess.run(words, capture_output=True, text=True, check=True, timeout=MAX_SECONDS)
    found = json.loads(answer.stdout)
    return found["kernel"], found["disks"]


def write_initrd(work: Path) -> Path:
    kernel, folder = kernel_files()
    tree = work / "initrd"
    for name in ("dev", "proc", "sys", "work", "modules", "usr/bin"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    modules = module_files(folder, DRIVERS)
    for path in modules:
        (tree / "modules" / path.name).write_bytes(path.read_bytes())
    (tree / "modules/order").write_text(" ".join(path.name for path in modules))
    for name in python_files():
        there = tree / name.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(Path(name).read_bytes())
        there.chmod(0o755)
    python = tree / "usr/bin/python3"
    python.unlink(missing_ok=True)
    python.symlink_to(Path("/usr/bin/python3").resolve())
    (tree / "init").write_bytes(INIT.read_bytes().replace(b"/usr/bin/python3", b"/usr/bin/python3 -SE", 1))
    (tree / "init").chmod(0o755)
    subprocess.run(["sh", "-c", f"cd '{tree}' && find . | cpio --quiet -o -H newc > '{work}/initrd.cpio'"], check=True)
    return kernel
