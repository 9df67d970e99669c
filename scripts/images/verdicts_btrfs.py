"""Damages of btrfs filesystems, for verdicts.py: fields of the superblock, its chunks, items of the trees that a mount reads.

References: Linux fs/btrfs/disk-io.c (btrfs_validate_super, open_ctree), volumes.c (btrfs_read_chunk_tree,
btrfs_verify_dev_extents), block-group.c (btrfs_read_block_groups), tree-checker.c.
"""

import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

KIND = 'btrfs'
IMAGES = ['btrfs-default', 'btrfs-block-group-tree', 'btrfs-mixed']
SUPERBLOCK, HEAD = 65536, 101
CHUNK_TREE, ROOT_TREE, EXTENT_TREE, DEVICE_TREE, TOP, BLOCK_GROUP_TREE = 3, 1, 2, 4, 5, 11
DEVICE, CHUNK, ROOT, GROUP, DEVICE_EXTENT = 216, 228, 132, 192, 204

TABLE = []
for number in range(256):
    for _ in range(8):
        number = (number >> 1) ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def forget() -> None:
    """The kernel remembers devices that it saw, by their UUIDs, which all cases of an image share."""
    subprocess.run(['btrfs', 'device', 'scan', '--forget'], check=True, capture_output=True)


@dataclass(frozen=True)
class Item:
    node: int
    slot: int
    key: tuple[int, int, int]
    # Offset and length in the node.
    at: int
    size: int


class Btrfs:
    """The superblock and the trees of a filesystem on one device, in a bytearray."""

    def __init__(self, data: bytearray):
        self.data = data
        self.node_size = self.get(SUPERBLOCK + 148, '<I')
        self.chunks = list(self.system_chunks())
        for item in self.items(self.get(SUPERBLOCK + 88, '<Q')):
            if item.key[1] == CHUNK:
                self.chunks.append(self.chunk(item.key[2], self.copies(item.node)[0] + item.at))

    def get(self, at: int, form: str) -> int:
        return struct.unpack_from(form, self.data, at)[0]

    def chunk(self, address: int, at: int) -> tuple[int, int, list[int]]:
        places = [self.get(at + 48 + 32 * i + 8, '<Q') for i in range(self.get(at + 44, '<H'))]
        return address, self.get(at, '<Q'), places

    def system_chunks(self) -> Iterator[tuple[int, int, list[int]]]:
        at = SUPERBLOCK + 811
        end = at + self.get(SUPERBLOCK + 160, '<I')
        while at < end:
            chunk = self.chunk(self.get(at + 9, '<Q'), at + 17)
            yield chunk
            at += 17 + 48 + 32 * len(chunk[2])

    def copies(self, address: int) -> list[int]:
        start, _, places = next(chunk for chunk in self.chunks if chunk[0] <= address < chunk[0] + chunk[1])
        return [place + address - start for place in places]

    def items(self, address: int) -> Iterator[Item]:
        """Of a tree, from its root on."""
        at = self.copies(address)[0]
        count, level = self.get(at + 96, '<I'), self.data[at + 100]
        for slot in range(count):
            entry = at + HEAD + slot * (33 if level else 25)
            if level:
                yield from self.items(self.get(entry + 17, '<Q'))
            else:
                key = struct.unpack_from('<QBQ', self.data, entry)
                yield Item(address, slot, key, HEAD + self.get(entry + 17, '<I'), self.get(entry + 21, '<I'))

    def root(self, tree: int) -> int:
        if tree == CHUNK_TREE:
            return self.get(SUPERBLOCK + 88, '<Q')
        if tree == ROOT_TREE:
            return self.get(SUPERBLOCK + 80, '<Q')
        item = self.find(ROOT_TREE, lambda key: key[:2] == (tree, ROOT))
        return self.get(self.copies(item.node)[0] + item.at + 176, '<Q')

    def find(self, tree: int, wanted: Callable[[tuple[int, int, int]], bool], number: int = 0) -> Item:
        return [item for item in self.items(self.root(tree)) if wanted(item.key)][number]

    def seal(self, at: int, size: int) -> None:
        value = 0xFFFFFFFF
        for byte in self.data[at + 32:at + size]:
            value = (value >> 8) ^ TABLE[(value ^ byte) & 0xFF]
        struct.pack_into('<I', self.data, at, value ^ 0xFFFFFFFF)

    def put(self, address: int, at: int, form: str, value: int) -> None:
        """Into all copies of a node."""
        for copy in self.copies(address):
            struct.pack_into(form, self.data, copy + at, value)
            self.seal(copy, self.node_size)


