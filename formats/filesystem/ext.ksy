meta:
  id: ext
  title: ext2, ext3 and ext4 filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x438, magic: [0x53, 0xef]}
    offset: 0x400
    size: 0x400
doc: |
  The superblock of an ext2, ext3 or ext4 filesystem, found 1024 bytes into it,
  the group descriptors, and as much of an inode as tells a journal's size.

  The free counts of the superblock are written at unmount only; those of the
  group descriptors are the ones that the kernel adds up.
doc-ref:
  - https://docs.kernel.org/filesystems/ext4/globals.html
  - 'Linux fs/ext4/ext4.h: struct ext4_super_block, struct ext4_group_desc'
seq:
  - id: num_inodes
    -orig-id: s_inodes_count
    type: u4
  - id: num_blocks_lo
    -orig-id: s_blocks_count_lo
    type: u4
  - id: num_reserved_blocks_lo
    -orig-id: s_r_blocks_count_lo
    type: u4
  - id: num_free_blocks_lo
    -orig-id: s_free_blocks_count_lo
    type: u4
  - id: num_free_inodes
    -orig-id: s_free_inodes_count
    type: u4
  - id: first_data_block
    -orig-id: s_first_data_block
    type: u4
  - id: log_block_size
    -orig-id: s_log_block_size
    type: u4
    valid:
      max: 6
    doc: A block has 1024 bytes shifted left by this.
  - id: log_cluster_size
    -orig-id: s_log_cluster_size
    type: u4
    valid:
      max: 20
    doc: A cluster has 1024 bytes shifted left by this.
  - id: blocks_per_group
    -orig-id: s_blocks_per_group
    type: u4
  - id: clusters_per_group
    -orig-id: s_clusters_per_group
    type: u4
    valid:
      max: 0x80000
    doc: One bit of one block each.
  - id: inodes_per_group
    -orig-id: s_inodes_per_group
    type: u4
    valid:
      max: 0x80000
    doc: One bit of one block each.
  - id: mount_time
    -orig-id: s_mtime
    type: u4
  - id: write_time
    -orig-id: s_wtime
    type: u4
  - id: num_mounts
    -orig-id: s_mnt_count
    type: u2
  - id: max_mounts
    -orig-id: s_max_mnt_count
    type: u2
  - id: magic
    -orig-id: s_magic
    contents: [0x53, 0xef]
  - id: state
    -orig-id: s_state
    type: u2
    doc: Bit 0, cleanly unmounted; bit 1, errors were found.
  - id: on_errors
    -orig-id: s_errors
    type: u2
  - id: minor_revision
    -orig-id: s_minor_rev_level
    type: u2
  - id: check_time
    -orig-id: s_lastcheck
    type: u4
  - id: check_interval
    -orig-id: s_checkinterval
    type: u4
  - id: creator_os
    -orig-id: s_creator_os
    type: u4
  - id: revision
    -orig-id: s_rev_level
    type: u4
    doc: 0 has inodes of 128 bytes, whatever the field says.
  - id: reserved_uid
    -orig-id: s_def_resuid
    type: u2
  - id: reserved_gid
    -orig-id: s_def_resgid
    type: u2
  - id: first_inode
    -orig-id: s_first_ino
    type: u4
  - id: inode_size
    -orig-id: s_inode_size
    type: u2
  - id: group_number
    -orig-id: s_block_group_nr
    type: u2
    doc: The group in which this copy of the superblock lies.
  - id: feature_compat
    -orig-id: s_feature_compat
    type: u4
  - id: feature_incompat
    -orig-id: s_feature_incompat
    type: u4
  - id: feature_ro_compat
    -orig-id: s_feature_ro_compat
    type: u4
  - id: uuid
    -orig-id: s_uuid
    size: 16
  - id: label
    -orig-id: s_volume_name
    size: 16
    type: strz
  - id: last_mounted
    -orig-id: s_last_mounted
    size: 64
    type: strz
  - id: algorithm_bitmap
    -orig-id: s_algorithm_usage_bitmap
    type: u4
  - id: num_prealloc_blocks
    -orig-id: s_prealloc_blocks
    type: u1
  - id: num_prealloc_dir_blocks
    -orig-id: s_prealloc_dir_blocks
    type: u1
  - id: num_reserved_gdt_blocks
    -orig-id: s_reserved_gdt_blocks
    type: u2
    doc: Blocks kept behind each copy of the descriptors for growing online.
  - id: journal_uuid
    -orig-id: s_journal_uuid
    size: 16
  - id: journal_inode
    -orig-id: s_journal_inum
    type: u4
    doc: 0 if the journal is on another device.
  - id: journal_device
    -orig-id: s_journal_dev
    type: u4
  - id: last_orphan
    -orig-id: s_last_orphan
    type: u4
  - id: hash_seed
    -orig-id: s_hash_seed
    size: 16
  - id: hash_version
    -orig-id: s_def_hash_version
    type: u1
  - id: journal_backup_type
    -orig-id: s_jnl_backup_type
    type: u1
  - id: len_descriptor
    -orig-id: s_desc_size
    type: u2
    doc: Size of a group descriptor, if the feature 64bit is set; else it is 32.
  - id: default_mount_options
    -orig-id: s_default_mount_opts
    type: u4
  - id: first_meta_group
    -orig-id: s_first_meta_bg
    type: u4
    doc: |
      With the feature meta_bg: descriptor blocks from this number on lie in the
      groups that they describe.
  - id: mkfs_time
    -orig-id: s_mkfs_time
    type: u4
  - id: journal_blocks
    -orig-id: s_jnl_blocks
    size: 68
  - id: num_blocks_hi
    -orig-id: s_blocks_count_hi
    type: u4
  - id: num_reserved_blocks_hi
    -orig-id: s_r_blocks_count_hi
    type: u4
  - id: num_free_blocks_hi
    -orig-id: s_free_blocks_count_hi
    type: u4
  - id: min_extra_inode_size
    -orig-id: s_min_extra_isize
    type: u2
  - id: want_extra_inode_size
    -orig-id: s_want_extra_isize
    type: u2
  - id: flags
    -orig-id: s_flags
    type: u4
    doc: Bit 2, made by in-development code (ext4dev).
  - id: raid_stride
    -orig-id: s_raid_stride
    type: u2
  - id: mmp_interval
    -orig-id: s_mmp_update_interval
    type: u2
  - id: mmp_block
    -orig-id: s_mmp_block
    type: u8
  - id: raid_stripe_width
    -orig-id: s_raid_stripe_width
    type: u4
  - id: log_groups_per_flex
    -orig-id: s_log_groups_per_flex
    type: u1
  - id: checksum_type
    -orig-id: s_checksum_type
    type: u1
  - id: encryption_level
    -orig-id: s_encryption_level
    type: u1
  - id: reserved1
    -orig-id: s_reserved_pad
    type: u1
  - id: num_written_kib
    -orig-id: s_kbytes_written
    type: u8
  - id: snapshots
    -orig-id: s_snapshot_inum
    size: 20
  - id: error_log
    -orig-id: s_error_count
    size: 108
  - id: mount_options
    -orig-id: s_mount_opts
    size: 64
  - id: user_quota_inode
    -orig-id: s_usr_quota_inum
    type: u4
  - id: group_quota_inode
    -orig-id: s_grp_quota_inum
    type: u4
  - id: num_overhead_clusters
    -orig-id: s_overhead_clusters
    type: u4
    doc: Clusters of metadata; 0 if mkfs did not count them.
  - id: backup_groups
    -orig-id: s_backup_bgs
    type: u4
    repeat: expr
    repeat-expr: 2
    doc: With the feature sparse_super2, the groups that hold copies.
  - id: encryption
    -orig-id: s_encrypt_algos
    size: 20
  - id: lost_found_inode
    -orig-id: s_lpf_ino
    type: u4
  - id: project_quota_inode
    -orig-id: s_prj_quota_inum
    type: u4
  - id: checksum_seed
    -orig-id: s_checksum_seed
    type: u4
  - id: time_high_bits
    -orig-id: s_wtime_hi
    size: 8
  - id: file_encoding
    -orig-id: s_encoding
    type: u2
  - id: file_encoding_flags
    -orig-id: s_encoding_flags
    type: u2
  - id: orphan_file_inode
    -orig-id: s_orphan_file_inum
    type: u4
  - id: reserved2
    -orig-id: s_reserved
    size: 376
  - id: checksum
    -orig-id: s_checksum
    type: u4
    doc: CRC-32C of the bytes before it, with the feature metadata_csum.
