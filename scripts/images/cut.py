#!/usr/bin/env python3
"""What Linux says of filesystems whose disk ends before they do: images/cut.json.

Each recorded image is cut to a part of its size and mounted in libguestfs's appliance, read-only and writable: the mount is
refused, or its statvfs is recorded. Needs guestfish, qemu-img and a kernel that has the filesystems as modules (Debian's
linux-image-amd64; SUPERMIN_KERNEL and SUPERMIN_MODULES name one that is not installed). Run it from the top of the repository.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

IMAGES = [
    'iso-plain', 'iso-joliet', 'iso-rockridge', 'udf-hd', 'udf-hd-4k', 'udf-cdr-150', 'udf-cdr-closed',
    'minix-v1-14', 'minix-v2', 'minix-v3', 'f2fs-default', 'f2fs-compression', 'romfs', 'bfs', 'erofs-plain',
    'fat12-4m', 'fat16-16m', 'fat32-34m', 'exfat-default', 'ext4-default', 'xfs-small', 'btrfs-default',
]
PERCENTS = [75, 50, 25]
MODES = ('ro', 'rw')
SECTOR_BYTES = 512
FIELDS = ('frsize', 'blocks', 'bfree', 'bavail', 'files', 'ffree')
OUTPUT = Path('images/cut.json')


def cut(image: str, percent: int, folder: str) -> str:
    path = os.path.join(folder, f'{image}-{percent}.raw')
    subprocess.run(['qemu-img', 'convert', '-O', 'raw', f'images/{image}.qcow2', path], check=True)
    os.truncate(path, cut_bytes(os.path.getsize(path), percent))
    return path


def cut_bytes(size: int, percent: int) -> int:
    return size * percent // 100 // SECTOR_BYTES * SECTOR_BYTES


def mounts(paths: list[str]) -> list[dict]:
    """The numbers of each disk by the mode of the mount; None: it is refused."""
    lines, disks = ['run'], []
    for number, path in enumerate(paths):
        disks += ['-a', path]
        for mode in MODES:
            device = f'/dev/sd{chr(ord("a") + number)}'
            lines += ['echo "== disk"', f'-mount-options {mode} {device} /', '-statvfs /', '-umount-all']
    env = {**os.environ, 'LIBGUESTFS_BACKEND': 'direct'}
    command = ['guestfish', '--ro', *disks]
    result = subprocess.run(command, input='\n'.join(lines) + '\n', capture_output=True, text=True, env=env)
    found = []
    for part in result.stdout.split('== disk\n')[1:]:
        numbers = dict(re.findall(r'^(\w+): (-?\d+)$', part, re.MULTILINE))
        found.append([int(numbers[field]) for field in FIELDS] if numbers else None)
    if len(found) != len(MODES) * len(paths):
        raise RuntimeError(result.stderr[-500:])
    return [dict(zip(MODES, found[at:at + len(MODES)])) for at in range(0, len(found), len(MODES))]


def main() -> None:
    cases = []
    for percent in PERCENTS:
        with tempfile.TemporaryDirectory() as folder:
            paths = [cut(image, percent, folder) for image in IMAGES]
            for image, path, verdict in zip(IMAGES, paths, mounts(paths)):
                cases.append({'image': image, 'sizeBytes': os.path.getsize(path), **verdict})
    OUTPUT.write_text(json.dumps({'fields': list(FIELDS), 'cases': cases}, indent=1) + '\n')


if __name__ == '__main__':
    main()
