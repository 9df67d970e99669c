"""ext3 and ext4 copied while they were mounted: every kind of journal, and orphans of every kind.

Each copy is asserted to be one whose descriptors are not the truth. The numbers beside it are those
of a kernel that replayed the journal.

References: Linux fs/jbd2/recovery.c, fs/ext4/orphan.c, fs/ext4/fast_commit.c; debugfs(8).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ext
from dirty import flush, unlinked, work
from lib.fill import fill, write_comb, write_zeros
from lib.image import MIB, Guest, Image, Part
from lib.mounting import loop, mounted
from lib.tools import run, sparse_copy

# What a block of a journal begins with: data that begins so is changed in the journal.
JOURNAL_MAGIC = bytes.fromhex("c03b3998")


@dataclass(frozen=True)
class Case:
    """How a filesystem is made, and what is done to it before it is copied; what `busy` gives stays
    open until then."""

    number: int
    name: str
    size_mib: int
    options: str
    mount_options: str = ""
    busy: Callable[[Path], list[int]] | None = None
    after: Callable[[Path], None] | None = None  # works on the copy
    extended: str = ""
    has_fast_commits: bool = False
    is_recovered: bool = False  # the copy has no log any more


def image(case: Case) -> Image:
    def build(guest: Guest) -> None:
        disk = guest.add_disk(case.size_mib * MIB)
        ext.make(disk.path, case.number, case.options, case.extended)
        with loop(disk.path) as device, mounted(device, case.mount_options) as root:
            fill(root, 40, 0.2)
            work(root)
            held = case.busy(root) if case.busy else []
            try:
                flush(root / "last")
                copy = sparse_copy(disk.path, disk.path.with_suffix(".dirty"))
                if case.has_fast_commits:
                    assert_fast_commits(copy, root)
                else:
                    assert_stale(copy, root)
            finally:
                for descriptor in held:
                    os.close(descriptor)
        copy.replace(disk.path)
        if case.after:
            case.after(disk.path)
        part = guest.add_filesystem(disk, stale=not case.is_recovered)
        if case.has_fast_commits:
            # Linux 6.18 refuses a read-only mount, in which it may not write what they change; the numbers
            # of the writable one are recorded twice.
            part.mount_options = "rw"

    return Image(case.name, build, ("e2fsprogs",))


def assert_stale(copy: Path, root: Path) -> None:
    # dumpe2fs refuses bitmaps that are newer than their descriptors.
    text = run("debugfs", "-c", "-R", "stats", copy)
    assert "needs_recovery" in text, "the journal is not awaiting its recovery"
    found = [(int(b), int(i)) for b, i in re.findall(r"(\d+) free (?:blocks|clusters), (\d+) free inodes", text)]
    assert found, "there are no groups"
    free_inodes = sum(inodes for _, inodes in found)
    now = os.statvfs(root)
    assert free_inodes != now.f_ffree or sum(b for b, _ in found) != now.f_bfree, "the descriptors are not stale"


def many_transactions(root: Path) -> list[int]:
    """More than a small journal holds, so that the log runs around its end."""
    for number in range(400):
        flush(root / f"round{number % 5}")
    return []


def revoked(root: Path) -> list[int]:
    """Blocks of directories that were logged, freed, and used again."""
    for number in range(8):
        directory = root / f"gone{number}"
        directory.mkdir()
        for file in range(60):
            (directory / f"a name that is long enough for several blocks {file:06}").touch()
    flush(root / "between")
    for number in range(8):
        run("rm", "-r", root / f"gone{number}")
    flush(root / "between")
    write_zeros(root / "again.bin", 0.3)
    return []


def attributes(root: Path, name: str) -> None:
    os.setxattr(root / name, "user.long", b"v" * 600)


def several_orphans(root: Path) -> list[int]:
    """Of many pieces, with a map of several levels, with attributes of their own; a directory, links."""
    write_comb(root / "comb", 350, 1024)
    descriptors = [os.open(root / "comb", os.O_RDWR)]
    (root / "comb").unlink()
    with open(root / "deep", "wb") as file:
        for megabyte in (0, 1, 3, 70):
            file.seek(megabyte * MIB)
            file.write(bytes(20000))
        os.fsync(file.fileno())
    (root / "attributes").write_bytes(b"held\n" * 3000)
    attributes(root, "attributes")
    flush(root / "attributes")
    (root / "directory").mkdir()
    os.symlink("long" * 30, root / "link")
    for name in ("deep", "attributes", "directory"):
        descriptors.append(os.open(root / name, os.O_RDONLY))
    descriptors.append(os.open(root / "link", os.O_PATH | os.O_NOFOLLOW))
    (root / "deep").unlink()
    (root / "attributes").unlink()
    (root / "directory").rmdir()
    (root / "link").unlink()
    return descriptors + [unlinked(root / f"orphan{number}") for number in range(3)]


def magic_data(root: Path) -> list[int]:
    """Journalled data that looks like the journal's own blocks."""
    with open(root / "magic", "wb") as file:
        for kind in (1, 2, 5, 1, 2, 5):
            file.write((JOURNAL_MAGIC + kind.to_bytes(4, "big")).ljust(4096, b"\0"))
        os.fsync(file.fileno())
    return []


