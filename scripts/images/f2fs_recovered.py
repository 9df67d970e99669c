#!/usr/bin/env python3
"""The files of F2FS filesystems as the running kernel shows them after it mounted them, which frees orphans and takes over what
was fsynced behind the checkpoint: images/f2fs-recovered.json.gz, or the file that is given. For each path: number of the inode,
mode, size, links, st_blocks, and the SHA-256 of the content (of a link: its target), which is that of the blocks that are not
only zeros, each behind its number (8 bytes, the lowest first), so that a sparse file of terabytes takes no time. Times are left out. Where a
path leads to another file than its entry names (`keep` beside `KEEP` in a folded directory) there is the inode alone.

The mount is read-only, on a device that is not, so that nothing is freed or written but by the recovery. Needs root, loop
devices, qemu-img and a kernel with F2FS; run it from the top of the repository.
"""

import errno
import glob
import gzip
import hashlib
import json
import os
import stat
import subprocess
import sys
import tempfile

TARGET = 'images/f2fs-recovered.json.gz'
BLOCK_BYTES = 4096


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def digest(path: str) -> str:
    found = hashlib.sha256()
    with open(path, 'rb', buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        at = 0
        while at < size:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA) // BLOCK_BYTES * BLOCK_BYTES
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                break  # a hole up to the end
            end = os.lseek(file.fileno(), at, os.SEEK_HOLE)
            while at < end:
                block = os.pread(file.fileno(), BLOCK_BYTES, at).ljust(BLOCK_BYTES, b'\0')
                if any(block):
                    found.update((at // BLOCK_BYTES).to_bytes(8, 'little') + block)
                at += BLOCK_BYTES
    return found.hexdigest()


def content(path: str, mode: int) -> str | None:
    """None: it is no file that has content, or the content cannot be read (encrypted, without a key)."""
    try:
        if stat.S_ISLNK(mode):
            return hashlib.sha256(os.readlink(path).encode(errors='surrogateescape')).hexdigest()
        if not stat.S_ISREG(mode):
            return None
        return digest(path)
    except OSError:
        return None


def facts(name: str, path: str, number: int) -> list:
    about = os.lstat(path)
    if about.st_ino != number:
        return [name, number]
    return [name, number, about.st_mode, about.st_size, about.st_nlink, about.st_blocks, content(path, about.st_mode)]


def files(root: str) -> list:
    found = [facts('/', root, os.lstat(root).st_ino)]
    for folder, _, _ in os.walk(root):
        with os.scandir(folder) as entries:
            found += [facts(entry.path[len(root) :], entry.path, entry.inode()) for entry in entries]
    return sorted(found, key=lambda file: file[0])


def recovered(disk: str, work: str) -> list | None:
    """None: this kernel does not mount it."""
    raw, root = f'{work}/raw', f'{work}/root'
    os.mkdir(root)
    run('qemu-img', 'convert', '-O', 'raw', disk, raw)
    device = run('losetup', '--find', '--show', raw).strip()
    try:
        if subprocess.run(('mount', '-t', 'f2fs', '-o', 'ro', device, root)).returncode != 0:
            return None
        found = files(root)
        run('umount', root)
        return found
    finally:
        run('losetup', '-d', device)


def main() -> None:
    result = {}
    for expected in sorted(glob.glob('images/f2fs-*.expected.json')):
        with open(expected) as file:
            about = json.load(file)
        if len(about['disks']) > 1:
            continue
        with tempfile.TemporaryDirectory() as work:
            found = recovered(f'images/{about["disks"][0]}', work)
        print(about['name'], None if found is None else len(found), flush=True)
        if found is not None:
            result[about['name']] = found
    text = json.dumps({'kernel': os.uname().release, 'images': result})
    with open(sys.argv[1] if len(sys.argv) > 1 else TARGET, 'wb') as file:
        file.write(gzip.compress(text.encode(errors='surrogateescape'), 9, mtime=0))


if __name__ == '__main__':
    main()
