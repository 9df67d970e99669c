#!/usr/bin/env python3
"""What the kernel says of filesystems that are damaged in one place: images/verdicts-ext.json and so on.

Each case is a recorded image with some bytes changed, and checksums made right again. The running kernel is asked to mount it,
writable and read-only (root, loop devices): it refuses, or its statvfs is recorded. Needs qemu-img; run it from the top of the
repository (`verdicts.py ext`), and then `npx biome check --write` on what it wrote.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FIELDS = ('f_frsize', 'f_blocks', 'f_bfree', 'f_bavail', 'f_files', 'f_ffree')
PAGE = 4096


def statvfs(path: str, kind: str, mode: str) -> list[int] | None:
    """The numbers of a mount of a copy, so that each case begins with the same disk. The device itself is writable."""
    with tempfile.TemporaryDirectory() as folder:
        copy, top = os.path.join(folder, 'copy'), os.path.join(folder, 'top')
        subprocess.run(['cp', '--sparse=always', path, copy], check=True)
        os.mkdir(top)
        device = subprocess.run(['losetup', '-f', '--show', copy], capture_output=True, text=True, check=True).stdout.strip()
        try:
            command = ['mount', '-t', kind, '-o', mode, device, top]
            if subprocess.run(command, capture_output=True).returncode != 0:
                return None
            answer = os.statvfs(top)
            subprocess.run(['umount', top], check=True)
        finally:
            subprocess.run(['losetup', '-d', device], check=True)
        # mount(8) tries a read-only mount where a writable one is refused with EROFS or EACCES.
        if mode == 'rw' and answer.f_flag & os.ST_RDONLY:
            return None
    return [getattr(answer, field) for field in FIELDS]


def edits_of(before: bytes, after: bytes) -> Iterator[list]:
    """Runs of changed bytes, as offset and hexadecimal."""
    for page in range(0, len(before), PAGE):
        old, new = before[page:page + PAGE], after[page:page + PAGE]
        if old == new:
            continue
        at = 0
        while at < len(old):
            if old[at] == new[at]:
                at += 1
                continue
            end = at
            while end < len(old) and old[end] != new[end]:
                end += 1
            yield [page + at, new[at:end].hex()]
            at = end


def main() -> None:
    family = sys.argv[1]
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    module = importlib.import_module(f'verdicts_{family}')
    cases = []
    with tempfile.TemporaryDirectory() as work:
        raw = os.path.join(work, 'raw')
        for image in module.IMAGES:
            subprocess.run(['qemu-img', 'convert', '-O', 'raw', f'images/{image}.qcow2', raw], check=True)
            with open(raw, 'rb') as file:
                data = file.read()
            for name, change in module.damages(image, data):
                changed = bytearray(data)
                if change(changed) is False:
                    continue
                with open(raw, 'wb') as file:
                    file.write(changed)
                views = {view: statvfs(raw, module.KIND, mode) for view, mode in (('guest', 'rw'), ('mount', 'ro'))}
                cases.append({'image': image, 'damage': name, 'edits': list(edits_of(data, bytes(changed))), **views})
                print(image, '|', name, '|', *('refused' if found is None else found[2] for found in views.values()))
    with open(f'images/verdicts-{family}.json', 'w') as file:
        json.dump({'kernel': os.uname().release, 'cases': cases}, file, indent=1)
        file.write('\n')


if __name__ == '__main__':
    main()
