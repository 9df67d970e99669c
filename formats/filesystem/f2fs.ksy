meta:
  id: f2fs
  title: F2FS, the flash-friendly filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x400, magic: [0x10, 0x20, 0xf5, 0xf2]}
    offset: 0x400
    size: 3072
doc: |
  The superblock, of which there are two, the checkpoint that says how many
  blocks are in use, and what is needed to bring it up to date as a mount does:
  nodes, the table of where nodes lie (NAT), the table of which blocks are in
  use (SIT), the owners of blocks (summaries), and directories.
doc-ref:
  - https://docs.kernel.org/filesystems/f2fs.html
  - 'Linux include/linux/f2fs_fs.h'
seq:
  - id: magic
    contents: [0x10, 0x20, 0xf5, 0xf2]
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
  - id: log2_blocks_per_segment
    -orig-id: log_blocks_per_seg
    type: u4
  - id: segments_per_section
    -orig-id: segs_per_sec
    type: u4
  - id: sections_per_zone
    -orig-id: secs_per_zone
    type: u4
  - id: ofs_checksum
    -orig-id: checksum_offset
    type: u4
  - id: num_blocks
    -orig-id: block_count
    type: u8
    doc: Of all devices, from the first block on.
  - id: num_sections
    -orig-id: section_count
    type: u4
  - id: num_segments
    -orig-id: segment_count
    type: u4
  - id: num_checkpoint_segments
    -orig-id: segment_count_ckpt
    type: u4
  - id: num_sit_segments
    -orig-id: segment_count_sit
    type: u4
  - id: num_nat_segments
    -orig-id: segment_count_nat
    type: u4
  - id: num_summary_segments
    -orig-id: segment_count_ssa
    type: u4
  - id: num_main_segments
    -orig-id: segment_count_main
    type: u4
  - id: first_segment
    -orig-id: segment0_blkaddr
    type: u4
    doc: As all those that follow, the number of a block.
  - id: checkpoint
    -orig-id: cp_blkaddr
    type: u4
  - id: sit
    -orig-id: sit_blkaddr
    type: u4
  - id: nat
    -orig-id: nat_blkaddr
    type: u4
  - id: summaries
    -orig-id: ssa_blkaddr
    type: u4
  - id: main
    -orig-id: main_blkaddr
    type: u4
  - id: root_inode
    -orig-id: root_ino
    type: u4
  - id: node_inode
    -orig-id: node_ino
    type: u4
  - id: meta_inode
    -orig-id: meta_ino
    type: u4
  - id: uuid
    size: 16
  - id: label
    -orig-id: volume_name
    size: 1024
    type: strz
    encoding: UTF-16LE
  - id: num_extensions
    -orig-id: extension_count
    type: u4
  - id: extensions
    -orig-id: extension_list
    size: 512
  - id: num_payload_blocks
    -orig-id: cp_payload
    type: u4
    doc: Blocks of the version bitmaps that do not fit into the checkpoint.
  - id: kernel_versions
    -orig-id: version, init_version
    size: 512
  - id: features
    -orig-id: feature
    type: u4
  - id: encryption
    -orig-id: encryption_level, encrypt_pw_salt
    size: 17
  - id: devices
    -orig-id: devs
    size: 544
    doc: Eight of `device`; one without a path ends them.
  - id: quota_inodes
    -orig-id: qf_ino
    size: 12
  - id: num_hot_extensions
    -orig-id: hot_ext_count
    type: u1
  - id: name_encoding
    -orig-id: s_encoding
    type: u2
  - id: name_encoding_flags
    -orig-id: s_encoding_flags
    type: u2
  - id: reserved
    -orig-id: s_stop_reason, s_errors, reserved
    size: 306
  - id: checksum
    -orig-id: crc
    type: u4
    doc: With the feature sb_checksum, of all that is before it.
