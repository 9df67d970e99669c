"""Dynamic disks of Windows: databases written by the published layout, volumes filled by a kernel and laid out over the disks.

ldmtool judges the databases and the layouts: in the appliance it makes the volumes, which the appliance's kernel mounts.
References: Linux block/partitions/ldm.c, ldm.h; libldm src/ldm.c; ldmtool(1).
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ext
from lib.fill import fill
from lib.image import MIB, Disk, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.partscan import scan
from lib.tools import run, sparse_file

SECTOR = 512
DATABASE_SECTORS = 2048
CHUNK = 128
STRIPED, SPANNED, PARITY = 1, 2, 3


@dataclass
class Piece:
    """A partition of the group: a range of a disk's data, in sectors."""

    disk: int
    first: int
    count: int


@dataclass
class Volume:
    name: str
    components: list[tuple[int, list[Piece]]]  # the type, and its partitions in their order
    content: bytes = b""

    def sectors(self) -> int:
        kind, pieces = self.components[0]
        if kind == SPANNED:
            return sum(piece.count for piece in pieces)
        return pieces[0].count * (len(pieces) - (1 if kind == PARITY else 0))


@dataclass
class Group:
    order: int  # of the image: all of them may be in one appliance
    disks: list[Disk]
    starts: list[int]  # where the data of each begin
    is_gpt: bool
    volumes: list[Volume] = field(default_factory=list)
    sequence: int = 100

    @property
    def name(self) -> str:
        return f"Dg{self.order}"

    @property
    def uuid(self) -> str:
        return f"5a5a5a5a-0000-4000-8000-00000000d90{self.order}"

    def disk_uuid(self, index: int) -> uuid.UUID:
        return uuid.UUID(f"5a5a5a5a-0000-4000-8000-00000d15c{self.order}0{index}")


