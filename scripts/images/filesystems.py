#!/usr/bin/env python3
"""What libguestfs's virt-filesystems lists of recorded images: images/virt-filesystems.json.

Each guest is given alone, with all of its disks, in their order. Needs guestfs-tools and a kernel in /boot; run it from the top of
the repository (`filesystems.py [GUEST...]`), and then `npx biome check --write` on what it wrote.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

# Debian's cloud kernel has neither f2fs nor minix, of which it would give the device's size.
GUESTS = [
    'gpt-ext4', 'gpt-xfs', 'gpt-200-entries', 'gpt-enlarged', 'mbr-logical', 'mbr-primary', 'fat-partitions',
    'lvm-linear', 'lvm-moved', 'lvm-segments', 'lvm-striped', 'luks1-partition', 'luks2-in-group',
    'btrfs-subvolumes', 'btrfs-snapshots', 'btrfs-raid1', 'xfs-default', 'ext4-default', 'ntfs-label', 'iso-joliet', 'iso-rockridge',
    'swap-4k', 'squashfs-gzip', 'exfat-default', 'udf-hd',
]
OUTPUT = Path('images/virt-filesystems.json')


def images_of(guest: str) -> list[str]:
    own = re.compile(re.escape(guest) + r'(?:\.(\d+))?\.qcow2')
    found = [path for path in Path('images').iterdir() if own.fullmatch(path.name)]
    return [str(path) for path in sorted(found)]


def listed(guest: str) -> list[dict]:
    disks = [word for image in images_of(guest) for word in ('-a', image)]
    command = ['virt-filesystems', '--all', '--long', '--uuid', '--csv', *disks]
    env = {**os.environ, 'LIBGUESTFS_BACKEND': 'direct'}
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    return [{key.lower(): value for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


def main() -> None:
    known = json.loads(OUTPUT.read_text())['guests'] if OUTPUT.exists() else {}
    for guest in sys.argv[1:] or GUESTS:
        try:
            known[guest] = listed(guest)
        except subprocess.CalledProcessError as error:
            print(guest, error.stderr[-300:], file=sys.stderr)
        version = subprocess.run(['virt-filesystems', '--version'], capture_output=True, text=True, check=True).stdout.strip()
        OUTPUT.write_text(json.dumps({'tool': version, 'guests': dict(sorted(known.items()))}, indent=1) + '\n')
        print(guest, len(known.get(guest, [])))


if __name__ == '__main__':
    main()
