meta:
  id: reiserfs
  title: ReiserFS 3.5 and 3.6
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x10034, magic: ReIsErFs}
      - {at: 0x10034, magic: ReIsEr2Fs}
      - {at: 0x10034, magic: ReIsEr3Fs}
    offset: 0x10000
    size: 0x80
    name: reiserfs
    block-size: len_block
    blocks: num_blocks - num_bitmap_blocks - 1
    free: num_free_blocks
    label: label
    uuid: uuid
    version: "magic == 'ReIsEr3Fs' ? 'JR' : magic == 'ReIsEr2Fs' ? '3.6' : '3.5'"
doc: The superblock of a ReiserFS filesystem.
doc-ref: 'Linux fs/reiserfs/reiserfs.h: struct reiserfs_super_block'
seq:
  - id: num_blocks
    -orig-id: s_block_count
    type: u4
  - id: num_free_blocks
    -orig-id: s_free_blocks
    type: u4
  - id: root_block
    -orig-id: s_root_block
    type: u4
  - id: journal
    -orig-id: s_journal
    size: 32
  - id: len_block
    -orig-id: s_blocksize
    type: u2
    valid:
      min: 512
      max: 8192
    doc: Size of a block in bytes.
  - id: object_ids
    -orig-id: s_oid_maxsize, s_oid_cursize
    size: 4
  - id: state
    -orig-id: s_umount_state
    type: u2
  - id: magic
    -orig-id: s_magic
    size: 10
    type: strz
    encoding: ASCII
  - id: check_state
    -orig-id: s_fs_state
    type: u2
  - id: hash_function
    -orig-id: s_hash_function_code
    type: u4
  - id: tree_height
    -orig-id: s_tree_height
    type: u2
  - id: num_bitmap_blocks
    -orig-id: s_bmap_nr
    type: u2
  - id: version
    -orig-id: s_version
    type: u2
  - id: reserved1
    -orig-id: s_reserved_for_journal
    type: u2
  - id: inode_generation
    -orig-id: s_inode_generation
    type: u4
  - id: flags
    -orig-id: s_flags
    type: u4
  - id: uuid
    -orig-id: s_uuid
    size: 16
  - id: label
    -orig-id: s_label
    size: 16
    type: strz
