meta:
  id: xfs
  title: XFS filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0, magic: XFSB}
    offset: 0
    size: 0x108
-export: fields
doc: |
  The superblock of an XFS filesystem, versions 4 and 5, the headers of its
  allocation groups, and as much of its log as tells whether it was unmounted
  cleanly.
doc-ref:
  - https://mirrors.edge.kernel.org/pub/linux/utils/fs/xfs/docs/xfs_filesystem_structure.pdf
  - 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_dsb, xfs_agf, xfs_agi'
  - 'Linux fs/xfs/libxfs/xfs_log_format.h'
seq:
  - id: magic
    -orig-id: sb_magicnum
    contents: XFSB
  - id: len_block
    -orig-id: sb_blocksize
    type: u4
    valid:
      min: 512
      max: 65536
  - id: num_data_blocks
    -orig-id: sb_dblocks
    type: u8
  - id: num_realtime_blocks
    -orig-id: sb_rblocks
    type: u8
  - id: num_realtime_extents
    -orig-id: sb_rextents
    type: u8
  - id: uuid
    -orig-id: sb_uuid
    size: 16
  - id: log_start
    -orig-id: sb_logstart
    type: u8
    doc: Filesystem block of the internal log; 0 if it is on another device.
  - id: root_inode
    -orig-id: sb_rootino
    type: u8
  - id: realtime_bitmap_inode
    -orig-id: sb_rbmino
    type: u8
  - id: realtime_summary_inode
    -orig-id: sb_rsumino
    type: u8
  - id: realtime_extent_size
    -orig-id: sb_rextsize
    type: u4
  - id: blocks_per_group
    -orig-id: sb_agblocks
    type: u4
  - id: num_groups
    -orig-id: sb_agcount
    type: u4
  - id: num_realtime_bitmap_blocks
    -orig-id: sb_rbmblocks
    type: u4
  - id: num_log_blocks
    -orig-id: sb_logblocks
    type: u4
  - id: version
    -orig-id: sb_versionnum
    type: u2
    doc: The lower four bits are the version, the others are features.
  - id: len_sector
    -orig-id: sb_sectsize
    type: u2
    valid:
      min: 512
      max: 32768
  - id: len_inode
    -orig-id: sb_inodesize
    type: u2
    valid:
      min: 256
      max: 2048
  - id: inodes_per_block
    -orig-id: sb_inopblock
    type: u2
  - id: label
    -orig-id: sb_fname
    size: 12
    type: strz
  - id: log2_block
    -orig-id: sb_blocklog
    type: u1
    valid:
      min: 9
      max: 16
  - id: log2_sector
    -orig-id: sb_sectlog
    type: u1
    valid:
      min: 9
      max: 15
  - id: log2_inode
    -orig-id: sb_inodelog
    type: u1
    valid:
      min: 8
      max: 11
  - id: log2_inodes_per_block
    -orig-id: sb_inopblog
    type: u1
    valid:
      max: 8
  - id: log2_blocks_per_group
    -orig-id: sb_agblklog
    type: u1
    valid:
      max: 31
  - id: log2_realtime_extents
    -orig-id: sb_rextslog
    type: u1
  - id: in_progress
    -orig-id: sb_inprogress
    type: u1
    doc: Not 0 while mkfs runs, and in the copies of the superblock.
  - id: max_inode_percent
    -orig-id: sb_imax_pct
    type: u1
    valid:
      max: 100
    doc: The part of the space that inodes may fill; 0 is without limit.
  - id: num_inodes
    -orig-id: sb_icount
    type: u8
    doc: Inodes allocated, used or free.
  - id: num_free_inodes
    -orig-id: sb_ifree
    type: u8
  - id: num_free_blocks
    -orig-id: sb_fdblocks
    type: u8
  - id: num_free_realtime_extents
    -orig-id: sb_frextents
    type: u8
  - id: user_quota_inode
    -orig-id: sb_uquotino
    type: u8
  - id: group_quota_inode
    -orig-id: sb_gquotino
    type: u8
  - id: quota_flags
    -orig-id: sb_qflags
    type: u2
  - id: flags
    -orig-id: sb_flags
    type: u1
  - id: shared_version
    -orig-id: sb_shared_vn
    type: u1
  - id: inode_alignment
    -orig-id: sb_inoalignmt
    type: u4
  - id: stripe_unit
    -orig-id: sb_unit
    type: u4
  - id: stripe_width
    -orig-id: sb_width
    type: u4
  - id: log2_directory_blocks
    -orig-id: sb_dirblklog
    type: u1
  - id: log2_log_sector
    -orig-id: sb_logsectlog
    type: u1
  - id: len_log_sector
    -orig-id: sb_logsectsize
    type: u2
  - id: log_stripe_unit
    -orig-id: sb_logsunit
    type: u4
  - id: features2
    -orig-id: sb_features2
    type: u4
  - id: bad_features2
    -orig-id: sb_bad_features2
    type: u4
  - id: features_compat
    -orig-id: sb_features_compat
    type: u4
    doc: This and what follows is of version 5 only.
  - id: features_ro_compat
    -orig-id: sb_features_ro_compat
    type: u4
  - id: features_incompat
    -orig-id: sb_features_incompat
    type: u4
  - id: features_log_incompat
    -orig-id: sb_features_log_incompat
    type: u4
  - id: checksum
    -orig-id: sb_crc
    type: u4le
    doc: CRC-32C of the sector, this field being 0.
  - id: sparse_inode_alignment
    -orig-id: sb_spino_align
    type: u4
  - id: project_quota_inode
    -orig-id: sb_pquotino
    type: u8
  - id: last_write_lsn
    -orig-id: sb_lsn
    type: u8
  - id: meta_uuid
    -orig-id: sb_meta_uuid
    size: 16
    doc: With the feature meta_uuid, the UUID that all other metadata bears.
