meta:
  id: amiga
  title: Amiga rigid disk block
  license: CC0-1.0
  encoding: ISO-8859-1
  endian: be
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0, magic: RDSK}
      - {at: 0x200, magic: RDSK}
      - {at: 0x400, magic: RDSK}
      - {at: 0x600, magic: RDSK}
      - {at: 0x800, magic: RDSK}
      - {at: 0xa00, magic: RDSK}
      - {at: 0xc00, magic: RDSK}
      - {at: 0xe00, magic: RDSK}
      - {at: 0x1000, magic: RDSK}
      - {at: 0x1200, magic: RDSK}
      - {at: 0x1400, magic: RDSK}
      - {at: 0x1600, magic: RDSK}
      - {at: 0x1800, magic: RDSK}
      - {at: 0x1a00, magic: RDSK}
      - {at: 0x1c00, magic: RDSK}
      - {at: 0x1e00, magic: RDSK}
doc: |
  A block in one of the first 16 sectors of a disk names the first partition's
  block, and each of those the next one. Partitions are whole cylinders.
doc-ref:
  - 'Linux include/uapi/linux/affs_hardblocks.h'
  - 'Linux block/partitions/amiga.c'
seq:
  - id: magic
    -orig-id: rdb_ID
    contents: RDSK
  - id: num_summed_words
    -orig-id: rdb_SummedLongs
    type: u4
    doc: So many words of 32 bits add up to zero.
  - id: checksum
    -orig-id: rdb_ChkSum
    type: u4
  - id: host
    -orig-id: rdb_HostID
    type: u4
  - id: len_block
    -orig-id: rdb_BlockBytes
    type: u4
  - id: flags_and_bad_blocks
    -orig-id: rdb_Flags, rdb_BadBlockList
    size: 8
  - id: first_partition
    -orig-id: rdb_PartitionList
    type: u4
types:
  partition:
    -export: structure
    seq:
      - id: magic
        -orig-id: pb_ID
        contents: PART
      - id: num_summed_words
        -orig-id: pb_SummedLongs
        type: u4
      - id: checksum
        -orig-id: pb_ChkSum
        type: u4
      - id: host
        -orig-id: pb_HostID
        type: u4
      - id: next
        -orig-id: pb_Next
        type: u4
        doc: 0xffffffff in the last one.
      - id: flags
        -orig-id: pb_Flags, pb_Reserved1, pb_DevFlags
        size: 16
      - id: len_label
        -orig-id: pb_DriveName
        type: u1
        valid:
          max: 31
      - id: label
        size: len_label
        type: str
      - id: rest_of_label
        size: 31 - len_label
      - id: reserved2
        size: 60
      - id: environment
        -orig-id: pb_Environment
        type: u4
        repeat: expr
        repeat-expr: 17
        doc: |
          3 is the number of heads, 5 that of a track's blocks, 9 the first and
          10 the last cylinder, 16 the type of the filesystem.
