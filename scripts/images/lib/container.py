"""Raw disks -> the compressed qcow2 files of the folder."""

from __future__ import annotations

from pathlib import Path

from lib.image import Container, Guest, Image
from lib.tools import run

# The header, tables and refcounts of a qcow2 take at least five clusters, so small clusters suit
# small images; large ones compress better. The best is found by trying.
CLUSTER_BYTES = (1024, 2048, 4096, 8192, 16384, 65536)


def write_disks(image: Image, guest: Guest, folder: Path) -> list[str]:
    """Convert every disk of the guest that is not missing; returns the file names."""
    if image.write:
        return image.write(guest, folder)
    several = len(guest.disks) > 1
    names = []
    for number, disk in enumerate(guest.disks, start=1):
        if disk.missing:
            continue
        name = f"{image.name}.{number}.qcow2" if several else f"{image.name}.qcow2"
        compress(disk.path, folder / name, image.container)
        names.append(name)
    return names


def compress(raw: Path, target: Path, container: Container = Container()) -> None:
    """Write a compressed qcow2, with the smallest file's cluster size unless one is asked for."""
    sizes = [container.cluster_bytes] if container.cluster_bytes else list(CLUSTER_BYTES)
    candidates = []
    for cluster_bytes in sizes:
        candidate = raw.with_suffix(f".{cluster_bytes}.qcow2")
        options = f"cluster_size={cluster_bytes},compression_type={container.compression}"
        if container.options:
            options += "," + container.options
        convert(raw, candidate, options)
        candidates.append(candidate)
    best = min(candidates, key=lambda path: path.stat().st_size)
    target.write_bytes(best.read_bytes())
    for candidate in candidates:
        candidate.unlink()


def convert(raw: Path, target: Path, options: str) -> None:
    """One thread and in order, so that the same disk gives the same file."""
    run("qemu-img", "convert", "-c", "-m", 1, "-f", "raw", "-O", "qcow2", "-o", options, raw, target)
