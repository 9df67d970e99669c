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
  the log is not recognised.
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