def in_superblock(*fields: tuple[int, str, int | Callable]):
    """Each field's value, or what it becomes."""

    def change(data: bytearray):
        btrfs = Btrfs(data)
        for at, form, value in fields:
            if callable(value):
                value = value(btrfs.get(SUPERBLOCK + at, form))
            struct.pack_into(form, data, SUPERBLOCK + at, value)
        btrfs.seal(SUPERBLOCK, 4096)

    return change


def in_item(tree: int, kind: int, at: int, form: str, value, number: int = 0, object: int | None = None):
    """A field of the item of a kind; at -8 the offset of its key, at -17 the object."""

    def change(data: bytearray):
        btrfs = Btrfs(data)
        try:
            item = btrfs.find(tree, lambda key: key[1] == kind and object in (None, key[0]), number)
        except (IndexError, StopIteration):
            return False
        place = item.at + at if at >= 0 else HEAD + item.slot * 25 + 17 + at
        old = btrfs.get(btrfs.copies(item.node)[0] + place, form)
        btrfs.put(item.node, place, form, value(old) if callable(value) else value)

    return change


def in_node(tree: int, at: int, form: str, value):
    """A field of the head of a tree's root node."""

    def change(data: bytearray):
        btrfs = Btrfs(data)
        try:
            address = btrfs.root(tree)
        except IndexError:
            return False
        old = btrfs.get(btrfs.copies(address)[0] + at, form)
        btrfs.put(address, at, form, value(old) if callable(value) else value)

    return change


def without(tree: int, kind: int, number: int = 0, object: int | None = None):
    """An item gets a key of a type that nobody looks for, between its neighbours."""
    return in_item(tree, kind, -9, '<B', lambda old: old + 1, number, object)


def groups(at: int, form: str, value, number: int):
    def change(data: bytearray):
        for tree in (BLOCK_GROUP_TREE, EXTENT_TREE):
            if in_item(tree, GROUP, at, form, value, number)(data) is not False:
                return None
        return False

    return change


def both(*changes):
    def change(data: bytearray):
        return False if False in [one(data) for one in changes] else None

    return change


MIB = 1 << 20
more = lambda bytes: lambda old: old + bytes
less = lambda bytes: lambda old: old - bytes
flag = lambda bit: lambda old: old | bit
unset = lambda bit: lambda old: old & ~bit


