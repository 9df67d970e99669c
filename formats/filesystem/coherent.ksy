meta:
  id: coherent
  title: Coherent filesystem
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - all: [{at: 996, magic: noname}, {at: 1002, magic: nopack}]
      - all: [{at: 996, magic: 'xxxxx '}, {at: 1002, magic: nopack}]
      - all: [{at: 996, magic: noname}, {at: 1002, magic: [0x78, 0x78, 0x78, 0x78, 0x78, 0x0a]}]
      - all: [{at: 996, magic: 'xxxxx '}, {at: 1002, magic: [0x78, 0x78, 0x78, 0x78, 0x78, 0x0a]}]
    offset: 0x200
    size: 0x1f4
    name: coherent
    block-size: 512
    blocks: num_zones.value - first_data_zone
    free: num_free_zones.value
    inodes: num_inodes
    inodes-free:
      sum:
        type: inode
        at: 2 * 512 + 128
        count: num_inodes - 2
        size: 64
        value: 'is_free ? 1 : 0'
doc: |
  The superblock of a Coherent filesystem, at byte 512; blocks have 512 bytes. It
  has no number to know it by: the names that nobody changes are its signature.
  32-bit numbers have their upper half first, as on the PDP-11.

  Inode 1 holds the bad blocks and inode 2 is the root: the kernel looks for free
  ones behind these. It counts the free blocks along their chain; their number in
  the superblock is the same unless the filesystem was not unmounted.
doc-ref:
  - 'Linux include/linux/sysv_fs.h: struct coh_super_block'
  - 'Linux fs/sysv/super.c: detect_coherent'
  - 'Linux fs/sysv/inode.c: sysv_statfs'
seq:
  - id: first_data_zone
    -orig-id: s_isize
    type: u2
    valid:
      min: 2
  - id: num_zones
    -orig-id: s_fsize
    type: pdp_u4
  - id: free_lists
    -orig-id: s_nfree, s_free, s_ninode, s_inode
    size: 460
  - id: locks
    -orig-id: s_flock, s_ilock, s_fmod, s_ronly
    size: 4
  - id: time
    -orig-id: s_time
    type: pdp_u4
  - id: num_free_zones
    -orig-id: s_tfree
    type: pdp_u4
  - id: num_free_inodes
    -orig-id: s_tinode
    type: u2
instances:
  num_inodes:
    value: (first_data_zone - 2) * 512 / 64
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
  pdp_u4:
    seq:
      - id: upper
        type: u2
      - id: lower
        type: u2
    instances:
      value:
        value: upper * 65536 + lower
