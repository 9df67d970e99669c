"""Changes to a UDF volume that no tool makes, with the checksums that they need.

References: ECMA-167 parts 3 and 4; OSTA UDF 2.60, 2.2.9, 2.2.12, 2.2.13.
"""

from __future__ import annotations

import binascii
import struct
from pathlib import Path

TAG_ANCHOR, TAG_PARTITION, TAG_LOGICAL, TAG_END, TAG_INTEGRITY = 2, 5, 6, 8, 9
TAG_SPACE_BITMAP, TAG_FILE_ID = 264, 257
BLOCK_SIZES = (512, 1024, 2048, 4096)
MAPS = 440


class Disc:
    """One partition of a volume and its logical volume, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.block_bytes = next(size for size in BLOCK_SIZES if self.is_anchor(size))
        anchor = self.read(256)
        self.sequences = [struct.unpack_from("<II", anchor, at)[::-1] for at in (16, 24)]
        self.logical = self.find(TAG_LOGICAL)[0]
        partition = self.read(self.find(TAG_PARTITION)[0])
        self.start, self.length = struct.unpack_from("<II", partition, 188)
        self.bitmap = struct.unpack_from("<I", partition, 68)[0]
        self.integrity = struct.unpack_from("<I", self.read(self.logical), 436)[0]

    def is_anchor(self, block_bytes: int) -> bool:
        self.block_bytes = block_bytes
        tag = self.read(256)
        return struct.unpack_from("<H", tag)[0] == TAG_ANCHOR and struct.unpack_from("<I", tag, 12)[0] == 256

    def read(self, block: int, count: int = 1) -> bytearray:
        with open(self.path, "rb") as file:
            file.seek(block * self.block_bytes)
            return bytearray(file.read(count * self.block_bytes))

    def write(self, block: int, content: bytes) -> None:
        with open(self.path, "r+b") as file:
            file.seek(block * self.block_bytes)
            file.write(content)

    def write_sealed(self, block: int, content: bytearray, location: int | None = None) -> None:
        self.write(block, seal(content, block if location is None else location))

    def find(self, kind: int) -> list[int]:
        """The blocks with such a descriptor, of the main and of the reserve sequence."""
        found = []
        for first, length in self.sequences:
            for block in range(first, first + length // self.block_bytes):
                ident = struct.unpack_from("<H", self.read(block))[0]
                if ident == TAG_END:
                    break
                if ident == kind:
                    found.append(block)
        return found

    def is_open(self) -> bool:
        return struct.unpack_from("<I", self.read(self.integrity), 28)[0] == 0

    def free(self) -> int:
        return struct.unpack_from("<I", self.read(self.integrity), 80)[0]

    def set_free(self, blocks: int) -> None:
        content = self.read(self.integrity)
        struct.pack_into("<I", content, 80, blocks)
        self.write_sealed(self.integrity, content)

    def damage_main_sequence(self) -> None:
        """The CRC of its first descriptor is wrong."""
        first = self.sequences[0][0]
        content = self.read(first)
        content[480] ^= 1
        self.write(first, content)

    def strip_last_entry(self) -> None:
        """The file entry in the last block, which has its content, loses its extended attributes."""
        last = self.path.stat().st_size // self.block_bytes - 1
        content = self.read(last)
        attributes, length = struct.unpack_from("<II", content, 168)
        kept = content[176 + attributes : 176 + attributes + length]
        content[168:] = struct.pack("<II", 0, length) + kept + bytes(len(content) - 176 - length)
        self.write_sealed(last, content, last - self.start)

    def replace_first_packet(self) -> None:
        table_map = self.read(self.logical)[MAPS:]
        packet = struct.unpack_from("<H", table_map, 40)[0]
        tables = struct.unpack_from(f"<{table_map[42]}I", table_map, 48)
        for block in tables:
            table = self.read(block)
            struct.pack_into("<I", table, 56, 0)
            spare = struct.unpack_from("<I", table, 60)[0]
            self.write_sealed(block, table)
        self.write(spare, self.read(self.start, packet))
        self.write(self.start, b"worn" * (packet * self.block_bytes // 4))


def seal(content: bytearray, location: int) -> bytearray:
    """With its place, its CRC over as many bytes as before, and its checksum."""
    struct.pack_into("<I", content, 12, location)
    length = struct.unpack_from("<H", content, 10)[0]
    struct.pack_into("<H", content, 8, binascii.crc_hqx(bytes(content[16 : 16 + length]), 0))
    content[4] = sum(content[:4] + content[5:16]) % 256
    return content


# The metadata file of `with_metadata_partition`: in two pieces, neither where its blocks would be by their numbers.
AREA, FIRST_PIECE, SECOND_PIECE, PIECE_BLOCKS = 640, 648, 656, 31
FILES, BITMAP_CONTENT, USED_BLOCKS = 704, 712, 128
MAIN, MIRROR, BITMAP = 250, 251, 252
# The moved file set and directory stay where they were; the area has 32 blocks of metadata, three entries and a bitmap.
LEFT_BLOCKS = 2 + USED_BLOCKS - 1 - PIECE_BLOCKS - 3 - 1


def with_metadata_partition(path: Path) -> None:
    """The file set and the root directory move into a metadata partition, as of UDF 2.50."""
    disc = Disc(path)
    file_set, root = root_of(disc)
    move_tree(disc, file_set, root)
    for number, kind in enumerate((MAIN, MIRROR, BITMAP)):
        write_file_entry(disc, root, FILES + number, kind)
    write_metadata_bitmap(disc)
    add_map(disc)
    grow_integrity(disc)
    take_blocks(disc)


def wipe_metadata_file(path: Path) -> None:
    """The main one; its mirror stays."""
    disc = Disc(path)
    disc.write(disc.start + FILES, bytes(disc.block_bytes))


def root_of(disc: Disc) -> tuple[bytearray, bytearray]:
    block = struct.unpack_from("<I", disc.read(disc.logical), 252)[0]
    file_set = disc.read(disc.start + block)
    root = disc.read(disc.start + struct.unpack_from("<I", file_set, 404)[0])
    return file_set, root


def move_tree(disc: Disc, file_set: bytearray, root: bytearray) -> None:
    """The file set is block 0 of the partition, the root directory block 1; its one entry is its parent, itself."""
    struct.pack_into("<IH", file_set, 404, 1, 1)
    struct.pack_into("<H", file_set, 240 + 24 + 176, 0)
    disc.write_sealed(disc.start + FIRST_PIECE, file_set, 0)
    at = 216 + struct.unpack_from("<I", root, 208)[0]
    length = struct.unpack_from("<I", root, 212)[0]
    entry = root[at : at + length]
    assert struct.unpack_from("<H", entry)[0] == TAG_FILE_ID
    struct.pack_into("<IH", entry, 24, 1, 1)
    moved = bytearray(root)
    moved[at : at + length] = seal(entry, 1)
    disc.write_sealed(disc.start + SECOND_PIECE, moved, 1)


def write_file_entry(disc: Disc, root: bytearray, block: int, kind: int) -> None:
    size = disc.block_bytes
    pieces = [(size, FIRST_PIECE), (PIECE_BLOCKS * size, SECOND_PIECE)]
    if kind == BITMAP:
        pieces = [(size, BITMAP_CONTENT)]
    content = bytearray(size)
    content[:216] = root[:216]
    content[27] = kind
    struct.pack_into("<H", content, 34, 0)  # short allocation descriptors
    struct.pack_into("<H", content, 48, 0)  # no links
    length = sum(length for length, _ in pieces)
    struct.pack_into("<QQQ", content, 56, length, length, length // size)
    struct.pack_into("<II", content, 208, 0, 8 * len(pieces))
    for number, piece in enumerate(pieces):
        struct.pack_into("<II", content, 216 + 8 * number, *piece)
    struct.pack_into("<H", content, 10, 200 + 8 * len(pieces))
    disc.write_sealed(disc.start + block, content, block)


def write_metadata_bitmap(disc: Disc) -> None:
    content = bytearray(disc.block_bytes)
    content[:16] = disc.read(disc.start + disc.bitmap)[:16]
    bits = 1 + PIECE_BLOCKS
    struct.pack_into("<II", content, 16, bits, bits // 8)
    content[24 : 24 + bits // 8] = b"\xfc" + b"\xff" * (bits // 8 - 1)
    disc.write_sealed(disc.start + BITMAP_CONTENT, content, 0)


def add_map(disc: Disc) -> None:
    """In both sequences."""
    new = bytearray(64)
    struct.pack_into("<BB", new, 0, 2, 64)
    new[5:28] = b"*UDF Metadata Partition"
    struct.pack_into("<HBB", new, 28, 0x0250, 4, 5)
    struct.pack_into("<HH", new, 36, 1, 0)
    struct.pack_into("<IIIIHB", new, 40, FILES, FILES + 1, FILES + 2, 32, 1, 0)
    for block in disc.find(TAG_LOGICAL):
        content = disc.read(block)
        struct.pack_into("<H", content, 240, 0x0250)
        struct.pack_into("<IH", content, 252, 0, 1)
        struct.pack_into("<II", content, 264, 6 + 64, 2)
        content[MAPS + 6 : MAPS + 6 + 64] = new
        struct.pack_into("<H", content, 10, MAPS + 6 + 64 - 16)
        disc.write_sealed(block, content)


def grow_integrity(disc: Disc) -> None:
    """Counters of two partitions; the second one's free blocks are not the volume's."""
    content = disc.read(disc.integrity)
    free, size = struct.unpack_from("<II", content, 80)
    use = content[88 : 88 + struct.unpack_from("<I", content, 76)[0]]
    struct.pack_into("<HHH", use, 40, 0x0250, 0x0250, 0x0260)
    struct.pack_into("<I", content, 72, 2)
    struct.pack_into("<IIII", content, 80, free - USED_BLOCKS, 30, size, 32)
    content[96 : 96 + len(use)] = use
    struct.pack_into("<H", content, 10, 80 + len(use))
    disc.write_sealed(disc.integrity, content)


def take_blocks(disc: Disc) -> None:
    """The area is no longer free."""
    first = disc.start + disc.bitmap
    count = -(-(24 + disc.length // 8) // disc.block_bytes)
    content = disc.read(first, count)
    start = 24 + AREA // 8
    content[start : start + USED_BLOCKS // 8] = bytes(USED_BLOCKS // 8)
    disc.write(first, seal(content, disc.bitmap))
