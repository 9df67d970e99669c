meta:
  id: ldm
  title: Windows dynamic disk, the database of the logical disk manager
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - all:
          - {at: 0xc00, magic: PRIVHEAD}
          - {at: 0x1fe, magic: [0x55, 0xaa]}
          - {at: 0x1c2, magic: [0x42]}
      - all:
          - {at: 0xc00, magic: PRIVHEAD}
          - {at: 0x1fe, magic: [0x55, 0xaa]}
          - {at: 0x1d2, magic: [0x42]}
      - all:
          - {at: 0xc00, magic: PRIVHEAD}
          - {at: 0x1fe, magic: [0x55, 0xaa]}
          - {at: 0x1e2, magic: [0x42]}
      - all:
          - {at: 0xc00, magic: PRIVHEAD}
          - {at: 0x1fe, magic: [0x55, 0xaa]}
          - {at: 0x1f2, magic: [0x42]}
doc: |
  The private header: in sector 6 of a disk with an MBR, and in the last sector
  of the partition for metadata of one with a GPT. It says where the database is,
  1 MiB at the end of the disk or in that partition. Each disk of a group has
  all of it. Its records name volumes, the components of each, the partitions of
  those, and the disks; lengths of their fields vary. Numbers count sectors.
doc-ref:
  - 'Linux block/partitions/ldm.c, ldm.h'
  - 'libldm src/ldm.c; the documentation of the Linux-NTFS project, ldmdoc'
seq:
  - id: magic
    contents: PRIVHEAD
  - id: sequence
    type: u4
  - id: major_version
    -orig-id: ver_major
    type: u2
    valid: 2
  - id: minor_version
    -orig-id: ver_minor
    type: u2
    valid:
      min: 11
      max: 12
  - id: time_and_sizes
    size: 32
  - id: disk_uuid
    -orig-id: disk_id
    size: 64
    type: strz
  - id: host_uuid
    size: 64
    type: strz
  - id: group_uuid
    -orig-id: disk_group_guid
    size: 64
    type: strz
  - id: group_name
    -orig-id: disk_group_name
    size: 32
    type: strz
  - id: reserved
    size: 11
  - id: first_data_sector
    -orig-id: logical_disk_start
    type: u8
  - id: num_data_sectors
    -orig-id: logical_disk_size
    type: u8
  - id: first_database_sector
    -orig-id: config_start
    type: u8
  - id: num_database_sectors
    -orig-id: config_size
    type: u8
types:
  contents:
    -export: structure
    doc: A table of contents, two of which are at either end of the database.
    seq:
      - id: magic
        contents: TOCBLOCK
      - id: sequence
        size: 28
      - id: name
        -orig-id: bitmap1_name
        size: 10
        type: strz
        doc: config
      - id: first_sector
        -orig-id: bitmap1_start
        type: u8
        doc: Of the database.
      - id: num_sectors
        -orig-id: bitmap1_size
        type: u8
  database:
    -export: structure
    seq:
      - id: magic
        contents: VMDB
      - id: last_record
        -orig-id: last_vblk_seq
        type: u4
        doc: The number of the last record and one more, counted with the header's own room.
      - id: len_record
        -orig-id: vblk_size
        type: u4
      - id: ofs_records
        -orig-id: vblk_offset
        type: u4
      - id: state
        -orig-id: update_status
        type: u2
        doc: 1 unless it was being changed.
      - id: major_version
        -orig-id: ver_major
        type: u2
        valid: 4
      - id: minor_version
        -orig-id: ver_minor
        type: u2
        valid: 10
      - id: group_name
        size: 31
        type: strz
      - id: group_uuid
        size: 64
        type: strz
      - id: sequence
        -orig-id: committed_seq
        type: u8
  record_head:
    -export: structure
    doc: A record may be in several pieces, each with such a head.
    seq:
      - id: magic
        contents: VBLK
      - id: sequence
        type: u4
      - id: group
        type: u4
      - id: piece
        -orig-id: rec
        type: u2
      - id: num_pieces
        -orig-id: nrec
        type: u2
        doc: 0 in an unused record.
  kind:
    -export: structure
    doc: What all records have behind their heads.
    seq:
      - id: state
        type: u2
      - id: flags
        type: u1
      - id: type
        type: u1
        doc: The version in the upper half.
      - id: num_bytes
        type: u4
  field:
    doc: A number, most significant byte first, or a text.
    seq:
      - id: len_value
        type: u1
      - id: value
        size: len_value
  volume:
    -export: structure
    seq:
      - id: kind
        type: kind
      - id: id
        type: field
      - id: name
        type: field
      - id: type
        type: field
        doc: gen, or raid5.
      - id: drive_letter
        type: field
      - id: state
        size: 14
        doc: ACTIVE
      - id: numbers
        size: 7
      - id: num_components
        type: field
      - id: commit_and_id
        size: 16
      - id: num_sectors
        type: field
      - id: reserved
        size: 4
      - id: partition_type
        type: u1
      - id: uuid
        size: 16
  component:
    -export: structure
    seq:
      - id: kind
        type: kind
      - id: id
        type: field
      - id: name
        type: field
      - id: state
        type: field
      - id: type
        type: u1
        doc: 1 for stripes, 2 for partitions one behind the other, 3 for stripes with parity.
      - id: reserved1
        size: 4
      - id: num_partitions
        type: field
      - id: commit
        size: 16
      - id: volume
        -orig-id: parent_id
        type: field
      - id: reserved2
        size: 1
      - id: num_chunk_sectors
        type: field
        if: (kind.flags & 0x10) != 0
      - id: num_columns
        type: field
        if: (kind.flags & 0x10) != 0
  partition:
    -export: structure
    seq:
      - id: kind
        type: kind
      - id: id
        type: field
      - id: name
        type: field
      - id: commit
        size: 12
      - id: first_sector
        -orig-id: start
        type: u8
        doc: From where the disk's data begin.
      - id: volume_sector
        -orig-id: volume_offset
        type: u8
        doc: Where it begins in its component.
      - id: num_sectors
        -orig-id: size
        type: field
      - id: component
        -orig-id: parent_id
        type: field
      - id: disk
        -orig-id: disk_id
        type: field
      - id: column
        -orig-id: index
        type: field
        if: (kind.flags & 0x08) != 0
  disk:
    -export: structure
    seq:
      - id: kind
        type: kind
      - id: id
        type: field
      - id: name
        type: field
      - id: uuid
        type: field
        if: (kind.type & 0xf0) == 0x30
      - id: uuid_bytes
        size: 16
        if: (kind.type & 0xf0) == 0x40