def cut_short(name: str, size_bytes: int) -> Callable[[Path], None]:
    """A file that is in the list of orphans because it was being cut: its blocks beyond its size are
    freed. (The copy is recovered first, since debugfs does not write to a dirty one.)"""

    def change(path: Path) -> None:
        with loop(path) as device, mounted(device):
            pass
        inode = re.search(r"Inode: (\d+)", run("debugfs", "-R", f"stat {name}", path))
        assert inode
        for request in (
            f"set_inode_field {name} size {size_bytes}",
            f"set_inode_field {name} dtime 0",
            f"set_super_value last_orphan {inode[1]}",
        ):
            run("debugfs", "-w", "-R", request, path)

    return change


def with_errors(path: Path) -> None:
    """The kernel found errors: it replays, and leaves the orphans to e2fsck."""
    with open(path, "r+b") as file:
        file.seek(1024 + 0x3A)
        state = int.from_bytes(file.read(2), "little")
        file.seek(1024 + 0x3A)
        file.write((state | 2).to_bytes(2, "little"))


def orphans_with_attributes(root: Path) -> list[int]:
    """Files without a name that share a block of attributes, or an inode that holds a value, with each
    other and with files that stay."""
    held = []
    for number in range(6):
        path = root / f"attributes{number}"
        path.write_bytes(b"held\n" * 2000)
        os.setxattr(path, "user.shared", b"s" * 500)
        if number % 2 == 0:
            os.setxattr(path, "user.large", b"large" * 2000)
        if number == 3:
            os.setxattr(path, "user.own", b"own" * 5000)
        flush(path)
        held.append(os.open(path, os.O_RDONLY))
    os.sync()
    for number in range(4):
        (root / f"attributes{number}").unlink()
    for number in range(2):
        held.append(unlinked(root / f"orphan{number}"))
    return held


def torn(path: Path) -> None:
    """The last transaction was not written whole: the block in front of its commit block is another."""
    size = int(re.search(r"Block size: +(\d+)", run("dumpe2fs", "-h", path))[1])
    text = run("debugfs", "-c", "-R", "dump_extents -l <8>", path)
    blocks = [
        block
        for first, last in re.findall(r"\d+ - +\d+ +(\d+) - +(\d+)", text)
        for block in range(int(first), int(last) + 1)
    ]
    with open(path, "r+b") as file:
        newest = (0, 0)
        for index, block in enumerate(blocks):
            file.seek(block * size)
            magic, kind, sequence = (file.read(4) for _ in range(3))
            if magic == JOURNAL_MAGIC and kind == b"\0\0\0\x02":
                newest = max(newest, (int.from_bytes(sequence, "big"), index))
        place = blocks[newest[1] - 1] * size
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))


