"""Damages of ext filesystems, for verdicts.py: fields of the superblock, places of group descriptors, the journal, the root.

References: Linux fs/ext4/super.c (__ext4_fill_super, ext4_check_descriptors), fs/ext4/inode.c (__ext4_iget), fs/jbd2/journal.c.
"""

import struct

KIND = 'ext4'
IMAGES = ['ext4-1k-64bit', 'ext4-no-csum', 'ext4-no-flex-bg', 'ext2-1k']
SUPERBLOCK = 1024
METADATA_CSUM, GDT_CSUM, CSUM_SEED, WIDE, EXTRA = 0x400, 0x10, 0x2000, 0x80, 0x40
MAGIC = bytes.fromhex('c03b3998')


def table(polynomial: int) -> list[int]:
    rows = []
    for crc in range(256):
        for _ in range(8):
            crc = (crc >> 1) ^ (polynomial if crc & 1 else 0)
        rows.append(crc)
    return rows


CRC32C, CRC16 = table(0x82F63B78), table(0xA001)


def crc(rows: list[int], value: int, data: bytes) -> int:
    for byte in data:
        value = (value >> 8) ^ rows[(value ^ byte) & 0xFF]
    return value


class Ext:
    """The fields of a filesystem in a bytearray, by the names that ext4.h gives them."""

    def __init__(self, data: bytearray):
        self.data = data
        self.block = 1024 << self.u32(24)
        self.first, self.per_group, self.inodes_per_group = self.u32(20), self.u32(32), self.u32(40)
        self.compat, self.incompat, self.ro_compat = self.u32(0x5C), self.u32(0x60), self.u32(0x64)
        self.inode_size = self.u16(0x58) if self.u32(0x4C) else 128
        self.descriptor_size = self.u16(0xFE) if self.incompat & WIDE else 32
        self.descriptors = (self.first + 1) * self.block
        self.group_count = -(-(self.u32(4) - self.first) // self.per_group)

    def u32(self, at: int, base: int = SUPERBLOCK) -> int:
        return struct.unpack_from('<I', self.data, base + at)[0]

    def u16(self, at: int, base: int = SUPERBLOCK) -> int:
        return struct.unpack_from('<H', self.data, base + at)[0]

    def seed(self) -> int:
        if self.incompat & CSUM_SEED:
            return self.u32(0x270)
        return crc(CRC32C, 0xFFFFFFFF, self.data[SUPERBLOCK + 0x68:SUPERBLOCK + 0x78])

    def seal_superblock(self) -> None:
        if self.ro_compat & METADATA_CSUM:
            value = crc(CRC32C, 0xFFFFFFFF, self.data[SUPERBLOCK:SUPERBLOCK + 0x3FC])
            struct.pack_into('<I', self.data, SUPERBLOCK + 0x3FC, value)

    def descriptor(self, group: int) -> int:
        return self.descriptors + group * self.descriptor_size

    def seal_descriptor(self, group: int) -> None:
        at = self.descriptor(group)
        head, tail = self.data[at:at + 0x1E], self.data[at + 0x20:at + self.descriptor_size]
        number = struct.pack('<I', group)
        if self.ro_compat & METADATA_CSUM:
            value = crc(CRC32C, self.seed(), number + head + b'\0\0' + tail) & 0xFFFF
        elif self.ro_compat & GDT_CSUM:
            uuid = self.data[SUPERBLOCK + 0x68:SUPERBLOCK + 0x78]
            value = crc(CRC16, 0xFFFF, uuid + number + head + tail)
        else:
            return
        struct.pack_into('<H', self.data, at + 0x1E, value)

    def place(self, group: int, part: int) -> int:
        return self.u32(part * 4, self.descriptor(group))

    def inode(self, number: int) -> int:
        group, index = divmod(number - 1, self.inodes_per_group)
        return self.place(group, 2) * self.block + index * self.inode_size

    def seal_inode(self, number: int) -> None:
        if not self.ro_compat & METADATA_CSUM:
            return
        at = self.inode(number)
        raw = bytearray(self.data[at:at + self.inode_size])
        has_high = self.inode_size > 128 and struct.unpack_from('<H', raw, 0x80)[0] >= 4
        raw[0x7C:0x7E] = b'\0\0'
        if has_high:
            raw[0x82:0x84] = b'\0\0'
        start = crc(CRC32C, self.seed(), struct.pack('<I', number) + raw[0x64:0x68])
        value = crc(CRC32C, start, bytes(raw))
        struct.pack_into('<H', self.data, at + 0x7C, value & 0xFFFF)
        if has_high:
            struct.pack_into('<H', self.data, at + 0x82, value >> 16)

    def journal(self) -> int | None:
        """Where the journal's superblock lies: in the first blocks of the map of inode 8."""
        if not self.compat & 4 or self.u32(0xE0) == 0:
            return None
        at = self.inode(self.u32(0xE0)) + 0x28
        first = self.u32(20, at) if self.data[at:at + 2] == b'\x0a\xf3' else self.u32(0, at)
        return first * self.block

    def seal_journal(self) -> None:
        at = self.journal()
        if at is None or not struct.unpack_from('>I', self.data, at + 0x28)[0] & 0x18:
            return
        self.data[at + 0xFC:at + 0x100] = bytes(4)
        value = crc(CRC32C, 0xFFFFFFFF, self.data[at:at + 1024])
        struct.pack_into('>I', self.data, at + 0xFC, value)


def in_superblock(at: int, form: str, value: int):
    def change(data: bytearray):
        ext = Ext(data)
        struct.pack_into(form, data, SUPERBLOCK + at, value)
        ext.seal_superblock()

    return change


def in_descriptor(group: int, edit, sealed: bool = True):
    def change(data: bytearray):
        ext = Ext(data)
        if group >= ext.group_count:
            return False
        edit(ext, ext.descriptor(group))
        if sealed:
            ext.seal_descriptor(group)

    return change


def part(number: int, value):
    """Sets the place of the block bitmap (0), the inode bitmap (1) or the inode table (2)."""
    return lambda ext, at: struct.pack_into('<I', ext.data, at + 4 * number, value(ext))


def in_inode(number: int, at: int, form: str, value: int, sealed: bool = True):
    def change(data: bytearray):
        ext = Ext(data)
        if number == 8 and ext.journal() is None:
            return False
        struct.pack_into(form, data, ext.inode(number) + at, value)
        if sealed:
            ext.seal_inode(number)

    return change


def in_journal(at: int, form: str, value: int, sealed: bool = True):
    def change(data: bytearray):
        ext = Ext(data)
        place = ext.journal()
        if place is None:
            return False
        struct.pack_into(form, data, place + at, value)
        if sealed:
            ext.seal_journal()

    return change


def zero_descriptors(data: bytearray):
    ext = Ext(data)
    data[ext.descriptors:ext.descriptors + ext.group_count * ext.descriptor_size] = bytes(ext.group_count * ext.descriptor_size)


def damages(image: str, data: bytes):
    last = Ext(bytearray(data)).group_count - 1
    blocks = lambda ext: ext.u32(4)
    cases = {
        'nothing': lambda data: None,
        's_want_extra_isize 1024': in_superblock(0x15E, '<H', 1024),
        's_min_extra_isize 1024': in_superblock(0x15C, '<H', 1024),
        's_first_ino 3': in_superblock(0x54, '<I', 3),
        's_first_ino 0': in_superblock(0x54, '<I', 0),
        's_creator_os Hurd': in_superblock(0x48, '<I', 1),
        's_log_groups_per_flex 32': in_superblock(0x174, '<B', 32),
        's_log_groups_per_flex 0': in_superblock(0x174, '<B', 0),
        's_journal_dev 1': in_superblock(0xE4, '<I', 0x801),
        's_journal_inum 0': in_superblock(0xE0, '<I', 0),
        's_journal_inum 9': in_superblock(0xE0, '<I', 9),
        's_encryption_level 1': in_superblock(0x176, '<B', 1),
        's_def_hash_version 9': in_superblock(0xFC, '<B', 9),
        's_reserved_gdt_blocks 0xffff': in_superblock(0xCE, '<H', 0xFFFF),
        'descriptors of zeros': zero_descriptors,
        "a descriptor's checksum": in_descriptor(0, lambda ext, at: ext.data.__setitem__(at + 0x1E, ext.data[at + 0x1E] ^ 1), False),
        'the block bitmap on the superblock': in_descriptor(0, part(0, lambda ext: ext.first)),
        'the inode bitmap on the descriptors': in_descriptor(0, part(1, lambda ext: ext.first + 1)),
        'the inode table on the descriptors': in_descriptor(0, part(2, lambda ext: ext.first + 1)),
        'the block bitmap beyond the end': in_descriptor(0, part(0, blocks)),
        'the block bitmap on the last block': in_descriptor(0, part(0, lambda ext: blocks(ext) - 1)),
        'the inode bitmap beyond the end': in_descriptor(last, part(1, lambda ext: blocks(ext) + 5)),
        'the inode table over the end': in_descriptor(last, part(2, lambda ext: blocks(ext) - 2)),
        'the inode table of group 1 in group 0': in_descriptor(1, part(2, lambda ext: ext.first + 200)),
        'the block bitmap of group 1 at 0': in_descriptor(1, part(0, lambda ext: 0)),
        'one block bitmap for two groups': in_descriptor(1, part(0, lambda ext: ext.place(0, 0))),
        'one inode table for two groups': in_descriptor(1, part(2, lambda ext: ext.place(0, 2))),
        'the inode bitmap within the table': in_descriptor(0, part(1, lambda ext: ext.place(0, 2) + 1)),
        "the root's mode, a file": in_inode(2, 0, '<H', 0o100755),
        "the root's mode, 0": in_inode(2, 0, '<H', 0),
        "the root's links": in_inode(2, 0x1A, '<H', 0),
        "the root's size": in_inode(2, 4, '<I', 0),
        "the root's blocks": in_inode(2, 0x1C, '<I', 0),
        "the root's checksum": in_inode(2, 0x64, '<I', 12345, False),
        "the root's attributes beyond the end": in_inode(2, 0x68, '<I', 0x7FFFFFFF),
        "the root's map": in_inode(2, 0x28, '<I', 0x7FFFFFF0),
        "the root's extra size": in_inode(2, 0x80, '<H', 250),
        "the root's extra size, odd": in_inode(2, 0x80, '<H', 30),
        "the root encrypted": in_inode(2, 0x20, '<I', 0x80800),
        "the journal's mode": in_inode(8, 0, '<H', 0o40700),
        "the journal's links": in_inode(8, 0x1A, '<H', 0),
        "the journal's size, 0": in_inode(8, 4, '<I', 0),
        "the journal's size, 3 blocks": in_inode(8, 4, '<I', 4096 * 3),
        "the journal's inode checksum": in_inode(8, 0x64, '<I', 12345, False),
        "the journal's map": in_inode(8, 0x28, '<I', 0x7FFFFFF0),
        "the journal's magic": in_journal(0, '>I', 0),
        "the journal's kind": in_journal(4, '>I', 2),
        "the journal's block size": in_journal(0xC, '>I', 512),
        "the journal's length, too long": in_journal(0x10, '>I', 0x7FFFFFFF),
        "the journal's length, short": in_journal(0x10, '>I', 512),
        "the journal's first block 0": in_journal(0x14, '>I', 0),
        "the journal's first block beyond": in_journal(0x14, '>I', 0x7FFFFFFF),
        "the journal's start beyond": in_journal(0x1C, '>I', 0x7FFFFFFF),
        "the journal's start within": in_journal(0x1C, '>I', 7),
        "the journal's error": in_journal(0x20, '>I', 5),
        "the journal's features": in_journal(0x28, '>I', 0x40000000),
        "the journal's read-only features": in_journal(0x2C, '>I', 0x40000000),
        "the journal's checksum": in_journal(0x30, '>I', 77, False),
        "the journal's number of users": in_journal(0x40, '>I', 49),
    }
    return cases.items()
