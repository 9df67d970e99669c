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
  - ECMA-119 section 8
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
    doc: Any descriptor; the fields have their meaning in the primary one.
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
      - id: reserved3
        size: 32
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
      - id: reserved4
        size: 681
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
enums:
  descriptor_type:
    0: boot
    1: primary
    2: supplementary
    3: partition
    255: end
