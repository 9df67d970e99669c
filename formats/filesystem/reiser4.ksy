meta:
  id: reiser4
  title: Reiser4
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x10000, magic: ReIsEr4}
    offset: 0x10000
    size: 64
    name: reiser4
    label: label
    uuid: uuid
    version: >-
      '4'
doc: |
  The master superblock; the one of the disk format lies behind it.
doc-ref:
  - 'reiser4progs: struct reiser4_master_sb'
  - 'util-linux libblkid/src/superblocks/reiserfs.c'
seq:
  - id: magic
    -orig-id: ms_magic
    size: 16
    type: strz
  - id: disk_plugin
    -orig-id: ms_format
    type: u2
  - id: len_block
    -orig-id: ms_blksize
    type: u2
  - id: uuid
    -orig-id: ms_uuid
    size: 16
  - id: label
    -orig-id: ms_label
    size: 16
    type: strz
