meta:
  id: xfs_log
  title: Log of an XFS filesystem on a device of its own
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: other
    understood: layout
    probe:
      - all:
          - {at: 0, magic: [0xfe, 0xed, 0xba, 0xbe]}
          - {at: 8, magic: [0, 0, 0, 1]}
      - all:
          - {at: 0, magic: [0xfe, 0xed, 0xba, 0xbe]}
          - {at: 8, magic: [0, 0, 0, 2]}
    size: 0x200
    name: xfs_external_log
    uuid: uuid
doc: |
  The first record of the log. The log is a ring without a head of its own: if a
  record runs around its end, the first block holds the rest of that record, and
  the log is not recognised. The types are what records are made of; unlike all
  else of XFS most of it is in the byte order of the machine that wrote it.
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
    valid:
      min: 1
      max: 2
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
    valid:
      max: 3
  - id: uuid
    -orig-id: h_fs_uuid
    size: 16
    doc: Of the filesystem that the log belongs to.
types:
  operation:
    -export: records
    doc: |
      The head of an operation. Its numbers are big-endian, its data is not.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_op_header'
    seq:
      - id: transaction
        -orig-id: oh_tid
        type: u4
      - id: len_data
        -orig-id: oh_len
        type: u4
      - id: client
        -orig-id: oh_clientid
        type: u1
      - id: flags
        -orig-id: oh_flags
        type: u1
        doc: |
          Bit 0 starts a transaction, 1 commits it; 2: the data goes on in the
          next record, 3: it goes on from the last one, 4: it ends here; 5: the
          log was unmounted.
      - id: reserved1
        -orig-id: oh_res2
        type: u2
  item:
    -export: records
    doc: How every item begins.
    seq:
      - id: type
        type: u2le
      - id: num_regions
        type: u2le
        doc: The operations that the item consists of, this one included.
  buffer_item:
    -export: structure
    doc: A buffer of metadata, and which chunks of 128 bytes of it follow.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_buf_log_format'
    seq:
      - id: type
        -orig-id: blf_type
        type: u2le
      - id: num_regions
        -orig-id: blf_size
        type: u2le
      - id: flags
        -orig-id: blf_flags
        type: u2le
        doc: |
          Bit 0: only the pointers of unlinked inodes; 1: forget the buffer;
          2 to 4: quotas. The uppermost five bits are what the buffer holds.
      - id: num_sectors
        -orig-id: blf_len
        type: u2le
        doc: Its length in sectors of 512 bytes.
      - id: first_sector
        -orig-id: blf_blkno
        type: u8le
      - id: num_map_words
        -orig-id: blf_map_size
        type: u4le
      - id: map
        -orig-id: blf_data_map
        size-eos: true
  map_word:
    -export: records
    doc: 32 bits of a buffer's map, the lowest bit first.
    seq:
      - id: bits
        type: u4le
  extents_item:
    -export: structure
    doc: Extents that shall be freed, or that were.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_efi_log_format, xfs_efd_log_format'
    seq:
      - id: type
        -orig-id: efi_type
        type: u2le
      - id: num_regions
        -orig-id: efi_size
        type: u2le
      - id: num_extents
        -orig-id: efi_nextents
        type: u4le
      - id: identity
        -orig-id: efi_id
        type: u8le
      - id: extents
        -orig-id: efi_extents
        size-eos: true
  extent:
    -export: records
    doc: Without the last four bytes on machines of 32 bits.
    seq:
      - id: first_block
        -orig-id: ext_start
        type: u8le
      - id: num_blocks
        -orig-id: ext_len
        type: u4le
  physical_extent:
    -export: records
    doc: Blocks whose references are to be counted anew.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_phys_extent'
    seq:
      - id: first_block
        -orig-id: pe_startblock
        type: u8le
      - id: num_blocks
        -orig-id: pe_len
        type: u4le
      - id: flags
        -orig-id: pe_flags
        type: u4le
        doc: |
          1: one reference more, 2: one less, 3: set aside for a write to
          shared blocks, 4: no longer.
  map_extent:
    -export: records
    doc: A piece that is to be put into a file's map, or taken out of it.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_map_extent'
    seq:
      - id: inode
        -orig-id: me_owner
        type: u8le
      - id: first_block
        -orig-id: me_startblock
        type: u8le
      - id: file_block
        -orig-id: me_startoff
        type: u8le
      - id: num_blocks
        -orig-id: me_len
        type: u4le
      - id: flags
        -orig-id: me_flags
        type: u4le
        doc: |
          1: put in, 2: take out; the uppermost bits say that it is of the
          attributes, was never written, lies on the realtime device.
  inode_item:
    -export: records
    doc: An inode, of which the next region is the core.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format'
    seq:
      - id: type
        -orig-id: ilf_type
        type: u2le
      - id: num_regions
        -orig-id: ilf_size
        type: u2le
      - id: fields
        -orig-id: ilf_fields
        type: u4le
      - id: len_attributes
        -orig-id: ilf_asize
        type: u2le
      - id: len_data
        -orig-id: ilf_dsize
        type: u2le
      - id: reserved1
        -orig-id: ilf_pad
        type: u4le
      - id: inode
        -orig-id: ilf_ino
        type: u8le
      - id: device
        -orig-id: ilf_u
        size: 16
      - id: first_sector
        -orig-id: ilf_blkno
        type: u8le
        doc: The buffer that the inode lies in, in sectors of 512 bytes.
      - id: num_sectors
        -orig-id: ilf_len
        type: u4le
      - id: offset
        -orig-id: ilf_boffset
        type: u4le
  whole_inode_item:
    -export: records
    doc: |
      The item of an inode as 64-bit kernels write it, the head of the operation
      that has the core, and how the core begins, where all of that lies in one
      record. Nearly all of a log may be such.
    doc-ref: |
      Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format, struct
      xlog_op_header, struct xfs_log_dinode
    seq:
      - id: type
        -orig-id: ilf_type
        type: u2le
      - id: num_regions
        -orig-id: ilf_size
        type: u2le
      - id: reserved1
        size: 36
      - id: first_sector_low
        -orig-id: ilf_blkno
        type: u4le
      - id: first_sector_high
        type: u4le
      - id: num_sectors
        -orig-id: ilf_len
        type: u4le
      - id: offset
        -orig-id: ilf_boffset
        type: u4le
      - id: transaction
        -orig-id: oh_tid
        type: u4
      - id: len_core
        -orig-id: oh_len
        type: u4
      - id: client
        -orig-id: oh_clientid
        type: u1
      - id: flags
        -orig-id: oh_flags
        type: u1
      - id: reserved2
        -orig-id: oh_res2
        type: u2
      - id: magic
        -orig-id: di_magic
        type: u2le
      - id: mode
        -orig-id: di_mode
        type: u2le
      - id: version
        -orig-id: di_version
        type: u1
      - id: data_format
        -orig-id: di_format
        type: u1
      - id: reserved3
        size: 10
      - id: num_links
        -orig-id: di_nlink
        type: u4le
  inode_item_32:
    -export: records
    doc: The same by a kernel of 32 bits, without padding.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format_32'
    seq:
      - id: type
        -orig-id: ilf_type
        type: u2le
      - id: num_regions
        -orig-id: ilf_size
        type: u2le
      - id: fields
        -orig-id: ilf_fields
        type: u4le
      - id: len_attributes
        -orig-id: ilf_asize
        type: u2le
      - id: len_data
        -orig-id: ilf_dsize
        type: u2le
      - id: inode
        -orig-id: ilf_ino
        type: u8le
      - id: device
        -orig-id: ilf_u
        size: 16
      - id: first_sector
        -orig-id: ilf_blkno
        type: u8le
      - id: num_sectors
        -orig-id: ilf_len
        type: u4le
      - id: offset
        -orig-id: ilf_boffset
        type: u4le
  inode_core:
    -export: records
    doc: An inode as it is logged; on disk the same is big-endian.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_log_dinode'
    seq:
      - id: magic
        -orig-id: di_magic
        type: u2le
      - id: mode
        -orig-id: di_mode
        type: u2le
        doc: 0 in a free inode.
      - id: version
        -orig-id: di_version
        type: u1
      - id: data_format
        -orig-id: di_format
        type: u1
      - id: reserved1
        size: 10
      - id: num_links
        -orig-id: di_nlink
        type: u4le
      - id: reserved2
        size: 4
      - id: num_extents_big
        -orig-id: di_big_nextents
        type: u8le
      - id: reserved3
        size: 24
      - id: len_file
        -orig-id: di_size
        type: u8le
      - id: num_blocks
        -orig-id: di_nblocks
        type: u8le
      - id: extent_size
        -orig-id: di_extsize
        type: u4le
      - id: num_extents
        -orig-id: di_nextents
        type: u4le
      - id: num_attribute_extents
        -orig-id: di_anextents
        type: u2le
      - id: reserved4
        size: 8
      - id: flags
        -orig-id: di_flags
        type: u2le
  inode_core_v3:
    -export: structure
    doc: What follows an inode's core in version 5, at 120 bytes.
    seq:
      - id: flags2
        -orig-id: di_flags2
        type: u8le
  inode_creation:
    -export: structure
    doc: Blocks that were filled with free inodes; big-endian but for its head.
    doc-ref: 'Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_icreate_log'
    seq:
      - id: type
        -orig-id: icl_type
        type: u2le
      - id: num_regions
        -orig-id: icl_size
        type: u2le
      - id: group
        -orig-id: icl_ag
        type: u4
      - id: block
        -orig-id: icl_agbno
        type: u4
      - id: num_inodes
        -orig-id: icl_count
        type: u4
      - id: len_inode
        -orig-id: icl_isize
        type: u4
      - id: num_blocks
        -orig-id: icl_length
        type: u4
      - id: generation
        -orig-id: icl_gen
        type: u4