def superblock_damages() -> dict:
    return {
        'nothing': lambda data: None,
        'total_bytes 1 MiB more': in_superblock((112, '<Q', more(MIB))),
        'total_bytes 4 KiB less': in_superblock((112, '<Q', less(4096))),
        'total_bytes 0': in_superblock((112, '<Q', 0)),
        'total_bytes 2^50': in_superblock((112, '<Q', 1 << 50)),
        'bytes_used 0': in_superblock((120, '<Q', 0)),
        'bytes_used 4 KiB': in_superblock((120, '<Q', 4096)),
        'bytes_used of more than the devices': in_superblock((120, '<Q', 1 << 40)),
        'bytes_used 1 MiB more': in_superblock((120, '<Q', more(MIB))),
        'num_devices 0': in_superblock((136, '<Q', 0)),
        'num_devices 2': in_superblock((136, '<Q', 2)),
        'num_devices 2^32': in_superblock((136, '<Q', 1 << 32)),
        'root_dir_objectid 7': in_superblock((128, '<Q', 7)),
        'sectorsize 2048': in_superblock((144, '<I', 2048)),
        'sectorsize 5000': in_superblock((144, '<I', 5000)),
        'sectorsize 8192': in_superblock((144, '<I', 8192)),
        'nodesize 8192': in_superblock((148, '<I', 8192)),
        'nodesize 8192, leafsize too': in_superblock((148, '<I', 8192), (152, '<I', 8192)),
        'nodesize 128 KiB': in_superblock((148, '<I', 131072), (152, '<I', 131072)),
        'leafsize 0': in_superblock((152, '<I', 0)),
        'stripesize 0': in_superblock((156, '<I', 0)),
        'stripesize 4095': in_superblock((156, '<I', 4095)),
        'stripesize 64 KiB': in_superblock((156, '<I', 65536)),
        'sys_chunk_array_size 0': in_superblock((160, '<I', 0)),
        'sys_chunk_array_size 16': in_superblock((160, '<I', 16)),
        'sys_chunk_array_size 1 more': in_superblock((160, '<I', more(1))),
        'sys_chunk_array_size 1 less': in_superblock((160, '<I', less(1))),
        'sys_chunk_array_size 2049': in_superblock((160, '<I', 2049)),
        'system chunk, key type': in_superblock((811 + 8, '<B', 216)),
        'system chunk, key object': in_superblock((811, '<Q', 255)),
        'system chunk, data': in_superblock((811 + 17 + 24, '<Q', 1)),
        'system chunk, data too': in_superblock((811 + 17 + 24, '<Q', flag(1))),
        'system chunk, length 0': in_superblock((811 + 17, '<Q', 0)),
        'system chunk, length odd': in_superblock((811 + 17, '<Q', more(1))),
        'system chunk, length 2^49': in_superblock((811 + 17, '<Q', 1 << 49)),
        'system chunk, stripe length': in_superblock((811 + 17 + 16, '<Q', 4096)),
        'system chunk, sector size': in_superblock((811 + 17 + 40, '<I', 512)),
        'system chunk, no stripes': in_superblock((811 + 17 + 44, '<H', 0)),
        'system chunk, 7 stripes': in_superblock((811 + 17 + 44, '<H', 7)),
        'system chunk, address odd': in_superblock((811 + 9, '<Q', more(512))),
        'generation 1 less': in_superblock((72, '<Q', less(1))),
        'generation 1 more': in_superblock((72, '<Q', more(1))),
        'generation 0': in_superblock((72, '<Q', 0)),
        'chunk_root_generation 1 more': in_superblock((164, '<Q', more(1))),
        'chunk_root_generation 2^40': in_superblock((164, '<Q', 1 << 40)),
        'cache_generation 2^40': in_superblock((555, '<Q', 1 << 40)),
        'uuid_tree_generation 2^40': in_superblock((563, '<Q', 1 << 40)),
        'root 0': in_superblock((80, '<Q', 0)),
        'root odd': in_superblock((80, '<Q', more(512))),
        'root in no chunk': in_superblock((80, '<Q', 1 << 45)),
        'chunk_root odd': in_superblock((88, '<Q', more(512))),
        'log_root odd': in_superblock((96, '<Q', 5)),
        'log_root_level 8': in_superblock((200, '<B', 8)),
        'root_level 8': in_superblock((198, '<B', 8)),
        'root_level 1 more': in_superblock((198, '<B', more(1))),
        'flags, unknown': in_superblock((56, '<Q', flag(1 << 20))),
        'flags, error': in_superblock((56, '<Q', flag(4))),
        'flags, metadump': in_superblock((56, '<Q', flag(1 << 33))),
        'flags, metadump v2': in_superblock((56, '<Q', flag(1 << 34))),
        'flags, changing the UUID': in_superblock((56, '<Q', flag(1 << 35))),
        'flags, written': in_superblock((56, '<Q', unset(1))),
        'compat_ro, unknown': in_superblock((180, '<Q', flag(1 << 20))),
        'compat_ro, no valid free space tree': in_superblock((180, '<Q', unset(2))),
        'compat_ro, a block group tree': in_superblock((180, '<Q', flag(8))),
        'compat_ro, no block group tree': in_superblock((180, '<Q', unset(8))),
        'incompat, unknown': in_superblock((188, '<Q', flag(1 << 40))),
        'incompat, mixed groups': in_superblock((188, '<Q', flag(4))),
        'incompat, no mixed groups': in_superblock((188, '<Q', unset(4))),
        'incompat, holes': in_superblock((188, '<Q', unset(0x200))),
        'incompat, no skinny metadata': in_superblock((188, '<Q', unset(0x100))),
        'csum_type 9': in_superblock((196, '<H', 9)),
        'a UUID of the metadata': in_superblock((188, '<Q', flag(0x400)), (571, '<Q', 7)),
        'dev_item, total_bytes 1 MiB more': in_superblock((201 + 8, '<Q', more(MIB))),
        'dev_item, total_bytes 2^50': in_superblock((201 + 8, '<Q', 1 << 50)),
        'dev_item, total_bytes 0': in_superblock((201 + 8, '<Q', 0)),
        'dev_item, bytes_used 2^50': in_superblock((201 + 16, '<Q', 1 << 50)),
        'dev_item, devid 2': in_superblock((201, '<Q', 2)),
        'dev_item, UUID': in_superblock((201 + 66, '<Q', 7)),
        'dev_item, fsid': in_superblock((201 + 82, '<Q', 7)),
        'dev_item, sector size': in_superblock((201 + 32, '<I', 1)),
    }


