meta:
  id: ufs
  title: UFS1 and UFS2, the fast filesystems of BSD
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {order: le, at: 0x255c, magic: [0x54, 0x19, 0x01, 0x00]}
      - {order: le, at: 0x255c, magic: [0x19, 0x01, 0x54, 0x19]}
      - {order: le, at: 0x1055c, magic: [0x54, 0x19, 0x01, 0x00]}
      - {order: le, at: 0x1055c, magic: [0x19, 0x01, 0x54, 0x19]}
      - {order: be, at: 0x255c, magic: [0x00, 0x01, 0x19, 0x54]}
      - {order: be, at: 0x255c, magic: [0x19, 0x54, 0x01, 0x19]}
      - {order: be, at: 0x1055c, magic: [0x00, 0x01, 0x19, 0x54]}
      - {order: be, at: 0x1055c, magic: [0x19, 0x54, 0x01, 0x19]}
    offset: 0x2000
    size: 58720
    name: ufs
    label: >-
      it.magic == 0x19540119 ? it.label : ''
    uuid: (it.id_time << 32) | it.id_random
    version: >-
      it.magic == 0x19540119 ? '2' : '1'
    stale: (it.clean & 1) == 0
    end: len_volume * it.len_fragment
    block-size: it.len_fragment
    blocks: num_blocks
    free: num_free_blocks
    available: >-
      num_free_blocks < num_kept_blocks ? 0 : num_free_blocks - num_kept_blocks
    inodes: it.num_groups * it.num_group_inodes
    inodes-free: >-
      has_totals ? it.num_free_inodes : it.num_free_inodes_old
doc: |
  The superblock lies at 8 KiB, or at 64 KiB, which the kernel of BSD looks at
  first, and is in the byte order of the machine that made it.
doc-ref:
  - 'Linux fs/ufs/super.c: ufs_statfs; FreeBSD sys/ufs/ffs/fs.h: struct fs'
  - 'Linux fs/ufs/ufs_fs.h: struct ufs_super_block'
  - 'util-linux libblkid/src/superblocks/ufs.c'
seq:
  - id: at_8k
    type: superblock
instances:
  at_64k:
    pos: 0xe000
    type: superblock
    if: _io.size == 0xe560
  is_at_64k:
    value: >-
      _io.size == 0xe560 and (at_64k.magic == 0x19540119
      or at_64k.magic == 0x11954 and at_8k.magic != 0x11954)
    doc: Of UFS1 with blocks of 64 KiB a copy lies there.
  it:
    value: 'is_at_64k ? at_64k : at_8k'
  has_totals:
    value: it.magic == 0x19540119 or it.len_max_block == it.len_block
    doc: Of UFS1 a superblock that a newer system wrote has them where those of UFS2 are.
  len_volume:
    value: >-
      it.magic == 0x19540119 ? it.len_volume : it.len_volume_old
    doc: In fragments, with what superblocks and inodes take.
  num_blocks:
    value: >-
      it.magic == 0x19540119 ? it.num_data_blocks : it.num_data_blocks_old
  num_free_blocks:
    value: >-
      has_totals ? it.num_free_whole * it.num_block_fragments + it.num_free_fragments
      : it.num_free_whole_old * it.num_block_fragments + it.num_free_fragments_old
  num_kept_blocks:
    value: num_blocks * it.percent_kept / 100
    doc: Nobody but root may have the last of them.
types:
  superblock:
    seq:
      - id: header
        size: 36
      - id: len_volume_old
        -orig-id: fs_old_size
        type: u4
      - id: num_data_blocks_old
        -orig-id: fs_old_dsize
        type: u4
        doc: Of UFS1. Blocks are fragments here.
      - id: num_groups
        -orig-id: fs_ncg
        type: u4
      - id: len_block
        -orig-id: fs_bsize
        type: u4
      - id: len_fragment
        -orig-id: fs_fsize
        type: u4
      - id: num_block_fragments
        -orig-id: fs_frag
        type: u4
      - id: percent_kept
        -orig-id: fs_minfree
        type: u4
      - id: more_header
        size: 80
      - id: id_time
        -orig-id: fs_id[0]
        type: u4
      - id: id_random
        -orig-id: fs_id[1]
        type: u4
      - id: geometry
        size: 32
      - id: num_group_inodes
        -orig-id: fs_ipg
        type: u4
      - id: len_group
        -orig-id: fs_fpg
        type: u4
      - id: num_folders_old
        -orig-id: fs_old_cstotal.cs_ndir
        type: u4
      - id: num_free_whole_old
        -orig-id: fs_old_cstotal.cs_nbfree
        type: u4
      - id: num_free_inodes_old
        -orig-id: fs_old_cstotal.cs_nifree
        type: u4
      - id: num_free_fragments_old
        -orig-id: fs_old_cstotal.cs_nffree
        type: u4
      - id: is_modified
        -orig-id: fs_fmod
        type: u1
      - id: clean
        -orig-id: fs_clean
        type: u1
      - id: layout
        size: 470
      - id: label
        -orig-id: fs_volname
        size: 32
        type: strz
      - id: more_layout
        size: 148
      - id: len_max_block
        -orig-id: fs_maxbsize
        type: u4
      - id: place
        size: 144
      - id: num_folders
        -orig-id: fs_cstotal.cs_ndir
        type: u8
      - id: num_free_whole
        -orig-id: fs_cstotal.cs_nbfree
        type: u8
      - id: num_free_inodes
        -orig-id: fs_cstotal.cs_nifree
        type: u8
      - id: num_free_fragments
        -orig-id: fs_cstotal.cs_nffree
        type: u8
      - id: clusters_and_time
        size: 40
      - id: len_volume
        -orig-id: fs_size
        type: u8
      - id: num_data_blocks
        -orig-id: fs_dsize
        type: u8
      - id: more_places
        size: 276
      - id: magic
        -orig-id: fs_magic
        type: u4
