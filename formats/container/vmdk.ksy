meta:
  id: vmdk
  title: VMware virtual disk, its descriptor and hosted sparse extents
  file-extension: vmdk
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: "KDMV"}
      - {at: 0, magic: "#"}
      - {at: 0, magic: "version="}
    offset: 0
    size: 512
doc: |
  A disk is described by a text, the descriptor: a file of its own, or a part of
  the only file. It names the extents, which stand one behind the other. This is
  the header of a hosted sparse extent, the kind that VMware Workstation and
  most other programs write: a grain directory points to grain tables, whose
  entries say where each grain of the extent is. Grains may be compressed; then
  the extent is written in one go, with markers in front of what follows, and
  its real header is the footer at its end.

  ### Making a test image

      qemu-img create -f vmdk -o subformat=monolithicSparse disk.vmdk 1G
      qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw disk.vmdk
doc-ref:
  - 'VMware, Virtual Disk Format 5.0 (technical note, 2011)'
  - 'QEMU block/vmdk.c; open-vmdk vmware_vmdk.h'
seq:
  - id: magic
    -orig-id: magicNumber
    contents: KDMV
  - id: version
    type: u4
    doc: |
      2 knows zero grains, 3 is written with persistent changed block tracking
      and with compressed grains.
  - id: flags
    type: u4
    doc: |
      A reader must know every bit of the upper half that is set; the bits are
      those of the enumeration `flag`.
  - id: num_sectors
    -orig-id: capacity
    type: u8
    doc: Of this extent; 0 if the file only holds a descriptor.
  - id: grain_sectors
    -orig-id: grainSize
    type: u8
  - id: descriptor_sector
    -orig-id: descriptorOffset
    type: u8
    doc: 0 without an embedded descriptor.
  - id: num_descriptor_sectors
    -orig-id: descriptorSize
    type: u8
  - id: num_table_entries
    -orig-id: numGTEsPerGT
    type: u4
  - id: redundant_directory_sector
    -orig-id: rgdOffset
    type: u8
  - id: directory_sector
    -orig-id: gdOffset
    type: u8
    doc: All bits set say that the footer has it.
  - id: num_overhead_sectors
    -orig-id: overHead
    type: u8
    doc: Grains begin behind these.
  - id: is_unclean
    -orig-id: uncleanShutdown
    type: u1
  - id: line_ends
    -orig-id: singleEndLineChar, nonEndLineChar, doubleEndLineChar1, doubleEndLineChar2
    size: 4
    doc: LF, blank, CR, LF, which a transfer as text changes.
  - id: compression
    -orig-id: compressAlgorithm
    type: u2
    enum: compression
types:
  signature:
    -export: structure
    doc: What begins the files of which a disk is made, read as one number.
    seq:
      - id: value
        type: u4
        enum: file_kind
  text:
    -export: structure
    doc: A descriptor. What follows a zero byte is padding.
    seq:
      - id: value
        size-eos: true
        type: strz
        encoding: UTF-8
  marker:
    -export: structure
    doc: |
      What precedes a compressed grain; its stream follows at once. With a
      length of 0 it precedes metadata, and is a sector.
    seq:
      - id: lba
        -orig-id: val
        type: u8
        doc: First sector of the grain in the extent; of metadata, its sectors.
      - id: len_stream
        -orig-id: size
        type: u4
  metadata_marker:
    -export: structure
    doc: A marker in front of a grain table, a directory or the footer.
    seq:
      - id: num_sectors
        -orig-id: val
        type: u8
      - id: len_stream
        -orig-id: size
        type: u4
      - id: kind
        -orig-id: type
        type: u4
        enum: marker_kind
  entry:
    -export: records
    doc: |
      Of a grain directory: the sector of a grain table, or 0. Of a grain table:
      the sector of a grain, 0 for none, 1 for zeros if the extent has such.
    seq:
      - id: sector
        type: u4
enums:
  file_kind:
    0x564d444b: hosted
    0x44574f43: cowd
    0xcafebabe: sesparse
  flag:
    0x00000001: valid_line_ends
    0x00000002: redundant_tables
    0x00000004: zero_grains
    0x00010000: compressed
    0x00020000: markers
  compression:
    0: none
    1: deflate
  marker_kind:
    0: end_of_stream
    1: grain_table
    2: grain_directory
    3: footer
