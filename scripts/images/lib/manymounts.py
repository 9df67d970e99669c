"""A small machine that mounts thousands of damaged filesystems: a kernel with modules, and lib/mountinit.py as its only program.

A kernel that is asked to mount what is damaged on purpose may die of it, so that it is never the one of this host. Needs
qemu-system-x86, /usr/bin/python3, cpio, and Debian's linux-image-amd64, installed or unpacked below the folder of
VIRT_DF_KERNEL_ROOT.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INIT = Path(__file__).with_name("mountinit.py")
LISTING = Path(__file__).with_name("listing.py")
WORK = Path(__file__).with_name("f2fswork.py")
DRIVERS = ["virtio_pci", "virtio_blk", "loop"]
SUMS = ["crc32c_generic", "crc32_generic", "xxhash_generic", "sha256_generic", "blake2b_generic"]
CIPHERS = ["cts", "xts", "ecb", "sha512_generic", "lz4"]
TABLES = ["nls_cp437", "nls_ascii", "nls_iso8859-1", "nls_utf8"]
MODULE_OF = {"ext2": "ext4", "ext3": "ext4", "iso9660": "isofs"}
IMPORTS = "import base64, ctypes, fcntl, json, os, re, socket, stat, struct, traceback, zlib, encodings.utf_8, encodings.ascii, encodings.latin_1"
MEMORY_MIB = 1536
HEAD_BYTES = PAGE_BYTES = 512
# Of the machine's processor, so that a busy host makes no case fail; and of the clock, since a kernel that waits for itself is idle.
MAX_CPU_SECONDS, MAX_SECONDS, LOOK_SECONDS = 150, 1800, 5


@dataclass(frozen=True)
class Image:
    path: Path
    kind: str
    sector_bytes: int


def ask(images: dict[str, Image], cases: list[list[Any]], work: Path) -> Iterator[dict[str, Any]]:
    """The kernel's release, then an answer for each case [image, edits, modes]; `died` says how if the kernel did."""
    disk, initrd = work / "cases.raw", work / "initrd.cpio"
    write_disk(disk, images, cases)
    kernel = write_initrd(initrd, sorted({image.kind for image in images.values()}), work)
    first = 0
    while first < len(cases):
        running = first
        for answer in run(kernel, initrd, disk, first):
            if "begins" in answer:
                running = answer["begins"]
                continue
            if "end" in answer:
                return
            if "broken" in answer:
                raise RuntimeError(answer["broken"])
            if "died" in answer:
                answer["case"] = running
            yield answer
        first = running + 1


def runs_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """What a sparse file holds but zeros, in pieces of whole sectors."""
    with open(path, "rb") as file:
        end = os.fstat(file.fileno()).st_size
        at = 0
        while at < end:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                return
            stop = os.lseek(file.fileno(), at, os.SEEK_HOLE)
            file.seek(at)
            content = file.read(stop - at)
            start: int | None = None
            for part in range(0, len(content) + 1, PAGE_BYTES):
                is_used = any(content[part : part + PAGE_BYTES])
                if is_used and start is None:
                    start = part
                elif not is_used and start is not None:
                    yield at + start, content[start:part]
                    start = None
            if start is not None:
                yield at + start, content[start:]
            at = stop


