meta:
  id: liblp
  title: Android's logical partitions (super)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - {at: 0x1000, magic: gDla}
      - {at: 0x2000, magic: gDla}
    offset: 0x1000
    size: 52
    name: android_super
doc: |
  The geometry of a super partition, which holds Android's system, vendor and
  other partitions. It stands at 4 KiB and again at 8 KiB. Behind it stand the
  metadata, once for each slot (that of the system which runs, and that of the
  one which an update writes), then all of them again.
doc-ref:
  - 'AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h'
seq:
  - id: magic
    contents: gDla
  - id: len_struct
    -orig-id: struct_size
    type: u4
  - id: checksum
    size: 32
    doc: SHA-256 of the structure, these bytes taken for zeros.
  - id: len_metadata_max
    -orig-id: metadata_max_size
    type: u4
  - id: num_slots
    -orig-id: metadata_slot_count
    type: u4
  - id: len_logical_block
    -orig-id: logical_block_size
    type: u4
types:
  header:
    -export: structure
    doc: How the metadata of a slot begin.
    seq:
      - id: magic
        contents: "0PLA"
      - id: major_version
        type: u2
      - id: minor_version
        type: u2
      - id: len_header
        -orig-id: header_size
        type: u4
      - id: header_checksum
        size: 32
      - id: len_tables
        -orig-id: tables_size
        type: u4
      - id: tables_checksum
        size: 32
      - id: partitions
        type: table
      - id: extents
        type: table
      - id: groups
        type: table
      - id: devices
        -orig-id: block_devices
        type: table
  table:
    seq:
      - id: ofs_table
        -orig-id: offset
        type: u4
        doc: From the end of the header.
      - id: num_entries
        type: u4
      - id: len_entry
        -orig-id: entry_size
        type: u4
  partition:
    -export: records
    seq:
      - id: name
        size: 36
        type: strz
      - id: attributes
        type: u4
      - id: first_extent
        -orig-id: first_extent_index
        type: u4
      - id: num_extents
        type: u4
      - id: group
        -orig-id: group_index
        type: u4
  extent:
    -export: records
    seq:
      - id: num_sectors
        type: u8
      - id: target_kind
        -orig-id: target_type
        type: u4
        enum: target_kind
      - id: first_sector
        -orig-id: target_data
        type: u8
      - id: device
        -orig-id: target_source
        type: u4
        doc: The index of the device that holds it.
  device:
    -export: records
    seq:
      - id: first_logical_sector
        type: u8
      - id: alignment
        type: u4
      - id: alignment_offset
        type: u4
      - id: len_device
        -orig-id: size
        type: u8
      - id: name
        -orig-id: partition_name
        size: 36
        type: strz
      - id: flags
        type: u4
enums:
  target_kind:
    0: linear
    1: zero
