#!/usr/bin/env python3
"""What the kernel says of ext4 filesystems in use whose journal is damaged: images/ext-damaged-journals.json.

Each case is a recorded image with some bytes changed. The running kernel is asked to mount it (root, loop devices): either it
refuses, or its statvfs is recorded. Needs qemu-img and debugfs; run it from the top of the repository, and then
`npx biome check --write` on what it wrote.
"""

import json
import os
import struct
import subprocess
import tempfile

FOLDER = 'images'
TARGET = 'images/ext-damaged-journals.json'
IMAGES = ['ext4-dirty', 'ext4-dirty-csum-v1', 'ext4-dirty-csum-v2', 'ext4-dirty-1k', 'ext3-dirty', 'ext4-dirty-fast-commit']
MAGIC = bytes.fromhex('c03b3998')
DESCRIPTOR, COMMIT, SUPERBLOCK = 1, 2, 4
CHECKSUM_AT = 0xFC


def crc32c(data: bytes, crc: int = 0xFFFFFFFF) -> int:
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc


class Journal:
    """The journal within a filesystem, by the blocks that debugfs names."""

    def __init__(self, path: str, data: bytes):
        self.data = data
        self.block_size = 1024 << struct.unpack_from('<I', data, 1024 + 24)[0]
        listing = subprocess.run(['debugfs', '-R', 'blocks <8>', path], capture_output=True, text=True, check=True)
        self.blocks = [int(word) for word in listing.stdout.split()]
        # The map's own blocks come before what they name.
        first = next(i for i, block in enumerate(self.blocks) if self.kind(block) == SUPERBLOCK)
        self.superblock = self.blocks[first] * self.block_size
        self.sequence, self.start = struct.unpack_from('>II', data, self.superblock + 24)

    def kind(self, block: int) -> int | None:
        at = block * self.block_size
        if self.data[at:at + 4] != MAGIC:
            return None
        return struct.unpack_from('>I', self.data, at + 4)[0]

    def first(self, kind: int) -> int:
        """The first block of the oldest transaction that is of this kind, in bytes."""
        for block in self.blocks:
            at = block * self.block_size
            if self.kind(block) == kind and struct.unpack_from('>I', self.data, at + 8)[0] == self.sequence:
                return at
        raise LookupError(kind)

    def sealed(self, changes: dict[int, bytes]) -> dict[int, bytes]:
        """Changes of the superblock, with its checksum right again."""
        block = bytearray(self.data[self.superblock:self.superblock + 1024])
        for at, new in changes.items():
            block[at:at + len(new)] = new
        if block[0x50] != 4:
            return {self.superblock + at: new for at, new in changes.items()}
        block[CHECKSUM_AT:CHECKSUM_AT + 4] = bytes(4)
        checksum = struct.pack('>I', crc32c(bytes(block)))
        return {self.superblock + at: new for at, new in {**changes, CHECKSUM_AT: checksum}.items()}

    def flipped(self, at: int) -> dict[int, bytes]:
        return {at: bytes([self.data[at] ^ 0xFF])}

    def damages(self) -> dict[str, dict[int, bytes]]:
        descriptor, commit = self.first(DESCRIPTOR), self.first(COMMIT)
        incompat = struct.unpack_from('>I', self.data, self.superblock + 0x28)[0]
        return {
            'nothing': {},
            "the superblock's magic number": self.flipped(self.superblock),
            "the superblock's number of the first transaction": self.sealed({24: struct.pack('>I', self.sequence + 100)}),
            "the superblock's first block, beyond the journal": self.sealed({28: struct.pack('>I', 0x7FFFFFFF)}),
            'a feature that nobody knows': self.sealed({0x28: struct.pack('>I', incompat | 0x40000000)}),
            "the end of the first transaction's descriptor": self.flipped(descriptor + self.block_size - 1),
            "the magic number of the first transaction's descriptor": self.flipped(descriptor),
            "the first transaction's commit": self.flipped(commit + 0x10 + 3),
            "the magic number of the first transaction's commit": self.flipped(commit),
            "the first transaction's first copy": self.flipped(descriptor + self.block_size + 100),
        }


def statvfs_after_mount(path: str) -> dict | None:
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(['mount', '-o', 'loop', path, folder], capture_output=True).returncode != 0:
            return None
        try:
            answer = os.statvfs(folder)
        finally:
            subprocess.run(['umount', folder], check=True)
    return {key: getattr(answer, key) for key in ('f_frsize', 'f_blocks', 'f_bfree', 'f_bavail', 'f_files', 'f_ffree')}


def main() -> None:
    cases = []
    with tempfile.TemporaryDirectory() as work:
        raw = os.path.join(work, 'raw')
        for image in IMAGES:
            subprocess.run(['qemu-img', 'convert', '-O', 'raw', f'{FOLDER}/{image}.qcow2', raw], check=True)
            with open(raw, 'rb') as file:
                data = file.read()
            for name, edits in Journal(raw, data).damages().items():
                changed = bytearray(data)
                for at, new in edits.items():
                    changed[at:at + len(new)] = new
                with open(raw, 'wb') as file:
                    file.write(changed)
                statvfs = statvfs_after_mount(raw)
                cases.append({
                    'image': image,
                    'damaged': name,
                    'edits': [[at, new.hex()] for at, new in edits.items()],
                    'statvfs': statvfs,
                })
                print(image, '|', name, '|', 'refused' if statvfs is None else statvfs['f_bfree'])
    with open(TARGET, 'w') as file:
        json.dump({'kernel': os.uname().release, 'cases': cases}, file, indent=1)
        file.write('\n')


if __name__ == '__main__':
    main()
