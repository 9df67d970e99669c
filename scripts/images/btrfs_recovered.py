#!/usr/bin/env python3
"""The subvolumes of btrfs filesystems in use, as the running kernel has them after it replayed their log, and as btrfs-progs
prints them: images/btrfs-recovered.json.gz. What differs between two mounts (times, numbers of transactions) is left out.

The mount is read-only, on a device that is not, so that the log is replayed and files without a name are not freed. Needs
root, loop devices, qemu-img and btrfs; run it from the top of the repository.
"""

import glob
import gzip
import json
import os
import re
import subprocess
import tempfile

TARGET = 'images/btrfs-recovered.json.gz'
KEY = re.compile(r'\titem \d+ key \((\S+) (\S+) (\S+)\) itemoff')


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, errors='surrogateescape').stdout


def facts(kind: str, lines: list[str]) -> list | None:
    """What an item says, in the order in which it is printed."""
    text = '\n'.join(lines)
    if kind == 'INODE_ITEM':
        size, stored = re.search(r'size (\d+) nbytes (\d+)', text).groups()
        mode, links = re.search(r'mode (\d+) links (\d+)', text).groups()
        return [int(size), int(stored), int(mode, 8), int(links)]
    if kind == 'INODE_REF':
        return [[int(index), name] for index, name in re.findall(r'index (\d+) namelen \d+ name: (.*)', text)]
    if kind in ('DIR_ITEM', 'DIR_INDEX', 'XATTR_ITEM'):
        heads = re.findall(r'location key \((\S+) \S+ \S+\) type (\S+)', text)
        return [[int(inode), word, name] for (inode, word), name in zip(heads, re.findall(r'\t\tname: (.*)', text))]
    if kind == 'EXTENT_DATA':
        inline = re.search(r'inline extent data size \d+ ram_bytes (\d+)', text)
        if inline:
            return [int(inline.group(1))]
        place = re.search(r'disk byte (\d+) nr (\d+)', text).groups()
        return [int(word) for word in (*place, *re.search(r'data offset (\d+) nr (\d+)', text).groups())]
    return None


def items(dump: str) -> list:
    found: list = []
    for block in re.split(r'(?=^\titem )', dump, flags=re.M):
        match = KEY.match(block)
        if match:
            lines = [line for line in block.split('\n')[1:] if line.startswith('\t\t')]
            found.append([' '.join(match.groups()), facts(match.group(2), lines)])
    return found


def recovered(disk: str, work: str) -> dict[str, list]:
    raw, root = f'{work}/raw', f'{work}/root'
    os.mkdir(root)
    run('qemu-img', 'convert', '-O', 'raw', disk, raw)
    device = run('losetup', '--find', '--show', raw).strip()
    try:
        run('mount', '-o', 'ro', device, root)
        numbers = ['5', *re.findall(r'^ID (\d+)', run('btrfs', 'subvolume', 'list', root), flags=re.M)]
        run('umount', root)
    finally:
        run('losetup', '-d', device)
    dump = ('btrfs', 'inspect-internal', 'dump-tree', '-t')
    return {number: items(run(*dump, number, raw)) for number in numbers}


def main() -> None:
    result = {}
    for expected in sorted(glob.glob('images/btrfs-dirty*.expected.json')):
        with open(expected) as file:
            about = json.load(file)
        if len(about['disks']) > 1:
            continue
        with tempfile.TemporaryDirectory() as work:
            result[about['name']] = recovered(f'images/{about["disks"][0]}', work)
        print(about['name'], {number: len(found) for number, found in result[about['name']].items()})
    text = json.dumps({'kernel': os.uname().release, 'images': result})
    with open(TARGET, 'wb') as file:
        file.write(gzip.compress(text.encode(errors='surrogateescape'), 9, mtime=0))


if __name__ == '__main__':
    main()
