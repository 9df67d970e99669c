meta:
  id: vpc
  title: Virtual PC disk image (VHD)
  file-extension:
    - vhd
    - vpc
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: -512, magic: conectix}
      - {at: -511, magic: conectix}
      - {at: 0, magic: conectix}
    offset: 0
    size: 85
doc: |
  A disk image whose description is its last 512 bytes, the footer. In a fixed
  image the disk comes before it, byte for byte. A dynamic or differencing
  image begins with a copy of the footer; a header, a table of blocks and the
  blocks that were written follow, each block with a bitmap of its sectors
  before it.

  ### Making a test image

      qemu-img create -f vpc -o subformat=dynamic disk.vhd 64M
      qemu-io -f vpc -c 'write -P 7 1M 4k' disk.vhd
doc-ref:
  - 'Microsoft, Virtual Hard Disk Image Format Specification, version 1.0 (2006)'
  - 'QEMU block/vpc.c'
seq:
  - id: cookie
    -orig-id: Cookie
    contents: conectix
  - id: features
    -orig-id: Features
    type: u4
  - id: file_format_version
    -orig-id: File Format Version
    type: u4
    doc: Major version above, minor version below; 0x00010000.
  - id: ofs_header
    -orig-id: Data Offset
    type: u8
    doc: Where the header of a dynamic image is; all bits set in a fixed one.
  - id: time_stamp
    -orig-id: Time Stamp
    type: u4
    doc: Seconds since the year 2000.
  - id: creator_application
    -orig-id: Creator Application
    size: 4
    type: str
    encoding: ISO-8859-1
    doc: Which program wrote the image; some mean the geometry to be the size.
  - id: creator_version
    -orig-id: Creator Version
    type: u4
  - id: creator_host_os
    -orig-id: Creator Host OS
    size: 4
    type: str
    encoding: ISO-8859-1
  - id: original_size
    -orig-id: Original Size
    type: u8
  - id: current_size
    -orig-id: Current Size
    type: u8
  - id: num_cylinders
    -orig-id: Disk Geometry, cylinder
    type: u2
  - id: num_heads
    -orig-id: Disk Geometry, heads
    type: u1
  - id: sectors_per_track
    -orig-id: Disk Geometry, sectors per track/cylinder
    type: u1
  - id: disk_type
    -orig-id: Disk Type
    type: u4
    enum: disk_type
  - id: checksum
    -orig-id: Checksum
    type: u4
    doc: Ones' complement of the sum of the other bytes of the footer.
  - id: unique_id
    -orig-id: Unique Id
    size: 16
    doc: What differencing images call their parent by.
  - id: saved_state
    -orig-id: Saved State
    type: u1
    doc: Reserved bytes follow, to 512; to 511 before Virtual PC 2004.
types:
  dynamic_header:
    -export: structure
    doc: The header of a dynamic or differencing image; 1024 bytes.
    seq:
      - id: cookie
        -orig-id: Cookie
        contents: cxsparse
      - id: ofs_next
        -orig-id: Data Offset
        type: u8
      - id: ofs_table
        -orig-id: Table Offset
        type: u8
        doc: Where the table of blocks is.
      - id: header_version
        -orig-id: Header Version
        type: u4
      - id: num_table_entries
        -orig-id: Max Table Entries
        type: u4
      - id: len_block
        -orig-id: Block Size
        type: u4
        doc: Of the data of a block, without its bitmap.
      - id: checksum
        -orig-id: Checksum
        type: u4
      - id: parent_unique_id
        -orig-id: Parent Unique ID
        size: 16
      - id: parent_time_stamp
        -orig-id: Parent Time Stamp
        type: u4
      - id: reserved1
        type: u4
      - id: parent_name
        -orig-id: Parent Unicode Name
        size: 512
        type: str
        encoding: UTF-16BE
        doc: Ends at the first NUL.
  parent_locator:
    -export: records
    doc: |
      One of eight entries that follow the parent's name in the header: where
      a name of the parent is, and how it is written.
    seq:
      - id: platform_code
        -orig-id: Platform Code
        size: 4
        type: str
        encoding: ISO-8859-1
      - id: len_space
        -orig-id: Platform Data Space
        type: u4
      - id: len_name
        -orig-id: Platform Data Length
        type: u4
      - id: reserved1
        type: u4
      - id: ofs_name
        -orig-id: Platform Data Offset
        type: u8
  utf16_name:
    -export: structure
    doc: A name of the parent as Windows writes it, of platform W2ku or W2ru.
    seq:
      - id: value
        size-eos: true
        type: str
        encoding: UTF-16LE
  utf8_name:
    -export: structure
    doc: A name of the parent as a file URL, of platform MacX.
    seq:
      - id: value
        size-eos: true
        type: str
        encoding: UTF-8
  table_entry:
    -export: records
    doc: An entry of the table of blocks.
    seq:
      - id: sector
        type: u4
        doc: |
          Sector of 512 bytes at which the block's bitmap begins; all bits set
          if the block is not there.
enums:
  disk_type:
    0: none
    2: fixed
    3: dynamic
    4: differencing
