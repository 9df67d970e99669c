meta:
  id: zonefs
  title: ZoneFS
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: SFOZ}
    size: 88
    name: zonefs
    label: label
    uuid: uuid
doc: |
  The superblock of a filesystem that has a file for each zone of a zoned disk.
doc-ref:
  - 'Linux fs/zonefs/zonefs.h: struct zonefs_super'
  - 'util-linux libblkid/src/superblocks/zonefs.c'
seq:
  - id: magic
    -orig-id: s_magic
    type: u4
  - id: checksum
    -orig-id: s_crc
    type: u4
  - id: label
    -orig-id: s_label
    size: 64
    type: strz
  - id: uuid
    -orig-id: s_uuid
    size: 16