def journal_version_2(guest: Guest) -> None:
    """A log with csum_v2, which no kernel since 3.18 writes: debugfs does, with the blocks that a later
    state of the same filesystem has."""
    disk = guest.add_disk(24 * MIB)
    ext.make(disk.path, 987, "-t ext4 -b 1024 -O 64bit")
    with loop(disk.path) as device, mounted(device) as root:
        fill(root, 40, 0.2)
    before = sparse_copy(disk.path, disk.path.with_suffix(".before"))
    with loop(disk.path) as device, mounted(device) as root:
        work(root)
    log_difference(before, disk.path)
    before.replace(disk.path)
    guest.add_filesystem(disk, stale=True)


def log_difference(before: Path, after: Path) -> None:
    """Log the blocks of descriptors and bitmaps that differ, and the superblock."""
    block_bytes = 1024
    text = run("dumpe2fs", after)
    wanted = {1}
    for words in re.findall(r"(?:descriptors|bitmap|Inode table) at (\d+(?:-\d+)?)", text):
        first, _, last = words.partition("-")
        wanted.update(range(int(first), int(last or first) + 1))
    old, new = before.read_bytes(), after.read_bytes()
    requests = ["journal_open -c -v 2"]
    for block in sorted(wanted):
        start = block * block_bytes
        content = new[start : start + block_bytes]
        if content != old[start : start + block_bytes]:
            part = before.with_suffix(f".block{block}")
            part.write_bytes(content)
            requests.append(f"journal_write -b {block} {part}")
    requests.append("journal_close")
    script = before.with_suffix(".debugfs")
    script.write_text("\n".join(requests) + "\n")
    run("debugfs", "-w", "-f", script, before)


def external_journal(guest: Guest) -> None:
    """What the journal on the other disk holds is not read: the row says stale."""
    disk, journal = guest.add_disk(24 * MIB), guest.add_disk(8 * MIB)
    with loop(disk.path) as device, loop(journal.path) as log:
        run("mke2fs", "-q", "-F", "-O", "journal_dev", "-b", 4096, "-U", ext.UUID.format(989), log)
        ext.make(device, 988, f"-t ext4 -b 4096 -J device={log}")
        with mounted(device, f"journal_path={log}") as root:
            fill(root, 40, 0.2)
            work(root)
            flush(root / "last")
            copies = [sparse_copy(path, path.with_suffix(".dirty")) for path in (disk.path, journal.path)]
            assert_stale(copies[0], root)
    for copy, path in zip(copies, (disk.path, journal.path)):
        copy.replace(path)
    guest.add_filesystem(disk, external=("journal_path", "/dev/sdb"), stale=True)
    guest.volumes.append(Part("/dev/sdb", journal))


def fast_commits(root: Path) -> list[int]:
    """What fsync then writes is no transaction but a note of what changed."""
    os.sync()
    for number in range(12):
        (root / f"fast{number}").write_bytes(b"fast\n" * 1000 * number)
        flush(root / f"fast{number}")
    for number in range(0, 12, 3):
        (root / f"fast{number}").unlink()
    flush(root / "fast1")
    return []


def fast_names(root: Path) -> list[int]:
    """Files and directories made, linked, renamed, also over others, and deleted."""
    for folder in ("one", "two", "two/three"):
        (root / folder).mkdir()
    # What is no regular file makes the next commit a full one.
    os.symlink("short", root / "one" / "short")
    os.mkfifo(root / "one" / "fifo")
    os.sync()
    for number in range(40):
        path = root / ("one", "two", "two/three")[number % 3] / f"name{number}"
        path.write_bytes(b"n" * 300 * number)
        if number % 4 == 0:
            os.link(path, root / f"link{number}")
        if number % 7 == 0:
            flush(path)
    (root / "made").mkdir()
    (root / "made" / "below").mkdir()
    (root / "made" / "below" / "file").write_bytes(b"file" * 5000)
    flush(root / "made" / "below" / "file")
    for number in range(0, 40, 5):
        old = root / ("one", "two", "two/three")[number % 3] / f"name{number}"
        old.rename(root / "one" / f"moved{number}")
    (root / "one" / "moved5").rename(root / "one" / "moved10")
    for number in range(0, 40, 8):
        (root / f"link{number}").unlink()
    (root / "two" / "name1").unlink()
    (root / "one" / "name3").unlink()
    (root / "made" / "empty").mkdir()
    flush(root / "made" / "below" / "file")
    (root / "made" / "empty").rmdir()
    flush(root / "made" / "below" / "file")
    return []


