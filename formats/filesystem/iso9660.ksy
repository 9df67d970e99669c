meta:
  id: iso9660
  title: ISO 9660, the filesystem of CD-ROMs
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x8001, magic: CD001}
    offset: 0x8000
    size: 0x8000
    name: iso9660
    mounted-cut: true
    block-size: primary.len_block
    blocks: primary.num_blocks
    end: content_size
    free: 0
    available: 0
    label: label
    uuid: uuid
    version: "has_joliet ? 'Joliet Extension' : ''"
doc: |
  The volume descriptors begin at sector 16 of 2048 bytes, one in each sector, and
  end with one of type 255. The primary descriptor is nearly always the first.

  Nothing is ever free on it. What blkid calls its UUID is the time of its last
  change, or else of its making.
doc-ref:
  - ECMA-119 sections 8 and 9
  - System Use Sharing Protocol 1.12; Rock Ridge Interchange Protocol 1.12
  - El Torito Bootable CD-ROM Format Specification 1.0
  - 'Linux fs/isofs/inode.c: isofs_fill_super, isofs_statfs'
seq:
  - id: descriptors
    type: descriptor
    repeat: until
    repeat-until: _.type == descriptor_type::primary or _.type == descriptor_type::end
  - id: others
    type: other_descriptor
    repeat: until
    repeat-until: _.is_joliet or _.type == descriptor_type::end or _io.eof
instances:
  primary:
    value: descriptors.last
  content_size:
    value: primary.num_blocks * primary.len_block
    doc: Each block of a disc is a whole one.
  has_joliet:
    value: others.last.is_joliet
  label:
    value: >-
      has_joliet ? others.last.volume_id : primary.volume_id
  last_change:
    value: >-
      primary.modified.is_set ? primary.modified : primary.created
  uuid:
    value: >-
      not last_change.is_set ? '' :
      last_change.year + '-' + last_change.month + '-' + last_change.day + '-' +
      last_change.hour + '-' + last_change.minute + '-' + last_change.second + '-' +
      last_change.hundredth
