#!/usr/bin/env python3
"""The files of ext filesystems in use, as the running kernel has them after it replayed their journal: images/ext-recovered.json.gz.
Each path with its inode, mode, links, size and a hash of its content.

Needs root, loop devices and qemu-img; run it from the top of the repository.
"""

import glob
import gzip
import hashlib
import json
import os
import stat
import subprocess
import tempfile

TARGET = 'images/ext-recovered.json.gz'


def content(path: str, mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return os.readlink(path)
    if not stat.S_ISREG(mode):
        return None
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]


def files(root: str) -> dict[str, list]:
    found = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            key = os.path.relpath(path, root)
            found[key] = [facts.st_ino, facts.st_mode, facts.st_nlink, facts.st_size, content(path, facts.st_mode)]
    return dict(sorted(found.items()))


def main() -> None:
    recorded = {}
    for expected in sorted(glob.glob('images/ext[34]-*.expected.json')):
        with open(expected) as file:
            facts = json.load(file)
        if len(facts['disks']) > 1 or not facts['filesystems'][0].get('stale'):
            continue
        name = facts['name']
        with tempfile.TemporaryDirectory() as work:
            raw, root = f'{work}/raw', f'{work}/root'
            os.mkdir(root)
            subprocess.run(['qemu-img', 'convert', '-O', 'raw', f'images/{facts["disks"][0]}', raw], check=True)
            if subprocess.run(['mount', '-o', 'loop,noatime', raw, root], capture_output=True).returncode != 0:
                print(name, 'is not mounted')
                continue
            try:
                recorded[name] = files(root)
            except OSError as error:
                print(name, error)
            finally:
                subprocess.run(['umount', root], check=True)
        print(name, len(recorded.get(name, {})))
    text = json.dumps({'kernel': os.uname().release, 'images': recorded})
    with open(TARGET, 'wb') as file:
        file.write(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == '__main__':
    main()
