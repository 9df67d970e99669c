meta:
  id: minix3
  title: Minix filesystem, version 3
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {at: 0x418, magic: [0x5a, 0x4d], order: le}
      - {at: 0x418, magic: [0x4d, 0x5a], order: be}
    offset: 0x400
    size: 0x20
    name: minix
    mounted-cut: true
    block-size: len_block
    blocks: num_data_zones << log_zone_size
    end: (num_zones << log_zone_size) * len_block
    free:
      zero-bits:
        at: (2 + num_imap_blocks) * len_block
        bits: num_zmap_bits
        per-bit: 1 << log_zone_size
        taken: 1
    inodes: num_inodes
    inodes-free:
      zero-bits:
        at: 2 * len_block
        bits: num_imap_bits
        taken: 1
    version: >-
      '3'
doc: |
  The superblock of a version 3 Minix filesystem. It lies at byte 1024 whatever
  the block size is; the bitmap of inodes begins in block 2, that of zones behind
  it.

  The kernel counts the zero bits of whole bitmap blocks: mkfs sets those behind
  the last one that has a meaning. A mount sets the first bit of each bitmap.
doc-ref:
  - 'Linux fs/minix/inode.c: minix_fill_super, minix_statfs'
  - 'Linux fs/minix/bitmap.c: count_free'
seq:
  - id: num_inodes
    -orig-id: s_ninodes
    type: u4
    valid:
      min: 1
  - id: reserved1
    -orig-id: s_pad0
    type: u2
  - id: num_imap_blocks
    -orig-id: s_imap_blocks
    type: u2
    valid:
      min: 1
    doc: Blocks of the bitmap of inodes.
  - id: num_zmap_blocks
    -orig-id: s_zmap_blocks
    type: u2
    valid:
      min: 1
    doc: Blocks of the bitmap of zones.
  - id: first_data_zone
    -orig-id: s_firstdatazone
    type: u2
    valid:
      min: 4
  - id: log_zone_size
    -orig-id: s_log_zone_size
    type: u2
    valid:
      max: 10
    doc: A zone is a block shifted left by this.
  - id: reserved2
    -orig-id: s_pad1
    type: u2
  - id: max_file_size
    -orig-id: s_max_size
    type: u4
  - id: num_zones
    -orig-id: s_zones
    type: u4
  - id: magic
    -orig-id: s_magic
    type: u2
    valid: 0x4d5a
  - id: reserved3
    -orig-id: s_pad2
    type: u2
  - id: len_block
    -orig-id: s_blocksize
    type: u2
    valid:
      any-of: [1024, 2048, 4096, 8192, 16384, 32768]
  - id: disk_version
    -orig-id: s_disk_version
    type: u1
instances:
  num_data_zones:
    value: num_zones - first_data_zone
  num_bits_per_block:
    value: len_block * 8
  num_imap_bits:
    value: (num_inodes + num_bits_per_block) / num_bits_per_block * num_bits_per_block
    doc: One bit for each inode and for the number 0, in whole blocks.
  num_zmap_bits:
    value: (num_data_zones + num_bits_per_block) / num_bits_per_block * num_bits_per_block
    doc: One bit for each data zone and for the number 0, in whole blocks.
  has_room:
    value: >-
      num_inodes <= num_imap_blocks * num_bits_per_block and
      num_zmap_bits <= num_zmap_blocks * num_bits_per_block
    doc: Whether the bitmaps have a bit for each inode and zone.
  ofs_root_inode:
    value: (2 + num_imap_blocks + num_zmap_blocks) * len_block
    doc: The first inode, behind the bitmaps.