types:
  agf:
    -export: [structure, fields]
    doc: What an allocation group knows of its free space; its second sector.
    seq:
      - id: magic
        -orig-id: agf_magicnum
        contents: XAGF
      - id: version
        -orig-id: agf_versionnum
        type: u4
        valid: 1
      - id: group_number
        -orig-id: agf_seqno
        type: u4
      - id: num_blocks
        -orig-id: agf_length
        type: u4
      - id: bno_root
        -orig-id: agf_bno_root
        type: u4
      - id: cnt_root
        -orig-id: agf_cnt_root
        type: u4
      - id: rmap_root
        -orig-id: agf_rmap_root
        type: u4
      - id: bno_level
        -orig-id: agf_bno_level
        type: u4
      - id: cnt_level
        -orig-id: agf_cnt_level
        type: u4
      - id: rmap_level
        -orig-id: agf_rmap_level
        type: u4
      - id: free_list_first
        -orig-id: agf_flfirst
        type: u4
      - id: free_list_last
        -orig-id: agf_fllast
        type: u4
      - id: num_free_list_blocks
        -orig-id: agf_flcount
        type: u4
      - id: num_free_blocks
        -orig-id: agf_freeblks
        type: u4
      - id: longest_free_extent
        -orig-id: agf_longest
        type: u4
      - id: num_btree_blocks
        -orig-id: agf_btreeblks
        type: u4
        doc: Blocks of the trees of free space and of the reverse map, without their roots.
      - id: uuid
        -orig-id: agf_uuid
        size: 16
      - id: num_rmap_blocks
        -orig-id: agf_rmap_blocks
        type: u4
      - id: num_refcount_blocks
        -orig-id: agf_refcount_blocks
        type: u4
      - id: refcount_root
        -orig-id: agf_refcount_root
        type: u4
      - id: refcount_level
        -orig-id: agf_refcount_level
        type: u4
      - id: reserved1
        -orig-id: agf_spare64
        size: 112
      - id: last_write_lsn
        -orig-id: agf_lsn
        type: u8
      - id: checksum
        -orig-id: agf_crc
        type: u4le
  agi:
    -export: [structure, fields]
    doc: What an allocation group knows of its inodes; its third sector.
    seq:
      - id: magic
        -orig-id: agi_magicnum
        contents: XAGI
      - id: version
        -orig-id: agi_versionnum
        type: u4
        valid: 1
      - id: group_number
        -orig-id: agi_seqno
        type: u4
      - id: num_blocks
        -orig-id: agi_length
        type: u4
      - id: num_inodes
        -orig-id: agi_count
        type: u4
      - id: inode_root
        -orig-id: agi_root
        type: u4
      - id: inode_level
        -orig-id: agi_level
        type: u4
      - id: num_free_inodes
        -orig-id: agi_freecount
        type: u4
      - id: newest_inode
        -orig-id: agi_newino
        type: u4
      - id: directory_inode
        -orig-id: agi_dirino
        type: u4
      - id: unlinked
        -orig-id: agi_unlinked
        size: 256
      - id: uuid
        -orig-id: agi_uuid
        size: 16
      - id: checksum
        -orig-id: agi_crc
        type: u4le
      - id: reserved1
        -orig-id: agi_pad32
        type: u4
      - id: last_write_lsn
        -orig-id: agi_lsn
        type: u8
      - id: free_inode_root
        -orig-id: agi_free_root
        type: u4
      - id: free_inode_level
        -orig-id: agi_free_level
        type: u4
      - id: num_inode_tree_blocks
        -orig-id: agi_iblocks
        type: u4
      - id: num_free_inode_tree_blocks
        -orig-id: agi_fblocks
        type: u4
        doc: With the feature inobtcount.
  btree_block:
    -export: [structure, fields]
    doc: The head of a block of a tree within one allocation group, in version 5.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_btree_block'
    seq:
      - id: magic
        -orig-id: bb_magic
        size: 4
        type: str
        encoding: ASCII
      - id: level
        -orig-id: bb_level
        type: u2
        doc: 0 in a leaf.
      - id: num_records
        -orig-id: bb_numrecs
        type: u2
      - id: left_sibling
        -orig-id: bb_leftsib
        type: u4
      - id: right_sibling
        -orig-id: bb_rightsib
        type: u4
      - id: block_number
        -orig-id: bb_blkno
        type: u8
      - id: last_write_lsn
        -orig-id: bb_lsn
        type: u8
      - id: uuid
        -orig-id: bb_uuid
        size: 16
      - id: owner
        -orig-id: bb_owner
        type: u4
      - id: checksum
        -orig-id: bb_crc
        type: u4le
  btree_pointer:
    -export: records
    doc: A pointer of a tree's inner block, a block number within the group.
    seq:
      - id: block
        type: u4
  block_head:
    -export: records
    doc: |
      Most metadata begins with a magic number of four bytes. Leaves and nodes
      of directories and of attributes have one of two behind two pointers.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da_blkinfo'
    seq:
      - id: magic
        type: u4
      - id: back
        type: u4
      - id: names_magic
        type: u2
  free_list:
    -export: fields
    doc: |
      The head of the list of blocks that a group's trees may take, its fourth
      sector, in version 5.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_agfl'
    seq:
      - id: magic
        -orig-id: agfl_magicnum
        contents: XAFL
      - id: group_number
        -orig-id: agfl_seqno
        type: u4
      - id: uuid
        -orig-id: agfl_uuid
        size: 16
      - id: last_write_lsn
        -orig-id: agfl_lsn
        type: u8
      - id: checksum
        -orig-id: agfl_crc
        type: u4le
  symlink_block:
    -export: fields
    doc: The head of a block with the target of a symbolic link, in version 5.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_dsymlink_hdr'
    seq:
      - id: magic
        -orig-id: sl_magic
        contents: XSLM
      - id: offset
        -orig-id: sl_offset
        type: u4
      - id: len_target
        -orig-id: sl_bytes
        type: u4
      - id: checksum
        -orig-id: sl_crc
        type: u4le
      - id: uuid
        -orig-id: sl_uuid
        size: 16
      - id: owner
        -orig-id: sl_owner
        type: u8
      - id: block_number
        -orig-id: sl_blkno
        type: u8
      - id: last_write_lsn
        -orig-id: sl_lsn
        type: u8
  directory_block:
    -export: [records, fields]
    doc: The head of a directory's block of names or of free room, in version 5.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir3_blk_hdr'
    seq:
      - id: magic
        type: u4
      - id: checksum
        -orig-id: crc
        type: u4le
      - id: block_number
        -orig-id: blkno
        type: u8
      - id: last_write_lsn
        -orig-id: lsn
        type: u8
      - id: uuid
        size: 16
      - id: owner
        type: u8
  names_block:
    -export: [records, fields]
    doc: |
      The head of a leaf or node of a directory or of attributes, in version 5.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da3_blkinfo'
    seq:
      - id: forward
        -orig-id: forw
        type: u4
      - id: back
        type: u4
      - id: magic
        type: u2
      - id: reserved1
        -orig-id: pad
        type: u2
      - id: checksum
        -orig-id: crc
        type: u4le
      - id: block_number
        -orig-id: blkno
        type: u8
      - id: last_write_lsn
        -orig-id: lsn
        type: u8
      - id: uuid
        size: 16
      - id: owner
        type: u8
  names_links:
    -export: records
    doc: What the head of such a block begins with, in either version.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da_blkinfo'
    seq:
      - id: forward
        -orig-id: forw
        type: u4
      - id: back
        type: u4
      - id: magic
        type: u2
  names_count:
    -export: records
    doc: |
      Behind the head of a leaf or node of attributes. What a leaf has behind
      the count is something else.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da3_node_hdr'
    seq:
      - id: num_entries
        -orig-id: count
        type: u2
      - id: level
        type: u2
  names_pointer:
    -export: records
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da_node_entry'
    seq:
      - id: hash
        -orig-id: hashval
        type: u4
      - id: block
        -orig-id: before
        type: u4
  attribute_entry:
    -export: records
    doc: Where in its leaf an attribute lies.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_leaf_entry'
    seq:
      - id: hash
        -orig-id: hashval
        type: u4
      - id: ofs_attribute
        -orig-id: nameidx
        type: u2
      - id: flags
        type: u1
        doc: 1, the value lies here; 2, trusted; 4, security; 8, a parent; 128, not complete.
      - id: reserved1
        -orig-id: pad2
        type: u1
  local_attribute:
    -export: records
    doc: Its name follows, then its value.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_leaf_name_local'
    seq:
      - id: len_value
        -orig-id: valuelen
        type: u2
      - id: len_name
        -orig-id: namelen
        type: u1
  remote_attribute:
    -export: records
    doc: An attribute whose value has blocks of its own. Its name follows.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_leaf_name_remote'
    seq:
      - id: value_block
        -orig-id: valueblk
        type: u4
      - id: len_value
        -orig-id: valuelen
        type: u4
      - id: len_name
        -orig-id: namelen
        type: u1
  short_attributes:
    -export: records
    doc: Attributes that lie in the inode.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_sf_hdr'
    seq:
      - id: len_all
        -orig-id: totsize
        type: u2
      - id: num_entries
        -orig-id: count
        type: u1
      - id: reserved1
        -orig-id: padding
        type: u1
  short_attribute:
    -export: records
    doc: Its name follows, then its value.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_sf_entry'
    seq:
      - id: len_name
        -orig-id: namelen
        type: u1
      - id: len_value
        -orig-id: valuelen
        type: u1
      - id: flags
        type: u1
  value_block:
    -export: [records, fields]
    doc: The head of a block with an attribute's value, in version 5.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr3_rmt_hdr'
    seq:
      - id: magic
        -orig-id: rm_magic
        contents: XARM
      - id: offset
        -orig-id: rm_offset
        type: u4
      - id: len_value
        -orig-id: rm_bytes
        type: u4
      - id: checksum
        -orig-id: rm_crc
        type: u4le
      - id: uuid
        -orig-id: rm_uuid
        size: 16
      - id: owner
        -orig-id: rm_owner
        type: u8
  access_count:
    -export: records
    doc: An access control list begins with the number of its entries.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_acl'
    seq:
      - id: num_entries
        -orig-id: acl_cnt
        type: u4
  access_entry:
    -export: records
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_acl_entry'
    seq:
      - id: tag
        -orig-id: ae_tag
        type: u4
      - id: owner
        -orig-id: ae_id
        type: u4
      - id: permissions
        -orig-id: ae_perm
        type: u2
      - id: reserved1
        -orig-id: ae_pad
        type: u2
  stamp:
    -export: records
    doc: The place in the log of the last change that was written here.
    seq:
      - id: lsn
        type: u8
  inode_chunk:
    -export: records
    doc: A record of a tree of inodes, a chunk of 64 of them.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_inobt_rec'
    seq:
      - id: first_inode
        -orig-id: ir_startino
        type: u4
      - id: hole_mask
        -orig-id: ir_holemask
        type: u2
        doc: With sparse inodes; without, the number of the free ones is four bytes.
      - id: num_inodes
        -orig-id: ir_count
        type: u1
      - id: num_free
        -orig-id: ir_freecount
        type: u1
      - id: free
        -orig-id: ir_free
        type: u8
  refcount_record:
    -export: records
    doc: |
      A record of the tree of shared blocks. The uppermost bit of the first
      block says that a write was prepared there.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_refcount_rec'
    seq:
      - id: first_block
        -orig-id: rc_startblock
        type: u4
      - id: num_blocks
        -orig-id: rc_blockcount
        type: u4
      - id: num_references
        -orig-id: rc_refcount
        type: u4
  reverse_map_record:
    -export: records
    doc: |
      A record of the reverse map: blocks, and the inode that has them. Of
      metadata the owner is a negative number.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_rmap_rec'
    seq:
      - id: first_block
        -orig-id: rm_startblock
        type: u4
      - id: num_blocks
        -orig-id: rm_blockcount
        type: u4
      - id: owner
        -orig-id: rm_owner
        type: u8
      - id: offset
        -orig-id: rm_offset
        type: u8
        doc: |
          Where in the file, in blocks; the uppermost three bits say that they
          are of the attributes, of the file's map, and unwritten.
  free_space_record:
    -export: records
    doc: A record of the trees of free space, by block and by size.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_alloc_rec'
    seq:
      - id: first_block
        -orig-id: ar_startblock
        type: u4
      - id: num_blocks
        -orig-id: ar_blockcount
        type: u4
  inode_number:
    -export: records
    doc: An inode, as a directory with large numbers within its own inode has it.
    seq:
      - id: number
        type: u8
  short_directory:
    -export: records
    doc: |
      How a directory begins that lies in its inode. Its parent follows, and
      the entries; their numbers of inodes have 8 bytes if any needs them.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_sf_hdr'
    seq:
      - id: num_entries
        -orig-id: count
        type: u1
      - id: num_large
        -orig-id: i8count
        type: u1
        doc: How many of the numbers need 8 bytes.
  short_directory_entry:
    -export: records
    doc: |
      The begin of such an entry. Behind the name are the type, with the feature
      ftype, and the inode.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_sf_entry'
    seq:
      - id: len_name
        -orig-id: namelen
        type: u1
      - id: offset
        type: u2
        doc: Where it would lie in a block.
  directory_entry:
    -export: records
    doc: |
      The begin of an entry in a directory's block. Behind the name are the
      type, with the feature ftype, and at the end of a multiple of 8 bytes where
      the entry begins.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_data_entry'
    seq:
      - id: inode
        -orig-id: inumber
        type: u8
      - id: len_name
        -orig-id: namelen
        type: u1
  directory_room:
    -export: records
    doc: Free room in a directory's block.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_data_unused'
    seq:
      - id: tag
        -orig-id: freetag
        type: u2
        doc: 0xffff, which no number of an inode begins with.
      - id: len_room
        -orig-id: length
        type: u2
  directory_tail:
    -export: records
    doc: |
      The end of a directory that has one block: before it is the index, of 8
      bytes for each name.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_block_tail'
    seq:
      - id: num_index_entries
        -orig-id: count
        type: u4
      - id: num_stale
        -orig-id: stale
        type: u4
  btree_head:
    -export: records
    doc: How a block of a tree within one allocation group begins, in any version.
    seq:
      - id: magic
        -orig-id: bb_magic
        type: u4
      - id: level
        -orig-id: bb_level
        type: u2
      - id: num_records
        -orig-id: bb_numrecs
        type: u2
      - id: left_sibling
        -orig-id: bb_leftsib
        type: u4
      - id: right_sibling
        -orig-id: bb_rightsib
        type: u4
  long_btree_head:
    -export: records
    doc: How a block of the tree of a file's extents begins, in any version.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_btree_block'
    seq:
      - id: magic
        -orig-id: bb_magic
        type: u4
      - id: level
        -orig-id: bb_level
        type: u2
      - id: num_records
        -orig-id: bb_numrecs
        type: u2
      - id: left_sibling
        -orig-id: bb_leftsib
        type: u8
      - id: right_sibling
        -orig-id: bb_rightsib
        type: u8
  long_btree_block:
    -export: [records, fields]
    doc: The head of such a block in version 5.
    seq:
      - id: magic
        -orig-id: bb_magic
        type: u4
      - id: level
        -orig-id: bb_level
        type: u2
      - id: num_records
        -orig-id: bb_numrecs
        type: u2
      - id: left_sibling
        -orig-id: bb_leftsib
        type: u8
      - id: right_sibling
        -orig-id: bb_rightsib
        type: u8
      - id: block_number
        -orig-id: bb_blkno
        type: u8
      - id: last_write_lsn
        -orig-id: bb_lsn
        type: u8
      - id: uuid
        -orig-id: bb_uuid
        size: 16
      - id: owner
        -orig-id: bb_owner
        type: u8
      - id: checksum
        -orig-id: bb_crc
        type: u4le
      - id: reserved1
        -orig-id: bb_pad
        type: u4
  long_btree_pointer:
    -export: records
    doc: A block of the filesystem.
    seq:
      - id: block
        type: u8
  btree_root:
    -export: records
    doc: How the root of the tree of a file's extents begins, which lies in the inode.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_bmdr_block'
    seq:
      - id: level
        -orig-id: bb_level
        type: u2
      - id: num_records
        -orig-id: bb_numrecs
        type: u2
  file_extent:
    -export: records
    doc: |
      From the top: a bit for blocks that were never written, 54 bits of the
      place in the file, 52 of the first block, 21 of the number of blocks.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_bmbt_rec'
    seq:
      - id: high
        -orig-id: l0
        type: u8
      - id: low
        -orig-id: l1
        type: u8
  inode:
    -export: [structure, fields]
    doc: An inode, without the content of its forks.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_format.h: struct xfs_dinode'
    seq:
      - id: magic
        -orig-id: di_magic
        contents: IN
      - id: mode
        -orig-id: di_mode
        type: u2
      - id: version
        -orig-id: di_version
        type: u1
      - id: data_format
        -orig-id: di_format
        type: u1
      - id: num_links_old
        -orig-id: di_onlink
        type: u2
      - id: owner
        -orig-id: di_uid
        type: u4
      - id: owner_group
        -orig-id: di_gid
        type: u4
      - id: num_links
        -orig-id: di_nlink
        type: u4
      - id: project_lo
        -orig-id: di_projid_lo
        type: u2
      - id: project_hi
        -orig-id: di_projid_hi
        type: u2
      - id: num_extents_big
        -orig-id: di_big_nextents
        type: u8
      - id: accessed
        -orig-id: di_atime
        type: u8
        doc: |
          With the feature bigtime nanoseconds, without it four bytes of seconds
          and four of nanoseconds; so are the other times.
      - id: modified
        -orig-id: di_mtime
        type: u8
      - id: changed
        -orig-id: di_ctime
        type: u8
      - id: len_file
        -orig-id: di_size
        type: u8
      - id: num_blocks
        -orig-id: di_nblocks
        type: u8
      - id: extent_size
        -orig-id: di_extsize
        type: u4
      - id: num_extents
        -orig-id: di_nextents
        type: u4
      - id: num_attribute_extents
        -orig-id: di_anextents
        type: u2
      - id: attributes_offset
        -orig-id: di_forkoff
        type: u1
        doc: Where the attributes begin, in units of 8 bytes behind the core; 0 for none.
      - id: attributes_format
        -orig-id: di_aformat
        type: u1
      - id: event_mask
        -orig-id: di_dmevmask
        type: u4
      - id: event_state
        -orig-id: di_dmstate
        type: u2
      - id: flags
        -orig-id: di_flags
        type: u2
      - id: generation
        -orig-id: di_gen
        type: u4
      - id: next_unlinked
        -orig-id: di_next_unlinked
        type: u4
      - id: checksum
        -orig-id: di_crc
        type: u4le
        doc: This and what follows is of version 5 only.
      - id: change_count
        -orig-id: di_changecount
        type: u8
      - id: last_write_lsn
        -orig-id: di_lsn
        type: u8
      - id: flags2
        -orig-id: di_flags2
        type: u8
      - id: cow_extent_size
        -orig-id: di_cowextsize
        type: u4
      - id: reserved1
        -orig-id: di_pad2
        size: 12
      - id: created
        -orig-id: di_crtime
        type: u8
      - id: number
        -orig-id: di_ino
        type: u8
      - id: uuid
        -orig-id: di_uuid
        size: 16
  log_block:
    -export: records
    doc: |
      A block of the log. Each begins with the number of the cycle in which it
      was written, but that of a record's head, where the number comes second.
    seq:
      - id: first_word
        type: u4
      - id: second_word
        type: u4
      - id: rest
        size: 504
  log_record:
    -export: [structure, fields]
    doc: The head of a record of the log.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_rec_header'
    seq:
      - id: magic
        -orig-id: h_magicno
        contents: [0xfe, 0xed, 0xba, 0xbe]
      - id: cycle
        -orig-id: h_cycle
        type: u4
      - id: version
        -orig-id: h_version
        type: u4
      - id: len_data
        -orig-id: h_len
        type: u4
      - id: lsn
        -orig-id: h_lsn
        type: u8
      - id: tail_lsn
        -orig-id: h_tail_lsn
        type: u8
      - id: checksum
        -orig-id: h_crc
        type: u4le
      - id: previous_block
        -orig-id: h_prev_block
        type: u4
      - id: num_operations
        -orig-id: h_num_logops
        type: u4
      - id: first_words
        -orig-id: h_cycle_data
        size: 256
      - id: format
        -orig-id: h_fmt
        type: u4
      - id: uuid
        -orig-id: h_fs_uuid
        size: 16
      - id: len_buffer
        -orig-id: h_size
        type: u4
        doc: |
          The most data that a record may have. If it is more than 32 KiB, there
          is one block of head for each 32 KiB.
  more_log_record:
    -export: fields
    doc: A further block of a record's head, with the words of the next 64 blocks.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_rec_ext_header'
    seq:
      - id: cycle
        -orig-id: xh_cycle
        type: u4
      - id: first_words
        -orig-id: xh_cycle_data
        size: 256
