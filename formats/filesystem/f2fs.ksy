meta:
  id: f2fs
  title: F2FS, the flash-friendly filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x400, magic: [0x10, 0x20, 0xf5, 0xf2]}
    offset: 0x400
    size: 1148
    name: f2fs
    label: label
    uuid: uuid
    version: major.to_s + '.' + minor.to_s
doc: |
  The first of two superblocks. How many blocks are free stands in the newest
  checkpoint.
doc-ref:
  - 'Linux include/linux/f2fs_fs.h: struct f2fs_super_block'
  - 'util-linux libblkid/src/superblocks/f2fs.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: major
    -orig-id: major_ver
    type: u2
  - id: minor
    -orig-id: minor_ver
    type: u2
  - id: log2_len_sector
    -orig-id: log_sectorsize
    type: u4
  - id: log2_sectors_per_block
    -orig-id: log_sectors_per_block
    type: u4
  - id: log2_len_block
    -orig-id: log_blocksize
    type: u4
  - id: layout
    size: 88
  - id: uuid
    -orig-id: uuid
    size: 16
  - id: label
    -orig-id: volume_name
    size: 1024
    type: strz
    encoding: UTF-16LE
