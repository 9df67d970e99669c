"""Builds images, asks the kernels about them, and writes each with its expectation beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lib import appliance, pages64k
from lib.container import write_disks
from lib.image import Guest, Image, Part
from lib.oracle import local_kernel, local_views, part_identity
from lib.tools import package_version
from lib.xfslog import blank_stamps


def build_all(images: list[Image], work: Path, folder: Path, cross_check: bool) -> int:
    """Build and record; returns the number of images that failed."""
    guests: dict[str, Guest] = {}
    failures = 0
    for image in images:
        directory = work / image.name
        directory.mkdir()
        guest = Guest(directory)
        try:
            image.build(guest)
            guests[image.name] = guest
        except Exception as error:  # one family's failure must not stop the others
            failures += report(image, error)
    made = [image for image in images if image.name in guests]
    failures += work_in_appliance([image for image in made if image.in_appliance], guests)
    large = [image for image in made if image.kernel == "64k"]
    if large:
        pages64k.fill([guests[image.name] for image in large], kinds(large, guests))
    found: dict[str, dict[str, Any]] = {}
    asked: list[Image] = []
    for image in made:
        guest = guests[image.name]
        for disk in guest.disks:
            blank_stamps(disk.path)
        found[image.name] = describe_locally(image, guest)
        if image.kernel == "64k":
            continue
        needs = any("guest" not in row for row in found[image.name]["filesystems"])
        if needs or cross_check or not all(part.disk for part in guest.volumes):
            asked.append(image)
    if large:
        ask_64k(large, guests, found)
    for batch in batches(asked, guests):
        ask_appliance(batch, guests, found)
    for image in made:
        try:
            write(image, guests[image.name], found[image.name], folder)
        except Exception as error:
            failures += report(image, error)
    return failures


def kinds(images: list[Image], guests: dict[str, Guest]) -> list[str]:
    """The type of each guest's one filesystem."""
    return [part_identity(guests[image.name].filesystems[0])["type"] or "" for image in images]


def ask_64k(images: list[Image], guests: dict[str, Guest], found: dict[str, dict[str, Any]]) -> None:
    kernel, answers = pages64k.ask([guests[image.name] for image in images], kinds(images, guests))
    for image, views in zip(images, answers):
        found[image.name]["filesystems"][0] |= views
        found[image.name]["kernels"].add(kernel)


def report(image: Image, error: Exception) -> int:
    print(f"{image.name}: {error}", file=sys.stderr)
    return 1


def batches(images: list[Image], guests: dict[str, Guest]) -> list[list[Image]]:
    """As few starts of the appliance as its limit on disks allows."""
    result: list[list[Image]] = []
    count = appliance.MAXIMUM_DISKS
    for image in images:
        disks = len(guests[image.name].disks)
        if count + disks > appliance.MAXIMUM_DISKS:
            result.append([])
            count = 0
        result[-1].append(image)
        count += disks
    return result


def work_in_appliance(images: list[Image], guests: dict[str, Guest]) -> int:
    failures = 0
    for batch in batches(images, guests):
        batch_guests = [guests[image.name] for image in batch]
        with appliance.appliance(batch_guests, writable=True, with_missing=True) as (handle, names):
            for image, guest, own in zip(batch, batch_guests, names):
                try:
                    assert image.in_appliance is not None
                    image.in_appliance(handle, guest, own)
                except Exception as error:
                    failures += report(image, error)
                    guest.facts["failed"] = True
    return failures


def describe_locally(image: Image, guest: Guest) -> dict[str, Any]:
    """Identities from blkid, and numbers where this machine's kernel can mount."""
    filesystems = []
    kernels: set[str] = set()
    for part in guest.filesystems:
        row: dict[str, Any] = {"device": part.device}
        if part.disk:
            row |= part_identity(part)
            if image.kernel == "any":
                try:
                    row |= local_views(guest, part, row["type"])
                    kernels.add(local_kernel())
                except RuntimeError as error:
                    print(f"{image.name}: {error}; the appliance is asked", file=sys.stderr)
        if part.notes:
            row["notes"] = part.notes
        filesystems.append(row)
    volumes = [{"device": part.device, **part_identity(part)} for part in guest.volumes if part.disk]
    return {"kernels": kernels, "filesystems": filesystems, "volumes": volumes, "differences": []}


def ask_appliance(batch: list[Image], guests: dict[str, Guest], found: dict[str, dict[str, Any]]) -> None:
    """Numbers for the rows that have none yet, a comparison for those that have."""
    with appliance.appliance([guests[image.name] for image in batch], writable=False) as (handle, names):
        kernel = appliance.kernel(handle)
        for image, own in zip(batch, names):
            answer = found[image.name]
            if guests[image.name].activate:
                appliance.shell(handle, guests[image.name].activate)
            for part, row in zip(guests[image.name].filesystems, answer["filesystems"]):
                try:
                    ask_one(handle, part, own, row, answer, kernel)
                except RuntimeError as error:
                    print(f"{image.name} {part.device}: {kernel}: {error}", file=sys.stderr)
            for part in guests[image.name].volumes:
                if not part.disk:
                    volume = {"device": part.device, **device_identity(handle, part.device)}
                    answer["volumes"].append(volume)


def ask_one(
    handle: Any, part: Part, own: dict[str, str], row: dict[str, Any], answer: dict[str, Any], kernel: str
) -> None:
    if not part.disk:
        row |= device_identity(handle, part.device)
    views = appliance.views(handle, part, own, row["type"])
    if "guest" not in row:
        row |= views
        answer["kernels"].add(kernel)
        return
    different = {view: numbers for view, numbers in views.items() if numbers != row[view]}
    if different:
        answer["differences"].append({"device": part.device, "kernel": kernel, **different})
    else:
        answer["kernels"].add(kernel)


def device_identity(handle: Any, device: str) -> dict[str, str | None]:
    return {
        "type": handle.vfs_type(device) or None,
        "label": handle.vfs_label(device) or None,
        "uuid": handle.vfs_uuid(device) or None,
    }


def write(image: Image, guest: Guest, answer: dict[str, Any], folder: Path) -> None:
    """The image and NAME.expected.json; nothing is written for a filesystem without numbers."""
    if guest.facts.pop("failed", False):
        return
    for part, row in zip(guest.filesystems, answer["filesystems"]):
        if "guest" not in row:
            raise RuntimeError(f"no kernel mounts {part.device}")
        if part.stale:
            row["stale"] = True
    expectation: dict[str, Any] = {
        "name": image.name,
        "disks": write_disks(image, guest, folder),
        "made_by": image.made_by,
        "oracle": {
            "kernel": ", ".join(sorted(answer["kernels"])),
            "tools": {package: package_version(package) for package in image.packages},
        },
        "filesystems": answer["filesystems"],
        "volumes": answer["volumes"],
    }
    sectors = {disk.sector_bytes for disk in guest.disks}
    if sectors != {512}:
        expectation["sector_bytes"] = max(sectors)
    if guest.partitions:
        expectation["partitions"] = guest.partitions
    if answer["differences"]:
        expectation["other_kernels"] = answer["differences"]
    expectation |= guest.facts
    text = json.dumps(expectation, indent=2, ensure_ascii=False)
    (folder / f"{image.name}.expected.json").write_text(text + "\n")
    size = sum((folder / name).stat().st_size for name in expectation["disks"])
    print(f"{image.name}: {size // 1024} KiB, {len(answer['filesystems'])} filesystems")