def fast_extents(root: Path) -> list[int]:
    """Maps of several levels that grow, are cut, get holes and become small again."""
    write_comb(root / "comb", 500, 4096)
    write_comb(root / "shrinks", 60, 4096)
    os.sync()
    write_comb(root / "new-comb", 150, 4096)
    flush(root / "new-comb")
    with open(root / "comb", "r+b") as file:
        for number in range(0, 200, 3):
            file.seek(number * 8192 + 4096)
            file.write(b"between")
        os.fsync(file.fileno())
    for offset in range(0, 1_500_000, 300_000):
        run("fallocate", "--punch-hole", "--offset", offset, "--length", 100_000, root / "comb")
    flush(root / "comb")
    os.truncate(root / "new-comb", 700_123)
    flush(root / "new-comb")
    with open(root / "shrinks", "r+b") as file:
        for number in range(60):
            file.seek(number * 8192 + 4096)
            file.write(b"f" * 4096)
        os.fsync(file.fileno())
    with open(root / "reserved", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 900_000)
        file.seek(200_000)
        file.write(b"written" * 1000)
        os.fsync(file.fileno())
    flush(root / "comb")
    return []


def fast_directories(root: Path) -> list[int]:
    """Directories that get an index, whose blocks are split, and whose index gets another level."""
    (root / "small").mkdir()
    (root / "large").mkdir()
    for number in range(160):
        (root / "large" / f"a name that is long {number:06}{'-' * (number % 50)}").touch()
    (root / "file").touch()
    os.sync()
    for number in range(60):
        (root / "small" / f"in a directory of one block {number}").touch()
        if number % 30 == 0:
            flush(root / "file")
    for number in range(90):
        (root / "large" / f"another name {number:06}{'+' * (number % 70)}").touch()
    flush(root / "file")
    for number in range(0, 160, 7):
        (root / "large" / f"a name that is long {number:06}{'-' * (number % 50)}").unlink()
    flush(root / "file")
    return []


def fast_and_orphans(root: Path) -> list[int]:
    """Files that are open without a name, and more fast commits behind them."""
    held = [unlinked(root / f"orphan{number}") for number in range(3)]
    os.sync()
    fast_commits(root)
    # A file that gets its first name from a fast commit.
    descriptor = os.open(root, os.O_TMPFILE | os.O_RDWR)
    os.write(descriptor, b"temporary" * 3000)
    os.sync()
    run("ln", "-L", f"/proc/{os.getpid()}/fd/{descriptor}", root / "named")
    os.write(descriptor, b"more" * 3000)
    os.fsync(descriptor)
    return held + [descriptor]


def without_fast_commits(copy: Path) -> os.statvfs_result:
    """What a kernel says of the copy that does not see them."""
    other = sparse_copy(copy, copy.with_suffix(".without"))
    text = run("dumpe2fs", "-h", other)
    size = re.search(r"Block size: +(\d+)", text)
    blocks = re.search(r"Total journal blocks: +(\d+)", text)
    fast = re.search(r"Fast commit length: +(\d+)", text)
    assert size and blocks and fast
    first = int(blocks[1]) - int(fast[1]) + 1
    place = int(run("debugfs", "-c", "-R", f"bmap <8> {first}", other).split()[-1])
    with open(other, "r+b") as file:
        file.seek(place * int(size[1]))
        assert file.read(4) == b"\x09\0\x08\0", "there are no fast commits"
        file.seek(place * int(size[1]))
        file.write(bytes(int(size[1])))
    with loop(other) as device, mounted(device) as root:
        return os.statvfs(root)


def assert_fast_commits(copy: Path, root: Path) -> None:
    now, then = os.statvfs(root), without_fast_commits(copy)
    assert (now.f_bfree, now.f_ffree) != (then.f_bfree, then.f_ffree), "the fast commits change nothing"


