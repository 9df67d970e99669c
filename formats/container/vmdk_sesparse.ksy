meta:
  id: vmdk_sesparse
  title: VMware virtual disk, space-efficient sparse extent
  file-extension: vmdk
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  bit-endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]}
    offset: 0
    size: 512
doc: |
  The extent of ESXi's snapshots on VMFS 6 and of disks above 2 TiB. VMware has
  not published it. Offsets and sizes are in sectors of 512 bytes. What changes
  often is in a second header, which also tells of a journal to be replayed.

  ### Making a test image

  Only VMware writes it: a snapshot of a virtual machine on VMFS 6. What the
  tests write is read by QEMU.
doc-ref: 'QEMU block/vmdk.c vmdk_open_se_sparse(), get_cluster_offset()'
seq:
  - id: magic
    contents: [0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0]
  - id: version
    type: u8
  - id: num_sectors
    -orig-id: capacity
    type: u8
  - id: grain_sectors
    -orig-id: grain_size
    type: u8
  - id: table_sectors
    -orig-id: grain_table_size
    type: u8
  - id: flags
    type: u8
  - id: reserved1
    type: u8
  - id: reserved2
    type: u8
  - id: reserved3
    type: u8
  - id: reserved4
    type: u8
  - id: volatile_header
    type: area
  - id: journal_header
    type: area
  - id: journal
    type: area
  - id: directory
    -orig-id: grain_dir_offset, grain_dir_size
    type: area
  - id: tables
    -orig-id: grain_tables_offset, grain_tables_size
    type: area
  - id: free_bitmap
    type: area
  - id: backmap
    type: area
  - id: grains
    type: area
types:
  area:
    seq:
      - id: sector
        type: u8
      - id: num_sectors
        type: u8
  volatile:
    -export: structure
    doc: The second header.
    seq:
      - id: magic
        contents: [0xfe, 0xca, 0xfe, 0xca, 0, 0, 0, 0]
      - id: free_table_index
        -orig-id: free_gt_number
        type: u8
      - id: next_transaction
        -orig-id: next_txn_seq_number
        type: u8
      - id: must_replay
        -orig-id: replay_journal
        type: u8
  directory_entry:
    -export: records
    doc: Which grain table it is.
    seq:
      - id: index
        type: u4
        doc: From the beginning of the area of tables.
      - id: state
        type: u4
        doc: 0x10000000 if the table is there; all is 0 if it is not.
  table_entry:
    -export: records
    doc: Which grain it is, counted from the beginning of the area of grains.
    seq:
      - id: index_high
        type: b48
      - id: index_low
        type: b12
      - id: kind
        type: b4
        enum: grain
enums:
  grain:
    0: none
    1: unmapped
    2: zeros
    3: data
