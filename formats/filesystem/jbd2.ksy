meta:
  id: jbd2
  title: Journal of ext3 and ext4
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: other
    understood: layout
    probe:
      - all:
          - {at: 0, magic: [0xc0, 0x3b, 0x39, 0x98]}
          - {at: 4, magic: [0, 0, 0, 3]}
      - all:
          - {at: 0, magic: [0xc0, 0x3b, 0x39, 0x98]}
          - {at: 4, magic: [0, 0, 0, 4]}
    size: 0x400
    name: jbd
    uuid: uuid
doc: |
  The superblock of a journal, which fills the first block of it, and what its
  other blocks begin with. A transaction is descriptor blocks, each in front of
  the blocks that it names, revoke blocks, and a commit block.

  It lies in a file of the filesystem whose blocks it logs, or behind the
  superblock of a device of its own.
doc-ref:
  - https://docs.kernel.org/filesystems/ext4/globals.html
  - 'Linux include/linux/jbd2.h: struct journal_superblock_s, struct journal_header_s'
seq:
  - id: magic
    -orig-id: h_magic
    contents: [0xc0, 0x3b, 0x39, 0x98]
  - id: block_type
    -orig-id: h_blocktype
    type: u4
    valid:
      min: 3
      max: 4
    doc: 3, the first version, which has no features; 4, the second.
  - id: header_sequence
    -orig-id: h_sequence
    type: u4
  - id: len_block
    -orig-id: s_blocksize
    type: u4
  - id: num_blocks
    -orig-id: s_maxlen
    type: u4
  - id: first_block
    -orig-id: s_first
    type: u4
    doc: The first block of the log itself.
  - id: sequence
    -orig-id: s_sequence
    type: u4
    doc: The number of the first transaction that is expected in the log.
  - id: start
    -orig-id: s_start
    type: u4
    doc: The block at which that begins; 0 if the log is empty.
  - id: error
    -orig-id: s_errno
    type: u4
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
  - id: num_users
    -orig-id: s_nr_users
    type: u4
  - id: dynamic_superblock
    -orig-id: s_dynsuper
    type: u4
  - id: max_transaction
    -orig-id: s_max_transaction
    type: u4
  - id: max_transaction_data
    -orig-id: s_max_trans_data
    type: u4
  - id: checksum_type
    -orig-id: s_checksum_type
    type: u1
    doc: 4, CRC-32C.
  - id: padding2
    -orig-id: s_padding2
    size: 3
  - id: num_fast_commit_blocks
    -orig-id: s_num_fc_blks
    type: u4
    doc: Blocks at the end that hold fast commits; 0 is 256.
  - id: head
    -orig-id: s_head
    type: u4
  - id: padding
    -orig-id: s_padding
    size: 160
  - id: checksum
    -orig-id: s_checksum
    type: u4
    doc: CRC-32C of the 1024 bytes, with zeros here.
  - id: users
    -orig-id: s_users
    size: 768
types:
  header:
    -export: records
    doc: What every block begins with that is not a copy of one of the filesystem's.
    seq:
      - id: magic
        -orig-id: h_magic
        type: u4
      - id: block_type
        -orig-id: h_blocktype
        type: u4
        doc: 1, descriptor; 2, commit; 5, revoke.
      - id: sequence
        -orig-id: h_sequence
        type: u4
  tag:
    -export: records
    doc: |
      Names the filesystem's block that one of the next blocks is a copy of. With
      the feature 64bit the upper half of its number follows, with csum_v2 two
      more bytes.
    doc-ref: 'Linux include/linux/jbd2.h: struct journal_block_tag_s'
    seq:
      - id: block_lo
        -orig-id: t_blocknr
        type: u4
      - id: checksum
        -orig-id: t_checksum
        type: u2
        doc: With csum_v2, the lower half of the CRC-32C.
      - id: flags
        -orig-id: t_flags
        type: u2
        doc: |
          1, the copy's first word was the journal's magic number; 2, no UUID
          follows; 8, the last tag of the block.
  wide_tag:
    -export: records
    doc: With the feature 64bit, without csum_v3.
    seq:
      - id: low
        size: 8
        doc: As in tag.
      - id: block_hi
        -orig-id: t_blocknr_high
        type: u4
  tag3:
    -export: records
    doc: A tag with the feature csum_v3.
    doc-ref: 'Linux include/linux/jbd2.h: struct journal_block_tag3_s'
    seq:
      - id: block_lo
        -orig-id: t_blocknr
        type: u4
      - id: flags
        -orig-id: t_flags
        type: u4
      - id: block_hi
        -orig-id: t_blocknr_high
        type: u4
      - id: checksum
        -orig-id: t_checksum
        type: u4
        doc: CRC-32C of the transaction's number and the copy.
  block_tail:
    -export: structure
    doc: The end of descriptor and revoke blocks with csum_v2 and csum_v3.
    seq:
      - id: checksum
        -orig-id: t_checksum
        type: u4
  commit:
    -export: structure
    seq:
      - id: header
        size: 12
      - id: checksum_type
        -orig-id: h_chksum_type
        type: u1
        doc: 1, CRC-32 of the transaction's blocks, with the feature checksum.
      - id: len_checksum
        -orig-id: h_chksum_size
        type: u1
      - id: padding
        -orig-id: h_padding
        size: 2
      - id: checksum
        -orig-id: h_chksum[0]
        type: u4
      - id: more_checksums
        -orig-id: h_chksum
        size: 28
      - id: seconds
        -orig-id: h_commit_sec
        type: u8
      - id: nanoseconds
        -orig-id: h_commit_nsec
        type: u4
  revoke:
    -export: structure
    seq:
      - id: header
        size: 12
      - id: len_used
        -orig-id: r_count
        type: u4
        doc: Bytes of the block in use, with these.
  revoked_block:
    -export: records
    seq:
      - id: block
        type: u4
  wide_revoked_block:
    -export: records
    doc: With the feature 64bit.
    seq:
      - id: block
        type: u8