def fast(number: int, name: str, size_mib: int, options: str, busy: Callable[[Path], list[int]]) -> Image:
    # Linux 6.18 refuses to mount when the whole room for fast commits is in use.
    journal = "size=16,fast_commit_size=1024" if "4096" in options else "size=6,fast_commit_size=512"
    made = f"-t ext4 -J {journal} -O fast_commit {options}"
    return image(Case(number, f"ext4-fast-{name}", size_mib, made, busy=busy, has_fast_commits=True))


def images() -> list[Image]:
    plain = "-t ext4 -b 1024 -O ^metadata_csum,^64bit"
    return [
        image(Case(970, "ext3-dirty-4k", 24, "-t ext3 -b 4096 -J size=4")),
        image(Case(971, "ext3-dirty-revoke", 24, "-t ext3 -b 1024 -J size=2", busy=revoked)),
        image(Case(972, "ext3-dirty-orphans", 40, "-t ext3 -b 1024 -I 128 -J size=2", busy=several_orphans)),
        image(Case(973, "ext4-dirty-csum-v1", 24, plain, "journal_checksum")),
        image(Case(974, "ext4-dirty-async", 24, plain, "journal_async_commit,data=writeback")),
        image(Case(975, "ext4-dirty-csum-v3-async", 24, "-t ext4 -b 1024", "journal_async_commit,data=writeback")),
        image(Case(976, "ext4-dirty-wrapped", 24, "-t ext4 -b 1024 -J size=1", busy=many_transactions)),
        image(Case(977, "ext4-dirty-revoke", 24, "-t ext4 -b 1024 -J size=2", busy=revoked)),
        image(Case(978, "ext4-dirty-deep-orphans", 40, "-t ext4 -b 1024", busy=several_orphans)),
        image(Case(979, "ext4-dirty-data", 24, "-t ext4 -b 4096", "data=journal", busy=magic_data)),
        image(Case(980, "ext4-dirty-meta-bg", 60, "-t ext4 -b 1024 -O meta_bg,^resize_inode -J size=2")),
        image(
            Case(
                981, "ext4-dirty-bigalloc", 80, "-t ext4 -b 1024 -C 8192 -O bigalloc", busy=several_orphans
            )
        ),
        image(
            Case(
                982, "ext4-dirty-errors", 24, "-t ext4 -b 1024 -O ^metadata_csum", busy=several_orphans,
                after=with_errors,
            )
        ),
        image(Case(983, "ext4-cut-orphan", 24, "-t ext4 -b 1024", after=cut_short("large.bin", 700123), is_recovered=True)),
        image(Case(984, "ext3-cut-orphan", 24, "-t ext3 -b 1024", after=cut_short("large.bin", 700123), is_recovered=True)),
        image(
            Case(
                985, "ext4-bigalloc-cut-orphan", 80, "-t ext4 -b 1024 -C 8192 -O bigalloc",
                after=cut_short("large.bin", 700123), is_recovered=True,
            )
        ),
        image(
            Case(
                986, "ext4-dirty-fast-commit", 24, "-t ext4 -b 1024 -O fast_commit -J size=4",
                busy=fast_commits, has_fast_commits=True,
            )
        ),
        image(
            Case(
                1000, "ext4-dirty-async-torn", 24, plain, "journal_async_commit,data=writeback",
                busy=revoked, after=torn,
            )
        ),
        image(
            Case(
                1002, "ext4-dirty-orphan-attributes", 24, "-t ext4 -b 1024 -I 256 -O ea_inode",
                busy=orphans_with_attributes,
            )
        ),
        fast(990, "names-4k", 40, "-b 4096", fast_names),
        fast(991, "names-1k", 24, "-b 1024 -O ^metadata_csum,^64bit", fast_names),
        fast(993, "extents-1k", 24, "-b 1024 -g 1024", fast_extents),
        fast(994, "directories-1k", 24, "-b 1024", fast_directories),
        fast(996, "orphans", 24, "-b 1024", fast_and_orphans),
        fast(998, "bigalloc", 80, "-b 1024 -C 8192 -O bigalloc", fast_extents),
        fast(999, "inline", 24, "-b 1024 -I 256 -O inline_data", fast_names),
        Image("ext4-dirty-csum-v2", journal_version_2, ("e2fsprogs",)),
        Image("ext4-dirty-external-journal", external_journal, ("e2fsprogs",)),
    ]