types:
  group_descriptor:
    -export: [records, fields]
    doc: The first 32 bytes of a group descriptor, which every one has.
    seq:
      - id: block_bitmap_lo
        -orig-id: bg_block_bitmap_lo
        type: u4
      - id: inode_bitmap_lo
        -orig-id: bg_inode_bitmap_lo
        type: u4
      - id: inode_table_lo
        -orig-id: bg_inode_table_lo
        type: u4
      - id: num_free_clusters_lo
        -orig-id: bg_free_blocks_count_lo
        type: u2
        doc: Of clusters, whatever its original name says.
      - id: num_free_inodes_lo
        -orig-id: bg_free_inodes_count_lo
        type: u2
      - id: num_directories_lo
        -orig-id: bg_used_dirs_count_lo
        type: u2
      - id: flags
        -orig-id: bg_flags
        type: u2
      - id: exclude_bitmap_lo
        -orig-id: bg_exclude_bitmap_lo
        type: u4
      - id: block_bitmap_checksum_lo
        -orig-id: bg_block_bitmap_csum_lo
        type: u2
      - id: inode_bitmap_checksum_lo
        -orig-id: bg_inode_bitmap_csum_lo
        type: u2
      - id: num_unused_inodes_lo
        -orig-id: bg_itable_unused_lo
        type: u2
      - id: checksum
        -orig-id: bg_checksum
        type: u2
        doc: |
          The lower half of a CRC-32C with the feature metadata_csum, a CRC-16
          with uninit_bg.
  wide_group_descriptor:
    -export: [records, fields]
    doc: The first 64 bytes of a descriptor of the feature 64bit.
    seq:
      - id: low
        size: 32
        doc: As in group_descriptor.
      - id: block_bitmap_hi
        -orig-id: bg_block_bitmap_hi
        type: u4
      - id: inode_bitmap_hi
        -orig-id: bg_inode_bitmap_hi
        type: u4
      - id: inode_table_hi
        -orig-id: bg_inode_table_hi
        type: u4
      - id: num_free_clusters_hi
        -orig-id: bg_free_blocks_count_hi
        type: u2
      - id: num_free_inodes_hi
        -orig-id: bg_free_inodes_count_hi
        type: u2
      - id: num_directories_hi
        -orig-id: bg_used_dirs_count_hi
        type: u2
      - id: num_unused_inodes_hi
        -orig-id: bg_itable_unused_hi
        type: u2
      - id: exclude_bitmap_hi
        -orig-id: bg_exclude_bitmap_hi
        type: u4
      - id: block_bitmap_checksum_hi
        -orig-id: bg_block_bitmap_csum_hi
        type: u2
      - id: inode_bitmap_checksum_hi
        -orig-id: bg_inode_bitmap_csum_hi
        type: u2
      - id: reserved
        -orig-id: bg_reserved
        type: u4
  inode:
    -export: [structure, records, fields]
    doc: The first 128 bytes of an inode.
    doc-ref: 'Linux fs/ext4/ext4.h: struct ext4_inode'
    seq:
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: uid_lo
        -orig-id: i_uid
        type: u2
      - id: len_file_lo
        -orig-id: i_size_lo
        type: u4
      - id: accessed
        -orig-id: i_atime
        type: s4
        doc: Seconds since 1970; inode_extra has the upper bits.
      - id: changed
        -orig-id: i_ctime
        type: s4
      - id: modified
        -orig-id: i_mtime
        type: s4
      - id: deletion_time
        -orig-id: i_dtime
        type: u4
        doc: The next inode in the list of orphans, if this is one of it.
      - id: gid_lo
        -orig-id: i_gid
        type: u2
      - id: num_links
        -orig-id: i_links_count
        type: u2
      - id: num_sectors_lo
        -orig-id: i_blocks_lo
        type: u4
      - id: flags
        -orig-id: i_flags
        type: u4
      - id: version
        -orig-id: i_osd1
        type: u4
      - id: block_map
        -orig-id: i_block
        size: 60
      - id: generation
        -orig-id: i_generation
        type: u4
      - id: file_acl_lo
        -orig-id: i_file_acl_lo
        type: u4
      - id: len_file_hi
        -orig-id: i_size_high
        type: u4
      - id: fragment_address
        -orig-id: i_obso_faddr
        type: u4
      - id: num_sectors_hi
        -orig-id: l_i_blocks_high
        type: u2
      - id: file_acl_hi
        -orig-id: l_i_file_acl_high
        type: u2
      - id: uid_hi
        -orig-id: l_i_uid_high
        type: u2
      - id: gid_hi
        -orig-id: l_i_gid_high
        type: u2
      - id: checksum_lo
        -orig-id: l_i_checksum_lo
        type: u2
      - id: reserved
        -orig-id: l_i_reserved
        type: u2
  extent_header:
    -export: [structure, fields]
    doc: What a node of an extent tree begins with, in the inode and elsewhere.
    doc-ref: 'Linux fs/ext4/ext4_extents.h: struct ext4_extent_header'
    seq:
      - id: magic
        -orig-id: eh_magic
        contents: [0x0a, 0xf3]
      - id: num_entries
        -orig-id: eh_entries
        type: u2
      - id: max_entries
        -orig-id: eh_max
        type: u2
      - id: depth
        -orig-id: eh_depth
        type: u2
        doc: 0 has extents as entries, others have nodes.
      - id: generation
        -orig-id: eh_generation
        type: u4
  extent:
    -export: [records, fields]
    seq:
      - id: block
        -orig-id: ee_block
        type: u4
        doc: The first of the file's blocks.
      - id: length
        -orig-id: ee_len
        type: u2
        doc: Blocks; above 0x8000, so many more and not yet written to.
      - id: start_hi
        -orig-id: ee_start_hi
        type: u2
      - id: start_lo
        -orig-id: ee_start_lo
        type: u4
  extent_index:
    -export: [records, fields]
    seq:
      - id: block
        -orig-id: ei_block
        type: u4
        doc: The first of the file's blocks that the node below covers.
      - id: leaf_lo
        -orig-id: ei_leaf_lo
        type: u4
      - id: leaf_hi
        -orig-id: ei_leaf_hi
        type: u2
      - id: unused
        -orig-id: ei_unused
        type: u2
  block_pointer:
    -export: records
    doc: Of a file without extents; 0 is a hole.
    seq:
      - id: block
        type: u4
  orphan:
    -export: records
    doc: An entry of the orphan file's blocks, which end in 8 bytes of another kind.
    seq:
      - id: inode
        type: u4
        doc: 0 if unused.
  orphan_block_tail:
    -export: structure
    doc-ref: 'Linux fs/ext4/ext4.h: struct ext4_orphan_block_tail'
    seq:
      - id: magic
        -orig-id: ob_magic
        contents: [0x04, 0xca, 0x10, 0x0b]
      - id: checksum
        -orig-id: ob_checksum
        type: u4
  inode_tail:
    -export: structure
    doc: What an inode of more than 128 bytes has behind them.
    doc-ref: 'Linux fs/ext4/ext4.h: struct ext4_inode'
    seq:
      - id: len_extra
        -orig-id: i_extra_isize
        type: u2
        doc: Bytes of fields; extended attributes may follow them.
  inode_extra:
    -export: [records, fields]
    doc: |
      The fields behind the first 128 bytes of an inode, if there are so many.
      The two lowest bits of the upper parts are bits 32 and 33 of the seconds,
      the others nanoseconds.
    doc-ref: 'Linux fs/ext4/ext4.h: struct ext4_inode, ext4_decode_extra_time'
    seq:
      - id: len_extra
        -orig-id: i_extra_isize
        type: u2
      - id: checksum_hi
        -orig-id: i_checksum_hi
        type: u2
      - id: changed_extra
        -orig-id: i_ctime_extra
        type: u4
      - id: modified_extra
        -orig-id: i_mtime_extra
        type: u4
      - id: accessed_extra
        -orig-id: i_atime_extra
        type: u4
      - id: created
        -orig-id: i_crtime
        type: s4
      - id: created_extra
        -orig-id: i_crtime_extra
        type: u4
  inode_attributes:
    -export: structure
    doc: What extended attributes in an inode begin with, if there are some.
    doc-ref: 'Linux fs/ext4/xattr.h: struct ext4_xattr_ibody_header'
    seq:
      - id: magic
        -orig-id: h_magic
        type: u4
        doc: 0xea020000.
  attribute_entry:
    -export: structure
    doc: What is in front of an attribute's name.
    doc-ref: 'Linux fs/ext4/xattr.h: struct ext4_xattr_entry'
    seq:
      - id: len_name
        -orig-id: e_name_len
        type: u1
      - id: name_index
        -orig-id: e_name_index
        type: u1
      - id: ofs_value
        -orig-id: e_value_offs
        type: u2
      - id: value_inode
        -orig-id: e_value_inum
        type: u4
        doc: The inode that has the value; 0 if it lies here.
      - id: len_value
        -orig-id: e_value_size
        type: u4
      - id: hash
        -orig-id: e_hash
        type: u4
  attribute_block:
    -export: structure
    doc: The begin of a block of extended attributes.
    doc-ref: 'Linux fs/ext4/xattr.h: struct ext4_xattr_header'
    seq:
      - id: magic
        -orig-id: h_magic
        contents: [0x00, 0x00, 0x02, 0xea]
      - id: num_references
        -orig-id: h_refcount
        type: u4
  access_list:
    -export: structure
    doc: What an access control list begins with, as ext and F2FS store it.
    doc-ref: 'Linux fs/ext4/acl.h: ext4_acl_header'
    seq:
      - id: version
        -orig-id: a_version
        type: u4
        doc: 1.
  access_entry:
    -export: structure
    doc-ref: 'Linux fs/ext4/acl.h: ext4_acl_entry, ext4_acl_entry_short'
    seq:
      - id: tag
        -orig-id: e_tag
        type: u2
      - id: permissions
        -orig-id: e_perm
        type: u2
      - id: owner
        -orig-id: e_id
        type: u4
        if: tag == 2 or tag == 8
        doc: Of a user (2) or a group (8) that is named.
  fast_commit_tag:
    -export: structure
    doc: |
      What each of the fast commits' notes begins with. They lie behind the log
      of the journal and are little-endian, unlike it.
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_tl'
    seq:
      - id: tag
        -orig-id: fc_tag
        type: u2
        doc: |
          1, blocks added to a file; 2, removed; 3, created; 4, linked; 5,
          unlinked; 6, an inode; 7, padding; 8, the end of a commit; 9, the head.
      - id: len_value
        -orig-id: fc_len
        type: u2
  fast_commit_head:
    -export: structure
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_head'
    seq:
      - id: features
        -orig-id: fc_features
        type: u4
      - id: transaction
        -orig-id: fc_tid
        type: u4
        doc: The transaction that was under way.
  fast_commit_tail:
    -export: structure
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_tail'
    seq:
      - id: transaction
        -orig-id: fc_tid
        type: u4
      - id: checksum
        -orig-id: fc_crc
        type: u4
        doc: CRC-32C of the notes since the last tail, seed 0.
  fast_commit_add_range:
    -export: structure
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_add_range'
    seq:
      - id: inode
        -orig-id: fc_ino
        type: u4
      - id: extent
        -orig-id: fc_ex
        size: 12
        doc: As in extent.
  fast_commit_del_range:
    -export: structure
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_del_range'
    seq:
      - id: inode
        -orig-id: fc_ino
        type: u4
      - id: block
        -orig-id: fc_lblk
        type: u4
      - id: length
        -orig-id: fc_len
        type: u4
  fast_commit_name:
    -export: structure
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_dentry_info'
    seq:
      - id: parent
        -orig-id: fc_parent_ino
        type: u4
      - id: inode
        -orig-id: fc_ino
        type: u4
      - id: name
        -orig-id: fc_dname
        size-eos: true
  fast_commit_inode:
    -export: structure
    doc-ref: 'Linux fs/ext4/fast_commit.h: struct ext4_fc_inode'
    seq:
      - id: inode
        -orig-id: fc_ino
        type: u4
      - id: content
        -orig-id: fc_raw_inode
        size-eos: true
        doc: As in inode.
  directory_entry:
    -export: [records, fields]
    doc: |
      An entry of a directory's block, without the name that lies behind it.
      Without the feature filetype the type is the upper half of the name's
      length, and 0.
    doc-ref: 'Linux fs/ext4/ext4.h: struct ext4_dir_entry_2'
    seq:
      - id: inode
        -orig-id: inode
        type: u4
        doc: 0 if unused.
      - id: len_entry
        -orig-id: rec_len
        type: u2
        doc: Bytes to the next entry; 0 and 0xffff are 64 KiB.
      - id: len_name
        -orig-id: name_len
        type: u1
      - id: file_type
        -orig-id: file_type
        type: u1
  index_root:
    -export: [structure, fields]
    doc: |
      What the first block of a directory with an index has behind the entries
      of itself and its parent.
    doc-ref: 'Linux fs/ext4/namei.c: struct dx_root'
    seq:
      - id: entries
        size: 24
      - id: reserved
        -orig-id: reserved_zero
        type: u4
      - id: hash_version
        -orig-id: hash_version
        type: u1
        doc: 0, legacy; 1, half MD4; 2, TEA; 6, SipHash.
      - id: len_info
        -orig-id: info_length
        type: u1
        valid: 8
      - id: num_levels
        -orig-id: indirect_levels
        type: u1
        doc: Of nodes below this one.
      - id: flags
        -orig-id: unused_flags
        type: u1
  index_count:
    -export: [structure, fields]
    doc: The first entry of a node, without its hash, which is 0.
    doc-ref: 'Linux fs/ext4/namei.c: struct dx_countlimit'
    seq:
      - id: max_entries
        -orig-id: limit
        type: u2
      - id: num_entries
        -orig-id: count
        type: u2
  index_entry:
    -export: [records, fields]
    doc-ref: 'Linux fs/ext4/namei.c: struct dx_entry'
    seq:
      - id: hash
        -orig-id: hash
        type: u4
        doc: |
          The lowest hash below; its lowest bit is set if the leaf before has
          names of that hash, too.
      - id: block
        -orig-id: block
        type: u4
        doc: Of the directory; the upper four bits are not used.
  mount_protection:
    -export: [structure, fields]
    doc: The block of the feature mmp, which says who has it mounted.
    doc-ref: 'Linux fs/ext4/ext4.h: struct mmp_struct'
    seq:
      - id: magic
        -orig-id: mmp_magic
        type: u4
        doc: 0x4d4d50.
      - id: sequence
        -orig-id: mmp_seq
        type: u4
        doc: |
          0xff4d4d50 after an unmount, 0xe24d4d50 while e2fsck works on it;
          otherwise it is mounted, and counted up every few seconds.
      - id: holder
        size: 1012
        doc: When and by whom it was written, and bytes that are not used.
      - id: checksum
        -orig-id: mmp_checksum
        type: u4
        doc: CRC-32C of all that is before it.
