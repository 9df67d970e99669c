meta:
  id: vdi
  title: VirtualBox disk image
  file-extension: vdi
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 64, magic: [0x7f, 0x10, 0xda, 0xbe]}
    offset: 0
    size: 456
doc: |
  A disk image of blocks, mostly of 1 MiB. The block map says for each block of
  the disk which block of the file holds it. A differencing image holds only
  what was written since its parent was left; the parent is known by UUIDs, not
  by a name.

  ### Making a test image

      qemu-img create -f vdi disk.vdi 1G
      qemu-io -c 'write -P 7 64k 4k' disk.vdi
doc-ref:
  - 'VirtualBox src/VBox/Storage/VDICore.h, src/VBox/Storage/VDI.cpp'
  - 'QEMU block/vdi.c'
seq:
  - id: creator
    -orig-id: szFileInfo
    size: 64
    doc: A line of text that names the program that wrote the image.
  - id: magic
    -orig-id: u32Signature
    contents: [0x7f, 0x10, 0xda, 0xbe]
  - id: minor_version
    type: u2
  - id: major_version
    type: u2
    doc: 0 is an older format, whose header goes on otherwise.
  - id: len_header
    -orig-id: cbHeader
    type: u4
    doc: Counted from this field.
  - id: kind
    -orig-id: u32Type
    type: u4
    enum: kind
  - id: flags
    -orig-id: fFlags
    type: u4
  - id: comment
    -orig-id: szComment
    size: 256
  - id: ofs_blocks
    -orig-id: offBlocks
    type: u4
    doc: Where the block map is.
  - id: ofs_data
    -orig-id: offData
    type: u4
    doc: Where block 0 of the file is.
  - id: geometry
    -orig-id: LegacyGeometry
    type: geometry
  - id: reserved
    -orig-id: u32Dummy
    type: u4
  - id: len_disk
    -orig-id: cbDisk
    type: u8
  - id: len_block
    -orig-id: cbBlock
    type: u4
  - id: len_block_extra
    -orig-id: cbBlockExtra
    type: u4
    doc: Bytes in front of each block of the file that belong to no disk.
  - id: num_blocks
    -orig-id: cBlocks
    type: u4
  - id: num_blocks_allocated
    -orig-id: cBlocksAllocated
    type: u4
  - id: uuid
    -orig-id: uuidCreate
    size: 16
  - id: modification_uuid
    -orig-id: uuidModify
    size: 16
    doc: A new one whenever the image was written to.
  - id: parent_uuid
    -orig-id: uuidLinkage
    size: 16
    doc: The parent's `uuid`; zeros if there is no parent.
  - id: parent_modification_uuid
    -orig-id: uuidParentModify
    size: 16
    doc: The parent's `modification_uuid` when it was left; zeros if unknown.
types:
  geometry:
    seq:
      - id: num_cylinders
        -orig-id: cCylinders
        type: u4
      - id: num_heads
        -orig-id: cHeads
        type: u4
      - id: num_sectors
        -orig-id: cSectors
        type: u4
      - id: len_sector
        -orig-id: cbSector
        type: u4
  block_entry:
    -export: records
    doc: Which block of the file holds a block of the disk.
    seq:
      - id: index
        type: u4
        doc: |
          0xffffffff if the block is not allocated, 0xfffffffe if it is zeros.
enums:
  kind:
    1: dynamic
    2: fixed
    3: undo
    4: differencing
