meta:
  id: sysv
  title: System V filesystem, releases 2 and 4
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {at: 0x3f8, magic: [0x20, 0x7e, 0x18, 0xfd], order: le}
      - {at: 0x3f8, magic: [0xfd, 0x18, 0x7e, 0x20], order: be}
    offset: 0x200
    size: 0x200
    name: sysv
    block-size: len_block
    blocks: num_zones - first_data_zone
    free: 'is_afs ? 0 : num_free_zones'
    inodes: num_inodes
    inodes-free:
      sum:
        type: inode
        at: 2 * len_block + 128
        count: num_inodes - 2
        size: 64
        value: 'is_free ? 1 : 0'
    label: volume_name
doc: |
  The superblock of a System V filesystem, at byte 512. Release 4 aligns 32-bit
  numbers to 4 bytes and release 2 to 2; the kernel takes it for release 2 when the
  time, where release 4 has it, is before 1980.

  Inode 1 holds the bad blocks and inode 2 is the root: the kernel looks for free
  ones behind these. It counts the free blocks along their chain; their number in
  the superblock is the same unless the filesystem was not unmounted.
doc-ref:
  - 'Linux include/linux/sysv_fs.h: struct sysv4_super_block, struct sysv2_super_block'
  - 'Linux fs/sysv/super.c: detect_sysv'
  - 'Linux fs/sysv/inode.c: sysv_statfs'
seq:
  - id: first_data_zone
    -orig-id: s_isize
    type: u2
    valid:
      min: 2
    doc: The same place in both releases.
instances:
  num_free_in_list:
    -orig-id: s_nfree
    pos: 8
    type: u2
  time_r4:
    -orig-id: s_time
    pos: 420
    type: u4
  block_type:
    -orig-id: s_type
    pos: 508
    type: u4
    valid:
      any-of: [1, 2, 3, 0x10, 0x20, 0x30]
    doc: |
      Blocks of 512, 1024 or 2048 bytes; the larger values are those of
      Interactive Unix with long names.
  is_afs:
    value: num_free_in_list == 0xffff
    doc: SCO's Acer Fast Filesystem, whose free blocks the kernel does not count.
  is_r4:
    value: is_afs or time_r4 >= 315532800
  len_block:
    value: '256 << (block_type >= 0x10 ? block_type >> 4 : block_type)'
  num_zones_r4:
    -orig-id: s_fsize
    pos: 4
    type: u4
  num_zones_r2:
    -orig-id: s_fsize
    pos: 2
    type: u4
  num_free_zones_r4:
    -orig-id: s_tfree
    pos: 432
    type: u4
  num_free_zones_r2:
    -orig-id: s_tfree
    pos: 426
    type: u4
  volume_name_r4:
    -orig-id: s_fname
    pos: 440
    size: 6
    type: strz
  volume_name_r2:
    -orig-id: s_fname
    pos: 432
    size: 6
    type: strz
  num_zones:
    value: 'is_r4 ? num_zones_r4 : num_zones_r2'
  num_free_zones:
    value: 'is_r4 ? num_free_zones_r4 : num_free_zones_r2'
  volume_name:
    value: 'is_r4 ? volume_name_r4 : volume_name_r2'
  num_inodes:
    value: (first_data_zone - 2) * len_block / 64
    doc: The table of inodes lies between block 2 and the first data zone.
types:
  inode:
    -export: records
    seq:
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: num_links
        -orig-id: i_nlink
        type: u2
    instances:
      is_free:
        value: mode == 0 and num_links == 0
