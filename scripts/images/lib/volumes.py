"""Volume groups and mirrors on whole disks, by lvm and mdadm of libguestfs's appliance. References: lvm(8), mdadm(8)."""

from __future__ import annotations

from typing import Any

# A volume in pieces that do not lie in order, with another one's extents between them.
LINEAR = """
lvm pvcreate -q {0}; lvm vgcreate -q -s 1M vg_linear {0}
lvm lvcreate -q -y -Wn -L 11M -n root vg_linear
for i in 1 2 3; do
  lvm lvcreate -q -y -Wn -L 3M -n other$i vg_linear; lvm lvextend -q -L +9M vg_linear/root
done
lvm lvremove -q -y vg_linear/other2
lvm lvextend -q -L +5M vg_linear/root
"""
STRIPED = """
lvm pvcreate -q {0} {1}; lvm vgcreate -q vg_striped {0} {1}
lvm lvcreate -q -y -Wn -i 2 -I 64k -L 80M -n root vg_striped
"""
MIRROR = "yes | mdadm --create /dev/md127 --run --level=1 --raid-devices=2 --metadata=1.2 --assume-clean {0} {1}\n"
ON_MIRROR = MIRROR.replace("127", "126") + """
lvm pvcreate -q /dev/md126; lvm vgcreate -q vg_mirror /dev/md126
lvm lvcreate -q -y -Wn -L 24M -n root vg_mirror
"""
ASSEMBLED = "mdadm --assemble /dev/md{number} {{0}} {{1}}\n"

# What makes them, what starts them again, and what they are called.
VOLUMES = {
    "lvm": (LINEAR, "lvm vgchange -ay vg_linear", "/dev/vg_linear/root"),
    "lvm-striped": (STRIPED, "lvm vgchange -ay vg_striped", "/dev/vg_striped/root"),
    "md1": (MIRROR, ASSEMBLED.format(number=127), "/dev/md127"),
    "lvm-md1": (ON_MIRROR, ASSEMBLED.format(number=126) + "lvm vgchange -ay vg_mirror", "/dev/vg_mirror/root"),
}


def made(handle: Any, name: str, devices: list[str]) -> str:
    commands, _, volume = VOLUMES[name]
    shell(handle, commands, devices)
    return volume


def started(handle: Any, name: str, devices: list[str]) -> str:
    """The appliance finds what it likes at its start, and under other names: that is stopped."""
    _, commands, volume = VOLUMES[name]
    shell(handle, "lvm vgchange -an || true; mdadm --stop --scan || true", [])
    shell(handle, commands, devices)
    return volume


def shell(handle: Any, commands: str, devices: list[str]) -> None:
    # A shell of the appliance goes by labels: its kernel may call the disks otherwise than libguestfs does.
    labels = [f"/dev/disk/guestfs/disk{device[-1]}" for device in devices]
    handle.debug("sh", ["set -e; exec >/dev/null </dev/null\n" + commands.format(*labels)])