def number(value: int) -> bytes:
    length = max(1, (value.bit_length() + 7) // 8)
    return bytes([length]) + value.to_bytes(length, "big")


def word(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()


def objects(group: Group) -> list[tuple[int, int, bytes]]:
    """[type, flags, fields] of each record: the group, disks, volumes, components, partitions."""
    found = [(0x45, 0, number(1) + word(group.name) + uuid.UUID(group.uuid).bytes + bytes(28))]
    for index in range(len(group.disks)):
        guid = group.disk_uuid(index).bytes
        found.append((0x44, 0, number(2 + index) + word(f"Disk{index + 1}") + guid + guid + bytes(13)))
    identity = 10
    for order, volume in enumerate(group.volumes):
        kind = "raid5" if volume.components[0][0] == PARITY else "gen"
        volume_id, identity = identity, identity + 1
        fields = number(volume_id) + word(volume.name) + word(kind) + word("") + b"ACTIVE".ljust(14, b"\0")
        fields += bytes([4 if kind == "raid5" else 3, 0, order + 1, 0, 0, 0, 0]) + number(len(volume.components)) + bytes(16)
        fields += number(volume.sectors()) + bytes(4) + b"\x07" + uuid.UUID(f"5a5a5a5a-0000-4000-8000-0000000f{group.order}1{order:02}").bytes
        found.append((0x51, 0, fields))
        for place, (type_, pieces) in enumerate(volume.components):
            component_id, identity = identity, identity + 1
            fields = number(component_id) + word(f"{volume.name}-{place + 1:02}") + word("ACTIVE") + bytes([type_, 0, 0, 0, 0])
            fields += number(len(pieces)) + bytes(16) + number(volume_id) + b"\0"
            flags = 0
            if type_ != SPANNED:
                fields, flags = fields + number(CHUNK) + number(len(pieces)), 0x10
            found.append((0x32, flags, fields))
            offset = 0
            for column, piece in enumerate(pieces):
                partition_id, identity = identity, identity + 1
                fields = number(partition_id) + word(f"Disk{piece.disk + 1}-{partition_id:02}") + bytes(12)
                fields += struct.pack(">QQ", piece.first, offset if type_ == SPANNED else 0) + number(piece.count)
                fields += number(component_id) + number(2 + piece.disk)
                flags = 0
                if type_ != SPANNED or len(pieces) > 1:
                    fields, flags = fields + number(column), 0x08
                found.append((0x33, flags, fields))
                offset += piece.count
    return found


def database(group: Group) -> bytearray:
    """1 MiB, but for the private headers."""
    room = bytearray(DATABASE_SECTORS * SECTOR)
    contents = bytearray(SECTOR)
    struct.pack_into(">8sI4xI16x", contents, 0, b"TOCBLOCK", 1, 1)
    struct.pack_into(">10sQQ8x", contents, 0x24, b"config", 17, 1481)
    struct.pack_into(">10sQQ8x", contents, 0x46, b"log", 1498, 224)
    for sector in (1, 2, 2045, 2046):
        room[sector * SECTOR : (sector + 1) * SECTOR] = contents
    records = objects(group)
    last = 4 + (len(records) + 3) // 4 * 4
    at = 17 * SECTOR
    struct.pack_into(">4sIIIHHH31s64sQQ", room, at, b"VMDB", last, 128, SECTOR, 1, 4, 10, group.name.encode(), group.uuid.encode(), group.sequence, group.sequence)
    counts = [sum(kind & 0x0F == wanted for kind, _, _ in records) for wanted in (1, 2, 3, 4)]
    struct.pack_into(">IIII12xIIII", room, at + 133, *counts, *counts)
    for index in range(last - 4):
        record = bytearray(128)
        struct.pack_into(">4sIIHH", record, 0, b"VBLK", 4 + index, 4 + index, 0, 1 if index < len(records) else 0)
        if index < len(records):
            kind, flags, fields = records[index]
            assert len(fields) <= 104
            struct.pack_into(">HBBI", record, 16, 0, flags, kind, len(fields))
            record[24 : 24 + len(fields)] = fields
        room[at + SECTOR + 128 * index : at + SECTOR + 128 * (index + 1)] = record
    return room


def private_header(group: Group, index: int, data_sectors: int, database_at: int) -> bytes:
    header = bytearray(SECTOR)
    struct.pack_into(">8sIHH32x", header, 0, b"PRIVHEAD", 1, 2, 12)
    for at, value in ((48, str(group.disk_uuid(index))), (112, group.uuid), (176, group.uuid), (240, group.name)):
        header[at : at + len(value)] = value.encode()
    struct.pack_into(">QQQQ", header, 283, group.starts[index], data_sectors, database_at, DATABASE_SECTORS)
    struct.pack_into(">QQIIQQ", header, 315, 2, 2046, 1, 1, 1481, 224)
    return bytes(header)


def write_databases(group: Group) -> None:
    for index, disk in enumerate(group.disks):
        sectors = disk.path.stat().st_size // SECTOR
        database_at = 34 if group.is_gpt else sectors - DATABASE_SECTORS
        end = sectors - 34 if group.is_gpt else database_at
        data_sectors = end - group.starts[index]
        room = database(group)
        # Linux wants all that is on a disk before its database; of a GPT it reads no database.
        header = private_header(group, index, data_sectors, database_at)
        for sector in (1856, 2047):
            room[sector * SECTOR : (sector + 1) * SECTOR] = header
        with open(disk.path, "r+b") as file:
            file.seek(database_at * SECTOR)
            file.write(room)
            if not group.is_gpt:
                file.seek(6 * SECTOR)
                file.write(header)


def lay_out(group: Group, volume: Volume) -> None:
    for kind, pieces in volume.components:
        columns: list[bytes] = []
        if kind == SPANNED:
            at = 0
            for piece in pieces:
                columns.append(volume.content[at : at + piece.count * SECTOR])
                at += piece.count * SECTOR
        else:
            columns = striped(volume.content, len(pieces), kind == PARITY)
        for piece, content in zip(pieces, columns):
            with open(group.disks[piece.disk].path, "r+b") as file:
                file.seek((group.starts[piece.disk] + piece.first) * SECTOR)
                file.write(content)


def striped(content: bytes, count: int, has_parity: bool) -> list[bytes]:
    """Chunks go round; with parity the last column has the first row's, and data begin behind it."""
    columns: list[list[bytes]] = [[] for _ in range(count)]
    size = CHUNK * SECTOR
    data = count - 1 if has_parity else count
    for row in range(len(content) // (size * data)):
        chunks = [content[(row * data + i) * size : (row * data + i + 1) * size] for i in range(data)]
        if not has_parity:
            for column, chunk in zip(columns, chunks):
                column.append(chunk)
            continue
        parity_at = count - 1 - row % count
        parity = 0
        for i, chunk in enumerate(chunks):
            parity ^= int.from_bytes(chunk, "big")
            columns[(parity_at + 1 + i) % count].append(chunk)
        columns[parity_at].append(parity.to_bytes(size, "big"))
    return [b"".join(column) for column in columns]


def make(guest: Guest, order: int, disks: int, is_gpt: bool, volumes: list[Volume], size_bytes: int = 24 * MIB) -> Group:
    group = Group(order, [], [], is_gpt, volumes)
    for index in range(disks):
        disk = guest.add_disk(size_bytes)
        sectors = size_bytes // SECTOR
        if is_gpt:
            script = f"label: gpt\nlabel-id: {group.disk_uuid(index)}\nfirst-lba: 34\nstart=34, size=2048, type=5808C8AA-7E8F-42E0-85D2-E1E90434CFB3\n"
            script += f"start=4096, size={sectors - 34 - 4096}, type=AF9B60A0-1431-4F62-BC68-3311714A69AD\n"
        else:
            script = f"label: dos\nlabel-id: 0x5a5a00d{index}\nstart=63, size={sectors - DATABASE_SECTORS - 63}, type=42\n"
        run("sfdisk", "--quiet", disk.path, stdin=script)
        group.disks.append(disk)
        group.starts.append(4096 if is_gpt else 63)
    for volume in volumes:
        raw = guest.directory / "volume.raw"
        sparse_file(raw, volume.sectors() * SECTOR)
        with loop(raw) as node:
            ext.make(node, 800 + 10 * group.order + volumes.index(volume), "-t ext4 -b 1024 -O ^has_journal")
            with mounted(node) as root:
                fill(root, 12)
        volume.content = raw.read_bytes()
        raw.unlink()
        lay_out(group, volume)
        guest.filesystems.append(Part(f"/dev/mapper/ldm_vol_{group.name}_{volume.name}"))
    write_databases(group)
    kernel, found = scan([disk.path for disk in group.disks])
    guest.facts["partition_kernel"] = f"Linux {kernel} (Debian)"
    for disk, rows in zip(group.disks, found):
        for row in rows:
            device = f"{guest.device(disk)}{row['number']}"
            guest.partitions.append({"device": device, "offset_bytes": row["offset_bytes"], "size_bytes": row["size_bytes"]})
    guest.activate = "ldmtool create all >/dev/null; udevadm settle"
    return group


def whole(name: str, kind: int, *pieces: tuple[int, int, int]) -> Volume:
    return Volume(name, [(kind, [Piece(*piece) for piece in pieces])])


def simple(guest: Guest) -> None:
    """Two volumes on one disk, the second one of two pieces; the first piece of it lies behind the second."""
    make(guest, 1, 1, False, [whole("Volume1", SPANNED, (0, 1985, 16384)), whole("Volume2", SPANNED, (0, 30000, 8192), (0, 20000, 8192))])


def over_two(is_gpt: bool) -> Callable[[Guest], None]:
    """Spanned, striped and mirrored over two disks."""

    def build(guest: Guest) -> None:
        mirror = Volume("Volume3", [(SPANNED, [Piece(0, 28672, 8192)]), (SPANNED, [Piece(1, 30720, 8192)])])
        volumes = [whole("Volume1", SPANNED, (0, 2048, 8192), (1, 2048, 12288)), whole("Stripe1", STRIPED, (0, 12288, 12288), (1, 16384, 12288)), mirror]
        make(guest, 3 if is_gpt else 2, 2, is_gpt, volumes)

    return build


def renamed(rows: list[dict[str, Any]], disk: int, missing: int) -> list[dict[str, Any]]:
    """The partitions of a disk, which has the place of the missing one if it lies behind that."""
    letter, new = "abc"[disk - 1], "abc"[disk - 2 if disk > missing else disk - 1]
    own = [row for row in rows if row["device"].startswith(f"/dev/sd{letter}")]
    return [{**row, "device": row["device"].replace(f"sd{letter}", f"sd{new}")} for row in own]


def parity(missing: int | None) -> Callable[[Guest], None]:
    """RAID-5 over three disks, and a mirror of two of them."""

    def build(guest: Guest) -> None:
        mirror = Volume("Volume2", [(SPANNED, [Piece(1, 20480, 8192)]), (SPANNED, [Piece(2, 20480, 8192)])])
        make(guest, 4 if missing is None else 5, 3, False, [whole("Raid1", PARITY, (0, 2048, 10240), (1, 2048, 10240), (2, 4096, 10240)), mirror])
        if missing is not None:
            guest.disks[missing].missing = True
            guest.partitions = [row for disk in (1, 2, 3) if disk != missing + 1 for row in renamed(guest.partitions, disk, missing + 1)]

    return build


def images() -> list[Image]:
    tools = ("ldmtool", "fdisk", "e2fsprogs")
    return [
        Image("ldm-simple", simple, tools),
        Image("ldm-two", over_two(False), tools),
        Image("ldm-gpt", over_two(True), tools),
        Image("ldm-parity", parity(None), tools),
        Image("ldm-degraded", parity(1), tools),
    ]
