meta:
  id: minix
  title: Minix filesystem, versions 1 and 2
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {at: 0x410, magic: [0x7f, 0x13], order: le}
      - {at: 0x410, magic: [0x8f, 0x13], order: le}
      - {at: 0x410, magic: [0x68, 0x24], order: le}
      - {at: 0x410, magic: [0x78, 0x24], order: le}
      - {at: 0x410, magic: [0x13, 0x7f], order: be}
      - {at: 0x410, magic: [0x13, 0x8f], order: be}
      - {at: 0x410, magic: [0x24, 0x68], order: be}
      - {at: 0x410, magic: [0x24, 0x78], order: be}
    offset: 0x400
    size: 0x20
    name: minix
    mounted-cut: true
    block-size: 1024
    blocks: num_data_zones << log_zone_size
    end: (num_zones << log_zone_size) * 1024
    free:
      zero-bits:
        at: (2 + num_imap_blocks) * 1024
        bits: num_zmap_bits
        per-bit: 1 << log_zone_size
        taken: 1
    inodes: num_inodes
    inodes-free:
      zero-bits:
        at: 2 * 1024
        bits: num_imap_bits
        taken: 1
    version: "is_v2 ? '2' : '1'"
doc: |
  The superblock of a version 1 or 2 Minix filesystem. It lies at byte 1024;
  behind it, in blocks of 1024 bytes, come the bitmap of inodes, the bitmap of
  zones (a zone is a power of two of blocks), the inodes and the data zones.

  The kernel counts the zero bits of whole bitmap blocks: mkfs sets those behind
  the last one that has a meaning. A mount sets the first bit of each bitmap.
doc-ref:
  - 'Linux fs/minix/inode.c: minix_fill_super, V1_minix_iget, V2_minix_iget, minix_statfs'
  - 'Linux fs/minix/bitmap.c: count_free'
seq:
  - id: num_inodes
    -orig-id: s_ninodes
    type: u2
    valid:
      min: 1
    doc: Number of inodes; inode 0 does not exist.
  - id: num_zones_v1
    -orig-id: s_nzones
    type: u2
    doc: Number of zones in version 1.
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
    doc: A zone is 1024 bytes shifted left by this.
  - id: max_file_size
    -orig-id: s_max_size
    type: u4
  - id: magic
    -orig-id: s_magic
    type: u2
    enum: version
    valid:
      in-enum: true
  - id: state
    -orig-id: s_state
    type: u2
  - id: num_zones_v2
    -orig-id: s_zones
    type: u4
    doc: Number of zones in version 2.
instances:
  is_v2:
    value: magic == version::v2_names_14 or magic == version::v2_names_30
  num_zones:
    value: 'is_v2 ? num_zones_v2 : num_zones_v1'
  num_data_zones:
    value: num_zones - first_data_zone
  num_imap_bits:
    value: (num_inodes + 1 + 8191) / 8192 * 8192
    doc: One bit for each inode and for the number 0, in whole blocks.
  num_zmap_bits:
    value: (num_data_zones + 1 + 8191) / 8192 * 8192
    doc: One bit for each data zone and for the number 0, in whole blocks.
  has_room:
    value: num_inodes <= num_imap_blocks * 8192 and num_zmap_bits <= num_zmap_blocks * 8192
    doc: Whether the bitmaps have a bit for each inode and zone.
  ofs_root_inode:
    value: (2 + num_imap_blocks + num_zmap_blocks) * 1024
    doc: The first inode, behind the bitmaps.
types:
  inode_v1:
    -export: structure
    doc: The beginning of an inode of version 1.
    seq:
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: uid
        -orig-id: i_uid
        type: u2
      - id: len_file
        -orig-id: i_size
        type: u4
      - id: modified_at
        -orig-id: i_time
        type: u4
      - id: gid
        -orig-id: i_gid
        type: u1
      - id: num_links
        -orig-id: i_nlinks
        type: u1
  inode_v2:
    -export: structure
    doc: The beginning of an inode of version 2.
    seq:
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: num_links
        -orig-id: i_nlinks
        type: u2
enums:
  version:
    0x137f:
      id: v1_names_14
      doc: Version 1, names of up to 14 bytes.
    0x138f:
      id: v1_names_30
      doc: Version 1, names of up to 30 bytes.
    0x2468:
      id: v2_names_14
      doc: Version 2, names of up to 14 bytes.
    0x2478:
      id: v2_names_30
      doc: Version 2, names of up to 30 bytes.
