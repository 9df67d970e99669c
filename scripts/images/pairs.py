#!/usr/bin/python3
"""Records pairs of images for `virt-df diff`: a base, an overlay on it, and in which paths the kernel shows them different.

Usage: pairs.py [NAME-PATTERN...]        as root (it mounts), from the project's folder

The kernel writes through a loop device over qemu-storage-daemon's FUSE export, so that the overlay gets the clusters that a
guest would give it. FAT: mtools writes, and its copies of both trees are compared, since not every kernel mounts FAT.
Writes images/pairs/NAME.base.qcow2, NAME.overlay.qcow2 and NAME.truth.json: {path: [change, fields]}, a path's bytes as
Latin-1. Where there is NAME.old.qcow2, another overlay on the base, that is the old state. Access times are left out, and so are inode numbers.
"""
from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAIRS = ROOT / "images/pairs"
ENV = {**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1", "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
CLUSTER = "cluster_size=4k"
OLD_TIME = 1_700_000_000
STAND_IN = 2
# Name: filesystem, size of the disk, mkfs.
UUID = "6f2c1d34-8a5b-4f6e-9c7d-0123456789ab"
MADE = {
    "ext4": ("ext4", "12M", ["mkfs.ext4", "-q", "-U", UUID, "-J", "size=1", "-N", "512"]),
    "ext4-dirty": ("ext4", "12M", ["mkfs.ext4", "-q", "-U", UUID, "-b", "1024", "-O", "inline_data", "-I", "256", "-J", "size=1"]),
    "ext3": ("ext3", "8M", ["mkfs.ext3", "-q", "-U", UUID, "-b", "1024", "-J", "size=1", "-N", "512"]),
    "xfs": ("xfs", "300M", ["mkfs.xfs", "-q", "-m", f"uuid={UUID}"]),
    "fat16": ("vfat", "16M", ["mkfs.vfat", "-F", "16", "-i", "6f2c1d34"]),
    "btrfs": ("btrfs", "110M", ["mkfs.btrfs", "-q", "-U", UUID, "-m", "single"]),
    "btrfs-snapshots": ("btrfs", "110M", ["mkfs.btrfs", "-q", "-U", UUID, "-m", "single"]),
    "btrfs-clones": ("btrfs", "110M", ["mkfs.btrfs", "-q", "-U", UUID, "-m", "single"]),
}


def run(*command: "str | Path", check: bool = True) -> str:
    done = subprocess.run([str(word) for word in command], env=ENV, capture_output=True)
    if check and done.returncode != 0:
        raise SystemExit(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


@contextlib.contextmanager
def attached(image: Path) -> Iterator[str]:
    """A loop device over the guest's disk."""
    export, pid = image.with_suffix(".fuse"), image.with_suffix(".pid")
    export.touch()
    node = f"driver=qcow2,node-name=disk,discard=ignore,file.driver=file,file.filename={image}"
    run("qemu-storage-daemon", "--blockdev", node, "--export", f"type=fuse,id=e,node-name=disk,mountpoint={export},writable=on", "--daemonize", "--pidfile", pid)
    device = run("losetup", "--find", "--show", export).strip()
    try:
        yield device
    finally:
        run("sync")
        run("blockdev", "--flushbufs", device)
        run("losetup", "-d", device)
        while run("losetup", "-j", export).strip():
            time.sleep(0.1)
        number = int(pid.read_text())
        os.kill(number, 15)
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(number, 0)
                time.sleep(0.05)
        export.unlink(missing_ok=True)


@contextlib.contextmanager
def mounted(image: Path, kind: str, options: str) -> Iterator[Path]:
    with attached(image) as device, tempfile.TemporaryDirectory() as top:
        run("mount", "-t", kind, "-o", options, device, top)
        try:
            yield Path(top)
        finally:
            run("umount", top)


class Content:
    """Bytes that do not compress to nothing, always the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def __call__(self, size: int) -> bytes:
        line = b"%d " % self.random.getrandbits(64)
        return (line * (size // len(line) + 1))[:size]


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def fill(top: Path, content: Content) -> None:
    for directory in range(4):
        for file in range(6):
            write(top / f"usr/lib/pkg{directory}/file{file}.txt", content(100 + 700 * file))
    for file in range(12):
        write(top / f"data/d{file}.bin", content(3000 + 5000 * file))
    for name in ["var/log/syslog", "var/log/syslog.1", "etc/passwd", "etc/hosts", "tree/deep/er/one", "tree/deep/er/two", "tree/empty", "moved/a/b/c", "moved/a/d", "moved/e", "old/x", "old/y/z"]:
        write(top / name, content(900))
    write(top / "tree/empty", b"")
    write(top / "moved/a/empty", b"")
    write(top / "data/same.bin", content(30_000))


def fill_unix(top: Path, content: Content, kind: str) -> None:
    write(Path(os.fsdecode(os.fsencode(top) + b"/etc/caf\xe9\n.conf")), content(50))
    os.link(top / "etc/passwd", top / "etc/passwd-")
    os.symlink("hosts", top / "etc/link")
    write(top / "etc/attributes", content(10))
    if kind in ("xfs", "btrfs"):
        run("cp", "--reflink=always", top / "data/d11.bin", top / "data/reflink.bin")


def rewrite(path: Path, offset: int, content: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(content)


def change(top: Path, content: Content) -> None:
    """What every filesystem can, and mtools by a copy."""
    for file in range(5):
        write(top / f"new/directory/n{file}", content(1000 * file))
    (top / "usr/lib/pkg0/file0.txt").unlink()
    shutil.rmtree(top / "old")
    os.rename(top / "usr/lib/pkg0/file1.txt", top / "usr/lib/pkg0/renamed.txt")
    os.rename(top / "usr/lib/pkg1/file1.txt", top / "new/other")
    os.rename(top / "moved", top / "tree/moved")
    with open(top / "var/log/syslog", "ab") as file:
        file.write(b"one more line\n")
    write(top / "etc/hosts", content(2000))


def change_unix(top: Path, content: Content, kind: str) -> None:
    rewrite(top / "data/d5.bin", 8192, content(4096))
    rewrite(top / "data/same.bin", 0, (top / "data/same.bin").read_bytes())
    before = os.stat(top / "data/d6.bin")
    rewrite(top / "data/d6.bin", 100, b"kept time")
    os.utime(top / "data/d6.bin", ns=(before.st_atime_ns, before.st_mtime_ns))
    os.truncate(top / "data/d7.bin", 1000)
    os.truncate(top / "data/d8.bin", 0)
    write(top / "data/d9.tmp", content(5000))
    os.rename(top / "data/d9.tmp", top / "data/d9.bin")
    os.rename(top / "var/log/syslog", top / "var/log/syslog.1")
    write(top / "var/log/syslog", b"begun anew\n")
    rewrite(top / "tree/moved/a/d", 10, b"changed in a directory that moved")
    (top / "tree/moved/a/b/c").unlink()
    write(top / "tree/moved/a/b/new", content(300))
    os.chmod(top / "usr/lib/pkg2/file1.txt", 0o600)
    os.chown(top / "usr/lib/pkg2/file2.txt", 1234, 4321)
    os.utime(top / "usr/lib/pkg2/file3.txt", (OLD_TIME, OLD_TIME))
    about = os.stat(top / "usr/lib/pkg2/file4.txt")
    os.utime(top / "usr/lib/pkg2/file4.txt", ns=(OLD_TIME * 10**9, about.st_mtime_ns))
    os.setxattr(top / "etc/attributes", "user.note", b"hello")
    os.setxattr(top / "usr/lib/pkg3/file0.txt", "user.large", b"7" * 700)
    os.link(top / "usr/lib/pkg3/file1.txt", top / "new/link")
    (top / "etc/passwd-").unlink()
    os.symlink("x" * 200, top / "new/long-link")
    os.mkfifo(top / "new/fifo")
    with open(top / "new/sparse", "wb") as file:
        file.truncate(50_000_000)
    if kind == "ext3":
        # Its indirect blocks take more than its content.
        with open(top / "new/island", "wb") as file:
            file.truncate(50_000_000)
        rewrite(top / "new/island", 20_000 * 1024, content(1024))
    (top / "usr/lib/pkg3/file2.txt").unlink()
    (top / "usr/lib/pkg3/file2.txt").mkdir()
    os.rename(top / "usr/lib/pkg3/file3.txt", top / "usr/lib/pkg3/swap")
    os.rename(top / "usr/lib/pkg3/file4.txt", top / "usr/lib/pkg3/file3.txt")
    os.rename(top / "usr/lib/pkg3/swap", top / "usr/lib/pkg3/file4.txt")
    if kind in ("xfs", "btrfs"):
        run("cp", "--reflink=always", top / "data/d10.bin", top / "new/clone")
    write(top / "temporary", content(60_000))
    os.sync()
    (top / "temporary").unlink()


def finish_dirty(top: Path) -> None:
    """Fsynced, so that it is in the log and perhaps nowhere else."""
    write(top / "fsynced/new", b"in the log")
    os.rename(top / "usr/lib/pkg1/file2.txt", top / "fsynced/renamed")
    (top / "usr/lib/pkg1/file3.txt").unlink()
    for name in ["fsynced/new", "fsynced/renamed", "fsynced", "usr/lib/pkg1", ""]:
        descriptor = os.open(top / name, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def subvolume(*words: "str | Path") -> None:
    run("btrfs", "subvolume", *words)


def fill_snapshots(top: Path, content: Content) -> None:
    subvolume("create", top / "sub")
    subvolume("create", top / "sub/inner")
    for file in range(20):
        write(top / f"sub/pkg{file % 3}/file{file}.txt", content(100 + 300 * file))
        write(top / f"sub/inner/n{file}", content(20))
    subvolume("snapshot", "-r", top / "sub", top / "gone")
    subvolume("snapshot", top / "sub", top / "stays")
    subvolume("create", top / "plain")
    write(top / "plain/one", content(300))


def change_snapshots(top: Path, content: Content) -> None:
    with open(top / "sub/pkg0/file3.txt", "ab") as file:
        file.write(b"one more line\n")
    subvolume("snapshot", "-r", top / "sub", top / "come")
    subvolume("snapshot", top / "stays", top / "plain/written")
    (top / "plain/written/pkg1/file4.txt").unlink()
    write(top / "plain/written/pkg1/new", content(5000))
    subvolume("delete", top / "gone")
    subvolume("create", top / "fresh")
    write(top / "fresh/one", content(50))
    (top / "stays/pkg2/file5.txt").unlink()
    os.rename(top / "sub/inner", top / "moved")


def fill_clones(top: Path, content: Content) -> None:
    for file in range(300):
        write(top / f"d{file % 7}/file{file}", content(1500))


def change_clone(top: Path, letter: str) -> None:
    """Two clones that do the same write nodes to the same places in the same transaction."""
    for file in (3, 4, 150, 299):
        rewrite(top / f"d{file % 7}/file{file}", 10, letter.encode())
    os.sync()
    write(top / f"d1/same-{letter}", b"one of them")


FIELDS = ("type", "mode", "owner", "links", "size", "blocks", "modified", "changed", "content")


def listed(top: Path, keeps_changes: bool) -> dict[str, list]:
    found: dict[str, list] = {}
    queue = [b""]
    while queue:
        path = queue.pop()
        full = os.fsencode(top) + path
        about = os.lstat(full)
        kind = about.st_mode >> 12
        content = b""
        if kind == 8:
            with open(full, "rb") as file:
                content = hashlib.sha256(file.read()).digest()
        elif kind == 10:
            content = os.readlink(full)
        times = [about.st_mtime_ns, about.st_ctime_ns if keeps_changes else 0]
        # In a snapshot of btrfs, what stands for a subvolume has the time of the mount.
        if (not keeps_changes and path == b"") or (path != b"" and about.st_ino == STAND_IN):
            times = [0, 0]
        found[path.decode("latin-1")] = [kind, about.st_mode, [about.st_uid, about.st_gid], about.st_nlink if keeps_changes else 1, about.st_size if keeps_changes or kind == 8 else 0, about.st_blocks if keeps_changes else 0, *times, content]
        if kind == 4:
            queue += [path + b"/" + name for name in os.listdir(full)]
    return found


def truth_of(before: dict[str, list], after: dict[str, list]) -> dict[str, list]:
    truth = {}
    for path in sorted(set(before) | set(after)):
        if path not in after:
            truth[path or "/"] = ["removed", []]
        elif path not in before:
            truth[path or "/"] = ["added", []]
        else:
            fields = [name for name, old, new in zip(FIELDS, before[path], after[path]) if old != new]
            if fields:
                truth[path or "/"] = ["changed", fields]
    return truth


def looked_at(image: Path, kind: str, work: Path) -> dict[str, list]:
    """As a mount shows it that replays the log, of an image that stays as it is."""
    if kind == "vfat":
        raw, tree = work / "look.raw", work / "look"
        run("qemu-img", "convert", "-O", "raw", image, raw)
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        run("mcopy", "-s", "-p", "-m", "-n", "-i", raw, "::/*", tree)
        return listed(tree, False)
    over = work / "look.qcow2"
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image, over)
    with mounted(over, kind, "ro,noatime") as top:
        return listed(top, True)


def make_fat(base: Path, overlay: Path, work: Path) -> None:
    """mtools writes into raw copies; the overlay gets the clusters that differ."""
    tree, raw = work / "tree", work / "fat.raw"
    fill(tree, Content(1))
    run("truncate", "-s", MADE["fat16"][1], raw)
    run(*MADE["fat16"][2], raw)
    run("mcopy", "-s", "-m", "-i", raw, *sorted(tree.iterdir()), "::")
    run("qemu-img", "convert", "-c", "-O", "qcow2", "-o", CLUSTER, raw, base)
    content = Content(2)
    write(work / "n", content(5000))
    run("mmd", "-i", raw, "::new", "::new/directory")
    for file in range(5):
        run("mcopy", "-i", raw, work / "n", f"::new/directory/n{file}")
    run("mdel", "-i", raw, "::usr/lib/pkg0/file0.txt")
    run("mdeltree", "-i", raw, "::old")
    run("mren", "-i", raw, "::usr/lib/pkg0/file1.txt", "::usr/lib/pkg0/a longer name.txt")
    run("mmove", "-i", raw, "::usr/lib/pkg1/file1.txt", "::new")
    run("mmove", "-i", raw, "::moved", "::tree")
    run("mcopy", "-o", "-i", raw, work / "n", "::etc/hosts")
    # Into the first cluster of a file, past its entry, as an overwrite with kept times.
    start = int(run("mshowfat", "-i", raw, "::data/d6.bin").split("<")[1].split("-")[0].rstrip(">\n"))
    with open(raw, "r+b") as file:
        head = file.read(512)
        reserved, tables, roots = head[14] + 256 * head[15], head[16], head[17] + 256 * head[18]
        sectors, per_table = head[13], head[22] + 256 * head[23]
        file.seek((reserved + tables * per_table + roots // 16 + (start - 2) * sectors) * 512 + 100)
        file.write(b"kept time")
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-o", CLUSTER, "-b", base, overlay)
    new = bytes(raw.read_bytes())
    run("qemu-img", "convert", "-O", "raw", base, work / "before.raw")
    old = bytes((work / "before.raw").read_bytes())
    words = []
    for at in range(0, len(new), 4096):
        if new[at : at + 4096] != old[at : at + 4096]:
            (work / f"part{at}").write_bytes(new[at : at + 4096])
            words += ["-c", f"write -q -s {work}/part{at} {at} {len(new[at : at + 4096])}"]
    run("qemu-io", *words, overlay)


def make(name: str, work: Path) -> None:
    kind, size, command = MADE[name]
    base, overlay = work / "base.qcow2", work / "overlay.qcow2"
    if kind == "vfat":
        make_fat(base, overlay, work)
    else:
        run("qemu-img", "create", "-q", "-f", "qcow2", "-o", CLUSTER, base, size)
        with attached(base) as device:
            run(*command, device)
        with mounted(base, kind, "noatime") as top:
            if name == "btrfs-snapshots":
                fill_snapshots(top, Content(1))
            elif name == "btrfs-clones":
                fill_clones(top, Content(1))
            else:
                fill(top, Content(1))
                fill_unix(top, Content(3), kind)
        run("qemu-img", "convert", "-c", "-O", "qcow2", "-o", CLUSTER, base, work / "small.qcow2")
        os.rename(work / "small.qcow2", base)
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-o", CLUSTER, "-b", base, overlay)
        with mounted(overlay, kind, "noatime") as top:
            content = Content(2)
            if name == "btrfs-snapshots":
                change_snapshots(top, content)
            elif name == "btrfs-clones":
                change_clone(top, "n")
            else:
                change(top, content)
                change_unix(top, content, kind)
            if name.endswith("-dirty"):
                os.sync()
                finish_dirty(top)
                shutil.copy(overlay, work / "dirty.qcow2")
        if name.endswith("-dirty"):
            os.rename(work / "dirty.qcow2", overlay)
    old = base
    if name == "btrfs-clones":
        old = work / "old.qcow2"
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-o", CLUSTER, "-b", base, old)
        with mounted(old, kind, "noatime") as top:
            change_clone(top, "o")
    truth = truth_of(looked_at(old, kind, work), looked_at(overlay, kind, work))
    PAIRS.mkdir(exist_ok=True)
    shutil.copy(base, PAIRS / f"{name}.base.qcow2")
    for image, word in [(overlay, "overlay"), (old, "old")]:
        if image == base:
            continue
        target = PAIRS / f"{name}.{word}.qcow2"
        run("qemu-img", "convert", "-c", "-O", "qcow2", "-o", CLUSTER, "-B", base, "-F", "qcow2", image, target)
        run("qemu-img", "rebase", "-u", "-F", "qcow2", "-b", f"{name}.base.qcow2", target)
    lines = ",\n".join(f" {json.dumps(path)}: {json.dumps(about)}" for path, about in truth.items())
    (PAIRS / f"{name}.truth.json").write_text(f"{{\n{lines}\n}}\n")
    print(name, len(truth), [os.path.getsize(PAIRS / f"{name}.{one}.qcow2") for one in ("base", "overlay")])


def main() -> None:
    for name in MADE:
        if sys.argv[1:] and not any(fnmatch.fnmatch(name, one) for one in sys.argv[1:]):
            continue
        with tempfile.TemporaryDirectory() as folder:
            make(name, Path(folder))


if __name__ == "__main__":
    main()
