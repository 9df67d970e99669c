meta:
  id: md1_2
  title: Member of a Linux software array, metadata 1.2
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x1000, magic: [0xfc, 0x4e, 0x2b, 0xa9, 1, 0, 0, 0]}
    offset: 4096
    size: 76
    name: linux_raid_member
    label: label
    uuid: uuid
    version: >-
      '1.2'
doc: |
  The superblock 4 KiB behind the beginning.
doc-ref:
  - 'Linux include/uapi/linux/raid/md_p.h: struct mdp_superblock_1'
  - 'util-linux libblkid/src/superblocks/linux_raid.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: major
    -orig-id: major_version
    type: u4
    valid: 1
  - id: features
    -orig-id: feature_map
    type: u4
  - id: pad
    -orig-id: pad0
    size: 4
  - id: uuid
    -orig-id: set_uuid
    size: 16
  - id: label
    -orig-id: set_name
    size: 32
    type: strz
  - id: created
    -orig-id: ctime
    type: u8
  - id: level
    -orig-id: level
    type: u4
