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
from collections.abc import Iterable, Iterator
from pathlib import Path

FIELDS = ('f_frsize', 'f_blocks', 'f_bfree', 'f_bavail', 'f_files', 'f_ffree')
PAGE, PART = 4096, 65536


def statvfs(path: str, kind: str, mode: str) -> list[int] | None:
    """The numbers of a mount of a copy, so that each case begins with the same disk. The device itself is writable."""
    with tempfile.TemporaryDirectory() as folder:
        copy, top = os.path.join(folder, 'copy'), os.path.join(folder, 'top')
        subprocess.run(['cp', path, copy], check=True)
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


def edits_of(before: bytes, after: bytearray) -> Iterator[list]:
    """Runs of changed bytes, as offset and hexadecimal."""
    parts = (at for at in range(0, len(before), PART) if before[at:at + PART] != after[at:at + PART])
    for page in (at for part in parts for at in range(part, min(part + PART, len(before)), PAGE)):
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


def patch(path: str, places: Iterable[tuple[int, bytes]]) -> None:
    """Only what differs is written, so that the holes of the file stay holes."""
    with open(path, 'r+b') as file:
        for at, content in places:
            file.seek(at)
            file.write(content)


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
            changed = bytearray(data)
            for name, change in module.damages(image, data):
                is_possible = change(changed) is not False
                edits = list(edits_of(data, changed))
                for at, new in edits:
                    changed[at:at + len(new) // 2] = data[at:at + len(new) // 2]
                if not is_possible:
                    continue
                patch(raw, ((at, bytes.fromhex(new)) for at, new in edits))
                views = {}
                for view, mode in (('guest', 'rw'), ('mount', 'ro')):
                    views[view] = statvfs(raw, module.KIND, mode)
                    getattr(module, 'forget', lambda: None)()
                patch(raw, ((at, data[at:at + len(new) // 2]) for at, new in edits))
                cases.append({'image': image, 'damage': name, 'edits': edits, **views})
                found = ('refused' if numbers is None else numbers[2] for numbers in views.values())
                print(image, '|', name, '|', *found, flush=True)
    with open(f'images/verdicts-{family}.json', 'w') as file:
        json.dump({'kernel': os.uname().release, 'cases': cases}, file, indent=1)
        file.write('\n')


if __name__ == '__main__':
    main()