def write_disk(disk: Path, images: dict[str, Image], cases: list[list[Any]]) -> None:
    contents: list[bytes] = []
    described: dict[str, Any] = {}
    place = 0
    for name, image in images.items():
        runs = []
        for at, content in runs_of(image.path):
            runs.append([at, len(content), place])
            contents.append(content)
            place += len(content)
        described[name] = {
            "kind": image.kind,
            "sizeBytes": image.path.stat().st_size,
            "sectorBytes": image.sector_bytes,
            "runs": runs,
        }
    # The places count from the end of the text, whose length they change: it is padded to what is enough for all.
    base = HEAD_BYTES + (len(json.dumps([described, cases])) + 12 * sum(len(i["runs"]) for i in described.values()) + 4096)
    base -= base % HEAD_BYTES
    for image_of in described.values():
        image_of["runs"] = [[at, length, base + offset] for at, length, offset in image_of["runs"]]
    text = json.dumps({"images": described, "cases": cases}).encode()
    if HEAD_BYTES + len(text) > base:
        raise RuntimeError("the description has no room")
    with open(disk, "wb") as file:
        file.write(str(len(text)).encode().ljust(HEAD_BYTES))
        file.write(text)
        file.seek(base)
        for content in contents:
            file.write(content)
        file.truncate(-(-file.tell() // 4096) * 4096)


def kernel_files() -> tuple[Path, Path]:
    root = Path(os.environ.get("VIRT_DF_KERNEL_ROOT", "/"))
    found = sorted((root / "lib/modules").glob("*/modules.dep"))
    if not found:
        raise RuntimeError(f"no kernel with modules below {root}: linux-image-amd64 is not there, or depmod was not run")
    folder = found[-1].parent
    return root / "boot" / f"vmlinuz-{folder.name}", folder


def module_files(folder: Path, names: list[str]) -> list[Path]:
    """The modules with those that they need, in the order in which they are loaded."""
    needs: dict[str, list[str]] = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, others = line.partition(":")
        needs[path] = others.split()
    by_name = {Path(path).name.split(".")[0].replace("-", "_"): path for path in needs}
    order: list[str] = []

    def add(path: str) -> None:
        for other in reversed(needs[path]):
            add(other)
        if path not in order:
            order.append(path)

    for name in names:
        path = by_name.get(name.replace("-", "_"))
        if path is None:
            print(f"no module {name} in {folder.name}", file=sys.stderr)
        else:
            add(path)
    return [folder / path for path in order]


def python_files() -> list[str]:
    """The interpreter, the modules that mountinit.py imports, and the libraries that they need."""
    script = f"{IMPORTS}; import sys; print(*(m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)), sep='\\n')"
    command = ["/usr/bin/python3", "-S", "-E", "-c", script]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    binary = os.path.realpath("/usr/bin/python3")
    libraries: set[str] = set()
    for path in [binary, *(path for path in found if path.endswith(".so"))]:
        printed = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
        libraries |= {word for word in printed.split() if word.startswith("/")}
    return [binary, *found, *sorted(libraries)]


def write_initrd(target: Path, kinds: list[str], work: Path) -> Path:
    kernel, folder = kernel_files()
    tree = work / "initrd"
    for name in ("dev", "proc", "work", "top", "modules", "usr/bin"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    modules = module_files(folder, [*DRIVERS, *SUMS, *CIPHERS, *TABLES, *(MODULE_OF.get(kind, kind) for kind in kinds)])
    for path in [*modules]:
        (tree / "modules" / path.name).write_bytes(path.read_bytes())
    (tree / "modules/order").write_text(" ".join(path.name for path in modules))
    for name in python_files():
        there = tree / name.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(Path(name).read_bytes())
        there.chmod(0o755)
    python = tree / "usr/bin/python3"
    python.unlink(missing_ok=True)
    python.symlink_to(os.path.realpath("/usr/bin/python3"))
    (tree / "init").write_bytes(INIT.read_bytes().replace(b"/usr/bin/python3", b"/usr/bin/python3 -SE", 1))
    (tree / "init").chmod(0o755)
    (tree / "listing.py").write_bytes(LISTING.read_bytes())
    (tree / "f2fswork.py").write_bytes(WORK.read_bytes())
    pack = f"cd '{tree}' && find . | cpio --quiet -o -H newc > '{target}'"
    subprocess.run(["sh", "-c", pack], check=True)
    return kernel


def run(kernel: Path, initrd: Path, disk: Path, first: int) -> Iterator[dict[str, Any]]:
    """The lines that the machine writes, until it ends; `died` if that was before the last case was done."""
    # An emulated machine on a busy host misses ticks: it is not to take that for a fault.
    calm = "no_timer_check nowatchdog rcupdate.rcu_cpu_stall_suppress=1"
    append = f"console=ttyS0 quiet panic=-1 oops=panic {calm} first={first}"
    words = ["nice", "-n", "10", "qemu-system-x86_64", "-m", str(MEMORY_MIB), "-nodefaults", "-no-reboot", "-display", "none"]
    if os.access("/dev/kvm", os.W_OK):
        words += ["-enable-kvm", "-cpu", "host"]
    else:
        words += ["-cpu", "max"]
    words += ["-kernel", str(kernel), "-initrd", str(initrd), "-append", append]
    words += ["-drive", f"file={disk},format=raw,if=virtio,readonly=on"]
    with tempfile.NamedTemporaryFile() as console:
        words += ["-serial", f"file:{console.name}", "-serial", "stdio"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as machine:
            try:
                yield from lines_of(machine, Path(console.name))
            finally:
                machine.kill()


def cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def lines_of(machine: subprocess.Popen[bytes], console: Path) -> Iterator[dict[str, Any]]:
    assert machine.stdout is not None
    with selectors.DefaultSelector() as ready:
        ready.register(machine.stdout, selectors.EVENT_READ)
        rest, has_begun, how = b"", False, "stopped"
        spent, heard = 0.0, time.monotonic()
        while True:
            if not ready.select(LOOK_SECONDS):
                if cpu_seconds(machine.pid) - spent > MAX_CPU_SECONDS or time.monotonic() - heard > MAX_SECONDS:
                    how = "hung"
                    break
                continue
            spent, heard = cpu_seconds(machine.pid), time.monotonic()
            content = os.read(machine.stdout.fileno(), 65536)
            if not content:
                break
            *lines, rest = (rest + content).split(b"\n")
            for line in lines:
                has_begun = True
                yield json.loads(line)
    printed = console.read_text(errors="replace").strip().splitlines()
    if not has_begun:
        raise RuntimeError("the machine did not start: " + "\n".join(printed[-15:]))
    yield {"died": how, "log": " | ".join(line for line in printed if "] " in line)[-1500:]}
