"""The same filesystem in other kinds of qcow2: backing chains, a data file, odd cluster sizes.

References: qemu-img(1), docs/interop/qcow2.rst of QEMU.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ext
from lib.container import convert
from lib.fill import fill
from lib.image import MIB, Guest, Image
from lib.mounting import loop, mounted
from lib.tools import run, sparse_copy

PACKAGES = ("e2fsprogs", "qemu-utils")
NUMBER = 960


def build(guest: Guest) -> None:
    """An ext4 that is filled twice; a copy of the first state is kept for the chains."""
    disk = guest.add_disk(16 * MIB)
    ext.make(disk.path, NUMBER, "-t ext4 -b 1024", label="contained")
    for share in (0.2, 0.4):
        with loop(disk.path) as device, mounted(device) as root:
            (root / f"{share}").mkdir()
            fill(root / f"{share}", 20, share)
        if share == 0.2:
            sparse_copy(disk.path, disk.path.with_suffix(".before"))
    guest.add_filesystem(disk)


def build_small(guest: Guest) -> None:
    """For the kinds that qemu-img cannot compress."""
    disk = guest.add_disk(MIB // 4)
    ext.make(disk.path, NUMBER, "-t ext4 -b 1024 -O ^has_journal -N 40", label="contained")
    with loop(disk.path) as device, mounted(device) as root:
        fill(root, 12)
    guest.add_filesystem(disk)


def chain(length: int, cluster_bytes: int) -> Image:
    """NAME.base.qcow2 with the first state, empty layers, NAME.qcow2 with what differs."""
    name = f"qcow2-chain-{length}"

    def write(guest: Guest, folder: Path) -> list[str]:
        raw = guest.disks[0].path
        below = f"{name}.base.qcow2"
        convert(raw.with_suffix(".before"), folder / below, f"cluster_size={cluster_bytes}")
        for layer in range(2, length):
            above = f"{name}.{layer}.qcow2"
            run(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                "qcow2",
                "-b",
                below,
                "-o",
                "cluster_size=4096",
                folder / above,
            )
            below = above
        work = guest.directory / "top.qcow2"
        options = f"cluster_size={cluster_bytes}"
        run(
            "qemu-img",
            "convert",
            "-c",
            "-m",
            1,
            "-O",
            "qcow2",
            "-o",
            options,
            "-B",
            folder / below,
            "-F",
            "qcow2",
            raw,
            work,
        )
        run("qemu-img", "rebase", "-u", "-F", "qcow2", "-b", below, work)
        (folder / f"{name}.qcow2").write_bytes(work.read_bytes())
        return [f"{name}.qcow2"]

    return Image(name, build, PACKAGES, write=write)


def data_file(raw_external: str) -> Image:
    """The guest's data in NAME.data; the qcow2 has only tables, or (raw) not even those count."""
    name = "qcow2-data-file" + ("-raw" if raw_external == "on" else "")

    def write(guest: Guest, folder: Path) -> list[str]:
        for suffix in ("qcow2", "data"):
            (folder / f"{name}.{suffix}").unlink(missing_ok=True)
        options = f"cluster_size=4096,data_file={name}.data,data_file_raw={raw_external}"
        # qemu-img takes the name relative to the image, but creates it relative to where it runs.
        script = f"cd '{folder}' && qemu-img convert -m 1 -O qcow2 -o {options} '{guest.disks[0].path}' {name}.qcow2"
        run("sh", "-c", script)
        return [f"{name}.qcow2"]

    return Image(name, build_small, PACKAGES, write=write)


def plain(name: str, options: str, compressed: bool = True, first: Callable[[Guest], None] = build) -> Image:
    def write(guest: Guest, folder: Path) -> list[str]:
        target = folder / f"{name}.qcow2"
        if compressed:
            convert(guest.disks[0].path, target, options)
        else:
            run("qemu-img", "convert", "-m", 1, "-O", "qcow2", "-o", options, guest.disks[0].path, target)
        return [target.name]

    return Image(name, first, PACKAGES, write=write)


def images() -> list[Image]:
    return [
        chain(2, 4096),
        chain(4, 1024),
        plain("qcow2-512", "cluster_size=512"),
        data_file("off"),
        data_file("on"),
        plain("qcow2-v2", "cluster_size=4096,compat=0.10"),
        plain("qcow2-zstd", "cluster_size=16k,compression_type=zstd"),
        plain("qcow2-extended-l2", "cluster_size=16k,extended_l2=on", compressed=False, first=build_small),
    ]
