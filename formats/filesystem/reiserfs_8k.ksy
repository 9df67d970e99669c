meta:
  id: reiserfs_8k
  title: ReiserFS 3.5, with its superblock at 8 KiB
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x2034, magic: ReIsErFs}
      - {at: 0x2014, magic: ReIsErFs}
    offset: 0x2000
    size: 52
    name: reiserfs
    version: >-
      '3.5'
doc: |
  The superblock of the oldest ReiserFS, which has no label and no UUID.
doc-ref:
  - 'Linux fs/reiserfs/reiserfs.h: REISERFS_OLD_DISK_OFFSET_IN_BYTES'
  - 'util-linux libblkid/src/superblocks/reiserfs.c'
seq:
  - id: num_blocks
    -orig-id: s_block_count
    type: u4
    valid:
      min: 1
