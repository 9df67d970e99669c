meta:
  id: vmfs_volume
  title: VMFS, an extent of a volume
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x100000, magic: [0x0d, 0xd0, 0x01, 0xc0]}
    offset: 0x100000
    size: 0x300
    name: VMFS_volume_member
    uuid: group_uuid
    version: version.to_s
doc: |
  The header of a partition that a VMFS filesystem lies on, alone or with
  others.
doc-ref:
  - 'vmfs-tools libvmfs/vmfs_volume.h'
  - 'util-linux libblkid/src/superblocks/vmfs.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: version
    -orig-id: ver
    type: u4
  - id: header
    size: 122
  - id: uuid
    -orig-id: uuid
    size: 16
    doc: Of the extent.
instances:
  group_uuid:
    pos: 532
    size: 35
    type: str
    doc: Of the volume, in the digits of VMware.