types:
  device:
    -orig-id: f2fs_device
    -export: records
    seq:
      - id: path
        size: 64
      - id: num_segments
        -orig-id: total_segments
        type: u4
  checkpoint_pack:
    -orig-id: f2fs_checkpoint
    -export: structure
    doc: The first and the last block of a checkpoint, which are equal.
    seq:
      - id: version
        -orig-id: checkpoint_ver
        type: u8
      - id: num_user_blocks
        -orig-id: user_block_count
        type: u8
      - id: num_valid_blocks
        -orig-id: valid_block_count
        type: u8
      - id: num_reserved_segments
        -orig-id: rsvd_segment_count
        type: u4
      - id: num_overprovision_segments
        -orig-id: overprov_segment_count
        type: u4
      - id: num_free_segments
        -orig-id: free_segment_count
        type: u4
      - id: node_segments
        -orig-id: cur_node_segno
        type: u4
        repeat: expr
        repeat-expr: 8
      - id: node_offsets
        -orig-id: cur_node_blkoff
        type: u2
        repeat: expr
        repeat-expr: 8
      - id: data_segments
        -orig-id: cur_data_segno
        type: u4
        repeat: expr
        repeat-expr: 8
      - id: data_offsets
        -orig-id: cur_data_blkoff
        type: u2
        repeat: expr
        repeat-expr: 8
      - id: flags
        -orig-id: ckpt_flags
        type: u4
      - id: num_pack_blocks
        -orig-id: cp_pack_total_block_count
        type: u4
      - id: ofs_summaries
        -orig-id: cp_pack_start_sum
        type: u4
        doc: In blocks, from the first one of the pack.
      - id: num_valid_nodes
        -orig-id: valid_node_count
        type: u4
      - id: num_valid_inodes
        -orig-id: valid_inode_count
        type: u4
      - id: next_free_node
        -orig-id: next_free_nid
        type: u4
      - id: len_sit_bitmap
        -orig-id: sit_ver_bitmap_bytesize
        type: u4
      - id: len_nat_bitmap
        -orig-id: nat_ver_bitmap_bytesize
        type: u4
      - id: ofs_checksum
        -orig-id: checksum_offset
        type: u4
      - id: elapsed_time
        type: u8
      - id: allocation_types
        -orig-id: alloc_type
        size: 16
        doc: Of the current segments; 1 where single blocks are reused.
  orphan_block:
    -orig-id: f2fs_orphan_block
    -export: structure
    seq:
      - id: inodes
        -orig-id: ino
        size: 4080
      - id: reserved
        type: u4
      - id: index
        -orig-id: blk_addr
        type: u2
      - id: num_blocks
        -orig-id: blk_count
        type: u2
      - id: num_entries
        -orig-id: entry_count
        type: u4
  pointer:
    -export: records
    doc: |
      The address of a block, the number of a node, an orphan: nodes and tables
      are full of them.
    seq:
      - id: value
        type: u4
  inode:
    -orig-id: f2fs_inode
    -export: structure
    doc: What is before the addresses in the node of an inode.
    seq:
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: advice
        -orig-id: i_advise
        type: u1
      - id: inline
        -orig-id: i_inline
        type: u1
      - id: owner
        -orig-id: i_uid
        type: u4
      - id: group
        -orig-id: i_gid
        type: u4
      - id: num_links
        -orig-id: i_links
        type: u4
      - id: len_file
        -orig-id: i_size
        type: u8
      - id: num_blocks
        -orig-id: i_blocks
        type: u8
      - id: accessed
        -orig-id: i_atime
        type: u8
        doc: Seconds since 1970, with a sign, as the two that follow.
      - id: changed
        -orig-id: i_ctime
        type: u8
      - id: modified
        -orig-id: i_mtime
        type: u8
      - id: accessed_ns
        -orig-id: i_atime_nsec
        type: u4
      - id: changed_ns
        -orig-id: i_ctime_nsec
        type: u4
      - id: modified_ns
        -orig-id: i_mtime_nsec
        type: u4
      - id: generation
        -orig-id: i_generation
        type: u4
      - id: depth
        -orig-id: i_current_depth
        type: u4
        doc: Of a directory, how many levels of buckets it has.
      - id: attribute_node
        -orig-id: i_xattr_nid
        type: u4
      - id: flags
        -orig-id: i_flags
        type: u4
      - id: parent
        -orig-id: i_pino
        type: u4
      - id: len_name
        -orig-id: i_namelen
        type: u4
      - id: name
        -orig-id: i_name
        size: 255
      - id: directory_level
        -orig-id: i_dir_level
        type: u1
      - id: extent
        -orig-id: i_ext
        size: 12
  attribute_entry:
    -export: structure
    doc: |
      An extended attribute. They lie behind a head of 24 bytes, in the inode
      and then in a node of their own, as if both were one stretch.
    doc-ref: 'Linux fs/f2fs/xattr.h: struct f2fs_xattr_entry'
    seq:
      - id: name_index
        -orig-id: e_name_index
        type: u1
      - id: len_name
        -orig-id: e_name_len
        type: u1
      - id: len_value
        -orig-id: e_value_size
        type: u2
  attributes:
    -export: structure
    doc-ref: 'Linux fs/f2fs/xattr.h: struct f2fs_xattr_header'
    seq:
      - id: magic
        -orig-id: h_magic
        type: u4
        doc: 0xf2f52011.
  extra_attributes:
    -export: structure
    doc: What the addresses of an inode begin with if it says so.
    seq:
      - id: len_extra
        -orig-id: i_extra_isize
        type: u2
      - id: num_inline_attribute_addresses
        -orig-id: i_inline_xattr_size
        type: u2
      - id: project
        -orig-id: i_projid
        type: u4
      - id: checksum
        -orig-id: i_inode_checksum
        type: u4
      - id: created
        -orig-id: i_crtime
        type: u8
      - id: created_ns
        -orig-id: i_crtime_nsec
        type: u4
      - id: num_compressed_blocks
        -orig-id: i_compr_blocks
        type: u8
      - id: compression
        -orig-id: i_compress_algorithm
        type: u1
      - id: log2_cluster_blocks
        -orig-id: i_log_cluster_size
        type: u1
      - id: compression_flags
        -orig-id: i_compress_flag
        type: u2
  footer:
    -orig-id: node_footer
    -export: structure
    doc: The end of every node.
    seq:
      - id: node
        -orig-id: nid
        type: u4
      - id: inode
        -orig-id: ino
        type: u4
      - id: flags
        -orig-id: flag
        type: u4
        doc: |
          Bit 0 cold, 1 fsynced, 2 the name is to be restored; the others are
          the node's place in its file.
      - id: checkpoint_version
        -orig-id: cp_ver
        type: u8
      - id: next_block
        -orig-id: next_blkaddr
        type: u4
  nat_entry:
    -orig-id: f2fs_nat_entry
    -export: records
    seq:
      - id: version
        type: u1
      - id: inode
        -orig-id: ino
        type: u4
      - id: block
        -orig-id: block_addr
        type: u4
  nat_journal_entry:
    -export: records
    seq:
      - id: node
        -orig-id: nid
        type: u4
      - id: version
        type: u1
      - id: inode
        -orig-id: ino
        type: u4
      - id: block
        -orig-id: block_addr
        type: u4
  sit_entry:
    -orig-id: f2fs_sit_entry
    -export: records
    seq:
      - id: num_valid_blocks
        -orig-id: vblocks
        type: u2
        doc: In the lower ten bits.
      - id: valid_map
        size: 64
      - id: modification_time
        -orig-id: mtime
        type: u8
  sit_journal_entry:
    -export: records
    seq:
      - id: segment
        -orig-id: segno
        type: u4
      - id: num_valid_blocks
        -orig-id: vblocks
        type: u2
      - id: valid_map
        size: 64
      - id: modification_time
        -orig-id: mtime
        type: u8
  journal:
    -orig-id: f2fs_journal
    -export: structure
    doc: Entries of the NAT or the SIT that are newer than the table's.
    seq:
      - id: num_entries
        -orig-id: n_nats, n_sits
        type: u2
      - id: entries
        size: 505
  summary:
    -orig-id: f2fs_summary
    -export: records
    doc: Whose block it is.
    seq:
      - id: node
        -orig-id: nid
        type: u4
      - id: version
        type: u1
      - id: index
        -orig-id: ofs_in_node
        type: u2
  directory_entry:
    -orig-id: f2fs_dir_entry
    -export: records
    seq:
      - id: hash
        -orig-id: hash_code
        type: u4
      - id: inode
        -orig-id: ino
        type: u4
      - id: len_name
        -orig-id: name_len
        type: u2
      - id: type
        -orig-id: file_type
        type: u1
