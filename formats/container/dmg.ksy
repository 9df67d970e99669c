meta:
  id: dmg
  title: Universal Disk Image Format of macOS
  file-extension: dmg
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: -512, magic: "koly"}
      - {at: 0, magic: "encrcdsa"}
    offset: 0
    size: 512
doc: |
  A read-only disk image of chunks, each stored, left out or compressed on its
  own. The trailer at the end of the file tells where a property list is, or in
  older images a resource fork; there stands for each partition a block table,
  whose entries are the chunks.

  ### Making a test image

      hdiutil convert disk.img -format UDZO -o disk.dmg
doc-ref:
  - 'QEMU block/dmg.c'
  - http://newosxbook.com/DMG.html
seq:
  - id: magic
    -orig-id: Signature
    contents: "koly"
  - id: version
    -orig-id: Version
    type: u4
  - id: len_header
    -orig-id: HeaderSize
    type: u4
  - id: flags
    -orig-id: Flags
    type: u4
  - id: ofs_running_data_fork
    -orig-id: RunningDataForkOffset
    type: u8
  - id: ofs_data_fork
    -orig-id: DataForkOffset
    type: u8
  - id: len_data_fork
    -orig-id: DataForkLength
    type: u8
  - id: ofs_resource_fork
    -orig-id: RsrcForkOffset
    type: u8
  - id: len_resource_fork
    -orig-id: RsrcForkLength
    type: u8
  - id: segment_number
    -orig-id: SegmentNumber
    type: u4
  - id: num_segments
    -orig-id: SegmentCount
    type: u4
    doc: Of an image that is split over several files; 0 and 1 are one file.
  - id: segment_id
    -orig-id: SegmentID
    size: 16
  - id: data_checksum
    -orig-id: DataChecksum
    type: checksum
  - id: ofs_property_list
    -orig-id: XMLOffset
    type: u8
  - id: len_property_list
    -orig-id: XMLLength
    type: u8
  - id: reserved1
    size: 120
  - id: master_checksum
    -orig-id: Checksum
    type: checksum
  - id: image_variant
    -orig-id: ImageVariant
    type: u4
  - id: len_disk_sectors
    -orig-id: SectorCount
    type: u8
  - id: reserved2
    size: 12
types:
  checksum:
    seq:
      - id: kind
        type: u4
      - id: num_bits
        type: u4
      - id: value
        size: 128
  encrypted_head:
    -export: structure
    doc: |
      How an encrypted image begins, whose trailer is encrypted like all else.
    seq:
      - id: magic
        size: 8
        type: str
        encoding: ASCII
        doc: It is "encrcdsa".
  resource_fork:
    -export: structure
    doc: How a resource fork begins.
    seq:
      - id: ofs_data
        type: u4
        doc: From the start of the fork.
      - id: ofs_map
        type: u4
      - id: len_data
        type: u4
      - id: len_map
        type: u4
  resource_length:
    -export: structure
    doc: What precedes each resource.
    seq:
      - id: len_resource
        type: u4
  property_list:
    -export: structure
    doc: The text of the property list.
    seq:
      - id: document
        size-eos: true
        type: str
        encoding: ISO-8859-1
        doc: What matters in it is Base64, which is ASCII.
  block_table:
    -export: structure
    doc: The chunks of one partition; the 40 bytes of each follow.
    seq:
      - id: magic
        -orig-id: Signature
        contents: "mish"
      - id: version
        -orig-id: Version
        type: u4
      - id: first_sector
        -orig-id: SectorNumber
        type: u8
        doc: What the sectors of the chunks are counted from.
      - id: num_sectors
        -orig-id: SectorCount
        type: u8
      - id: ofs_data
        -orig-id: DataOffset
        type: u8
        doc: What the offsets of the chunks are counted from, in the data fork.
      - id: num_buffers
        -orig-id: BuffersNeeded
        type: u4
      - id: num_descriptors
        -orig-id: BlockDescriptors
        type: u4
      - id: reserved
        size: 24
      - id: checksum
        type: checksum
      - id: num_chunks
        -orig-id: NumberOfBlockChunks
        type: u4
  chunk:
    -export: records
    doc: How a run of the disk's sectors is stored.
    seq:
      - id: kind
        -orig-id: EntryType
        type: u4
        enum: chunk_kind
      - id: comment
        -orig-id: Comment
        type: u4
      - id: first_sector
        -orig-id: SectorNumber
        type: u8
      - id: num_sectors
        -orig-id: SectorCount
        type: u8
      - id: ofs_data
        -orig-id: CompressedOffset
        type: u8
      - id: len_data
        -orig-id: CompressedLength
        type: u8
enums:
  chunk_kind:
    0x00000000: zero
    0x00000001: raw
    0x00000002: ignore
    0x80000004: adc
    0x80000005: zlib
    0x80000006: bzip2
    0x80000007: lzfse
    0x80000008: lzma
    0x7ffffffe: comment
    0xffffffff: last
