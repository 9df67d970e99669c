meta:
  id: md0
  title: Member of a Linux software array, metadata 0.90
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    byte-orders: [le, be]
    probe:
      - {order: le, at: -65536, align: 65536, magic: [0xfc, 0x4e, 0x2b, 0xa9]}
      - {order: be, at: -65536, align: 65536, magic: [0xa9, 0x2b, 0x4e, 0xfc]}
    offset: -65536
    align: 65536
    size: 64
    name: linux_raid_member
    version: >-
      '0.' + minor.to_s + '.' + patch.to_s
doc: |
  The superblock in the last whole 64 KiB of the device, so that what it holds
  begins at the beginning.
doc-ref:
  - 'Linux include/uapi/linux/raid/md_p.h: struct mdp_superblock_s'
  - 'util-linux libblkid/src/superblocks/linux_raid.c'
seq:
  - id: magic
    -orig-id: md_magic
    type: u4
  - id: major
    -orig-id: major_version
    type: u4
    valid: 0
  - id: minor
    -orig-id: minor_version
    type: u4
    valid:
      min: 0
      max: 255
  - id: patch
    -orig-id: patch_version
    type: u4
  - id: num_fixed_words
    -orig-id: gvalid_words
    type: u4
  - id: uuid0
    -orig-id: set_uuid0
    type: u4
  - id: created
    -orig-id: ctime
    type: u4
  - id: level
    -orig-id: level
    type: u4
  - id: len_device
    -orig-id: size
    type: u4
  - id: num_disks
    -orig-id: nr_disks
    type: u4
  - id: num_raid_disks
    -orig-id: raid_disks
    type: u4
  - id: preferred_minor
    -orig-id: md_minor
    type: u4
  - id: not_persistent
    -orig-id: not_persistent
    type: u4
  - id: uuid1
    -orig-id: set_uuid1
    type: u4
  - id: uuid2
    -orig-id: set_uuid2
    type: u4
  - id: uuid3
    -orig-id: set_uuid3
    type: u4