types:
  descriptor:
    -export: structure
    doc: |
      Any descriptor; the fields have their meaning in the primary one, and in a
      supplementary one, whose text is in another alphabet.
    seq:
      - id: type
        type: u1
        enum: descriptor_type
      - id: magic
        contents: CD001
      - id: version
        type: u1
      - id: reserved1
        size: 1
      - id: system_id
        size: 32
        type: str
      - id: volume_id
        size: 32
        type: str
      - id: reserved2
        size: 8
      - id: num_blocks
        -orig-id: volume_space_size
        type: u4
        doc: Blocks of the volume.
      - id: num_blocks_be
        type: u4be
      - id: escape_sequences
        size: 32
        doc: Which alphabet a supplementary descriptor is in; unused in the primary one.
      - id: volume_set_size
        type: u4
      - id: volume_number
        -orig-id: volume_sequence_number
        type: u4
      - id: len_block
        -orig-id: logical_block_size
        type: u2
      - id: len_block_be
        type: u2be
      - id: len_path_table
        -orig-id: path_table_size
        type: u4
      - id: len_path_table_be
        type: u4be
      - id: path_table
        -orig-id: type_l_path_table
        type: u4
        doc: Its first block, as of those that follow; 0 where there is none.
      - id: optional_path_table
        -orig-id: opt_type_l_path_table
        type: u4
      - id: path_table_be
        -orig-id: type_m_path_table
        type: u4be
      - id: optional_path_table_be
        -orig-id: opt_type_m_path_table
        type: u4be
      - id: root
        -orig-id: root_directory_record
        type: directory_record
      - id: root_name
        size: 1
      - id: reserved4
        size: 623
      - id: created
        -orig-id: creation_date
        type: timestamp
      - id: modified
        -orig-id: modification_date
        type: timestamp
      - id: reserved5
        size: 1201
  other_descriptor:
    doc: A descriptor behind the primary one; the fields are those of a supplementary one.
    seq:
      - id: type
        type: u1
        enum: descriptor_type
      - id: magic
        size: 5
      - id: version
        type: u1
      - id: flags
        type: u1
      - id: system_id
        size: 32
      - id: volume_id
        size: 32
        type: str
        encoding: UTF-16BE
      - id: reserved1
        size: 16
      - id: escape_sequence
        -orig-id: escape_sequences
        size: 3
        type: str
      - id: rest
        size: 1957
    instances:
      is_joliet:
        value: >-
          type == descriptor_type::supplementary and
          (escape_sequence == '%/@' or escape_sequence == '%/C' or escape_sequence == '%/E')
  timestamp:
    -export: structure
    doc: A time in digits; all zeros or blanks when it is not set.
    seq:
      - id: year
        size: 4
        type: str
      - id: month
        size: 2
        type: str
      - id: day
        size: 2
        type: str
      - id: hour
        size: 2
        type: str
      - id: minute
        size: 2
        type: str
      - id: second
        size: 2
        type: str
      - id: hundredth
        size: 2
        type: str
      - id: timezone
        type: s1
        doc: Quarters of an hour east of Greenwich.
    instances:
      is_set:
        value: year != '0000' and year != '    '
  boot_record:
    -export: structure
    doc: 'The descriptor of El Torito: where the catalog of boot images is.'
    seq:
      - id: type
        type: u1
      - id: magic
        contents: CD001
      - id: version
        type: u1
      - id: system_id
        -orig-id: boot_system_identifier
        size: 32
        type: strz
      - id: reserved
        size: 32
      - id: catalog_block
        type: u4
  boot_entry:
    -export: records
    doc: An entry of the boot catalog.
    seq:
      - id: indicator
        -orig-id: header_indicator
        type: u1
        doc: |
          1 for the first one, 0x88 and 0 of an image that boots or not, 0x90 and 0x91
          (the last) of a section, 0x44 of what continues an image's entry.
      - id: platform
        type: u1
      - id: num_entries
        type: u2
        doc: Of a section.
      - id: reserved
        size: 2
      - id: num_sectors
        -orig-id: sector_count
        type: u2
        doc: Of 512 bytes.
      - id: block
        -orig-id: load_rba
        type: u4
      - id: selection
        size: 20
  directory_record:
    -export: records
    doc: A file, before its name, padding to an even length, and what extensions say of it.
    seq:
      - id: len_record
        -orig-id: length
        type: u1
        doc: 0 where no more records begin in this sector.
      - id: len_attributes
        -orig-id: ext_attr_length
        type: u1
        doc: Blocks of an extended attribute record, which come before the content.
      - id: block
        -orig-id: extent
        type: u4
      - id: block_be
        type: u4be
      - id: len_content
        -orig-id: size
        type: u4
      - id: len_content_be
        type: u4be
      - id: recorded
        -orig-id: date
        type: short_time
      - id: flags
        type: u1
        doc: |
          1 hidden, 2 a directory, 4 associated, 0x80 the next record goes on with
          the file.
      - id: len_unit
        -orig-id: file_unit_size
        type: u1
      - id: len_gap
        -orig-id: interleave
        type: u1
      - id: volume_number
        -orig-id: volume_sequence_number
        size: 4
      - id: len_name
        -orig-id: name_len
        type: u1
  short_time:
    -export: records
    seq:
      - id: year
        type: u1
        doc: Since 1900.
      - id: month
        type: u1
      - id: day
        type: u1
      - id: hour
        type: u1
      - id: minute
        type: u1
      - id: second
        type: u1
      - id: timezone
        type: s1
        doc: Quarters of an hour east of Greenwich.
  field:
    -export: records
    doc: How all that extensions say of a file begins (SUSP).
    seq:
      - id: signature
        type: u2be
        doc: Two letters.
      - id: len_field
        type: u1
      - id: version
        type: u1
  sharing_field:
    -export: records
    doc: SP, which the root directory begins with.
    seq:
      - id: head
        type: field
      - id: check
        type: u2be
        doc: 0xbeef.
      - id: len_skipped
        type: u1
        doc: Of what comes before the fields of all other records.
  continuation_field:
    -export: records
    doc: CE, where more fields of the same file are.
    seq:
      - id: head
        type: field
      - id: block
        type: u4
      - id: block_be
        type: u4be
      - id: offset
        type: u4
      - id: offset_be
        type: u4be
      - id: len_area
        type: u4
      - id: len_area_be
        type: u4be
  posix_field:
    -export: records
    doc: PX, what stat(2) shows.
    seq:
      - id: head
        type: field
      - id: mode
        type: u4
      - id: mode_be
        type: u4be
      - id: num_links
        type: u4
      - id: num_links_be
        type: u4be
      - id: owner
        type: u4
      - id: owner_be
        type: u4be
      - id: group
        type: u4
      - id: group_be
        type: u4be
  flags_field:
    -export: records
    doc: |
      NM, SL and TF before a part of a name, of a link's target, or times.
    seq:
      - id: head
        type: field
      - id: flags
        type: u1
  link_part:
    -export: records
    doc: A component of a link's target, before its text.
    seq:
      - id: flags
        type: u1
        doc: |
          1 the next one goes on with this name, 2 the directory itself, 4 the one
          above, 8 the root.
      - id: len_text
        type: u1
  child_field:
    -export: records
    doc: CL, a directory that was moved to another place because it lies too deep.
    seq:
      - id: head
        type: field
      - id: block
        type: u4
      - id: block_be
        type: u4be
  compressed_field:
    -export: records
    doc: ZF, content that zisofs compressed.
    seq:
      - id: head
        type: field
      - id: algorithm
        type: u2be
      - id: len_head
        type: u1
      - id: log_block
        type: u1
      - id: len_file
        type: u4
      - id: len_file_be
        type: u4be
enums:
  descriptor_type:
    0: boot
    1: primary
    2: supplementary
    3: partition
    255: end