def tree_damages() -> dict:
    device = lambda *field: in_item(CHUNK_TREE, DEVICE, *field)
    chunk = lambda *field: in_item(CHUNK_TREE, CHUNK, *field)
    extent = lambda *field: in_item(DEVICE_TREE, DEVICE_EXTENT, *field)
    root = lambda tree, *field: in_item(ROOT_TREE, ROOT, *field, 0, tree)
    cases = {
        "device, total_bytes 1 MiB more": device(8, '<Q', more(MIB)),
        "device and superblock, total_bytes 1 MiB more": both(device(8, '<Q', more(MIB)), in_superblock((112, '<Q', more(MIB)))),
        "device, total_bytes 1 MiB less": device(8, '<Q', less(MIB)),
        "device and superblock, total_bytes 1 MiB less": both(device(8, '<Q', less(MIB)), in_superblock((112, '<Q', less(MIB)))),
        "device, total_bytes half": device(8, '<Q', lambda old: old // 2),
        "device, bytes_used": device(16, '<Q', 1 << 50),
        "device, bytes_used 1 MiB more": device(16, '<Q', more(MIB)),
        "device, bytes_used 0": device(16, '<Q', 0),
        "device, devid 2": device(0, '<Q', 2),
        "device, key": device(-8, '<Q', 2),
        "device, UUID": device(66, '<Q', 7),
        "device, fsid": device(82, '<Q', 7),
        "device, sector size": device(32, '<I', 1),
        "no device": without(CHUNK_TREE, DEVICE),
        "no tree of devices": without(ROOT_TREE, ROOT, 0, DEVICE_TREE),
        "no top subvolume": without(ROOT_TREE, ROOT, 0, TOP),
        "no tree of checksums": without(ROOT_TREE, ROOT, 0, 7),
        "no tree of relocated data": without(ROOT_TREE, ROOT, 0, (1 << 64) - 9),
    }
    for number, name in ((0, 'first'), (1, 'second'), (-1, 'last')):
        field = lambda make, *rest, number=number: make(*rest, number)
        cases |= {
            f'{name} chunk, length 64 KiB less': field(chunk, 0, '<Q', less(65536)),
            f'{name} chunk, length odd': field(chunk, 0, '<Q', more(1)),
            f'{name} chunk, sector size': field(chunk, 40, '<I', 512),
            f'{name} chunk, io_align 0': field(chunk, 32, '<I', 0),
            f'{name} chunk, owner': field(chunk, 8, '<Q', 3),
            f'{name} chunk, no kind': field(chunk, 24, '<Q', lambda old: old & ~7),
            f'{name} chunk, two profiles': field(chunk, 24, '<Q', flag(0x18)),
            f'{name} chunk, data and metadata': field(chunk, 24, '<Q', flag(5)),
            f'{name} chunk, place of a stripe': field(chunk, 48 + 8, '<Q', more(65536)),
            f'{name} chunk, device of a stripe': field(chunk, 48, '<Q', 3),
            f'{name} chunk, sub_stripes 0': field(chunk, 46, '<H', 0),
            f'{name} device extent, beyond the device': field(extent, 24, '<Q', 1 << 40),
            f'{name} device extent, length': field(extent, 24, '<Q', more(4096)),
            f'{name} device extent, odd length': field(extent, 24, '<Q', more(1)),
            f'{name} device extent, chunk': field(extent, 16, '<Q', more(65536)),
            f'{name} device extent, no such chunk': field(extent, 16, '<Q', 1 << 45),
            f"{name} device extent, chunk's object": field(extent, 8, '<Q', 1),
            f"{name} device extent, chunk's tree": field(extent, 0, '<Q', 1),
            f'{name} device extent, place': field(extent, -8, '<Q', more(4096)),
            f'{name} device extent, odd place': field(extent, -8, '<Q', more(1)),
            f'no {name} device extent': without(DEVICE_TREE, DEVICE_EXTENT, number),
            f'no {name} chunk': without(CHUNK_TREE, CHUNK, number),
            f'{name} group, all used': groups(0, '<Q', 8 * MIB, number),
            f'{name} group, used more than its length': groups(0, '<Q', 1 << 40, number),
            f'{name} group, object of the chunk': groups(8, '<Q', 255, number),
            f'{name} group, kind': groups(16, '<Q', lambda old: old ^ 5, number),
            f'{name} group, two profiles': groups(16, '<Q', flag(0x18), number),
            f'{name} group, mixed': groups(16, '<Q', flag(5), number),
            f'{name} group, length': groups(-8, '<Q', less(65536), number),
            f'no {name} group': groups(-9, '<B', 193, number),
        }
    for tree, name in ((EXTENT_TREE, 'extent'), (DEVICE_TREE, 'device'), (TOP, 'top'), (7, 'checksum'), (10, 'free space')):
        # The nodes of the last two are not read for a df.
        if tree not in (7, 10):
            cases |= {
                f'root of the {name} tree, level 1 more': root(tree, 238, '<B', more(1)),
                f'root of the {name} tree, generation 1 less': root(tree, 160, '<Q', less(1)),
            }
        cases |= {
            f'root of the {name} tree, level 8': root(tree, 238, '<B', 8),
            f'root of the {name} tree, generation': root(tree, 160, '<Q', 1 << 40),
            f'root of the {name} tree, second generation': root(tree, 239, '<Q', 1 << 40),
            f'root of the {name} tree, last snapshot': root(tree, 200, '<Q', 1 << 40),
            f'root of the {name} tree, place odd': root(tree, 176, '<Q', more(512)),
            f'root of the {name} tree, flags': root(tree, 208, '<Q', 1 << 40),
            f'root of the {name} tree, dropped level': root(tree, 237, '<B', 9),
            f'root of the {name} tree, references 0': root(tree, 216, '<I', 0),
            f'root of the {name} tree, bytes_used': root(tree, 184 + 8, '<Q', 0),
        }
    for tree, name in ((CHUNK_TREE, 'chunk'), (ROOT_TREE, 'root'), (EXTENT_TREE, 'extent'), (DEVICE_TREE, 'device')):
        cases |= {
            f'node of the {name} tree, not written': in_node(tree, 56, '<Q', unset(1)),
            f'node of the {name} tree, owner': in_node(tree, 88, '<Q', 77),
            f'node of the {name} tree, no items': in_node(tree, 96, '<I', 0),
            f'node of the {name} tree, UUID of the chunk tree': in_node(tree, 64, '<Q', 7),
            f'node of the {name} tree, generation': in_node(tree, 80, '<Q', less(1)),
            f'node of the {name} tree, size of the first item': in_node(tree, HEAD + 21, '<I', less(1)),
            f'node of the {name} tree, size and place of the first item': both(
                in_node(tree, HEAD + 21, '<I', less(4)), in_node(tree, HEAD + 17, '<I', more(4))),
        }
    return cases


def damages(image: str, data: bytes):
    """All of one image; of the others, what their features make different."""
    everything = superblock_damages() | tree_damages()
    if image == 'btrfs-default':
        return everything.items()
    if image == 'btrfs-block-group-tree':
        # Without block groups in it, the extent tree is not read for a df.
        del everything['incompat, no skinny metadata']
    words = ('nothing', 'compat', 'group', 'chunk', 'last device extent')
    return [(name, change) for name, change in everything.items() if any(word in name for word in words) and 'second' not in name]
