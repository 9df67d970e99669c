meta:
  id: xenix
  title: Xenix filesystem
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {at: 0x7f8, magic: [0x44, 0x55, 0x2b, 0x00], order: le}
      - {at: 0x7f8, magic: [0x00, 0x2b, 0x55, 0x44], order: be}
    offset: 0x400
    size: 0x400
    name: xenix
    block-size: len_block
    blocks: num_zones - first_data_zone
    free: num_free_zones
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
  The superblock of a Xenix filesystem, at byte 1024.

  Inode 1 holds the bad blocks and inode 2 is the root: the kernel looks for free
  ones behind these. It counts the free blocks along their chain; their number in
  the superblock is the same unless the filesystem was not unmounted.
doc-ref:
  - 'Linux include/linux/sysv_fs.h: struct xenix_super_block'
  - 'Linux fs/sysv/super.c: detect_xenix'
  - 'Linux fs/sysv/inode.c: sysv_statfs'
seq:
  - id: first_data_zone
    -orig-id: s_isize
    type: u2
    valid:
      min: 2
  - id: num_zones
    -orig-id: s_fsize
    type: u4
  - id: free_lists
    -orig-id: s_nfree, s_free, s_ninode, s_inode
    size: 604
  - id: locks
    -orig-id: s_flock, s_ilock, s_fmod, s_ronly
    size: 4
  - id: time
    -orig-id: s_time
    type: u4
  - id: num_free_zones
    -orig-id: s_tfree
    type: u4
  - id: num_free_inodes
    -orig-id: s_tinode
    type: u2
  - id: device_information
    -orig-id: s_dinfo
    size: 8
  - id: volume_name
    -orig-id: s_fname
    size: 6
    type: strz
  - id: pack_name
    -orig-id: s_fpack
    size: 6
    type: strz
  - id: clean
    -orig-id: s_clean
    type: u1
  - id: reserved1
    -orig-id: s_fill
    size: 371
  - id: magic
    -orig-id: s_magic
    type: u4
    valid: 0x2b5544
  - id: block_type
    -orig-id: s_type
    type: u4
    valid:
      min: 1
      max: 2
    doc: Blocks of 512 or 1024 bytes.
instances:
  len_block:
    value: 256 << block_type
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
