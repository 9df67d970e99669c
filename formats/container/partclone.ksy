meta:
  id: partclone
  title: Partclone's image of a filesystem
  file-extension: img
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: "partclone-image"}
    offset: 0
    size: 34
doc: |
  What Clonezilla and others keep of a partition: those blocks that its
  filesystem uses, one behind the other, with a checksum after each or after
  some hundreds. A bitmap says which blocks they are. Version 1 is older than
  partclone 0.3; it has a byte for each block in place of a bit.

  ### Making a test image

      partclone.ext4 -c -s disk.raw -o disk.img
doc-ref:
  - https://github.com/Thomas-Tsai/partclone/blob/master/IMAGE_FORMATS.md
  - 'partclone src/partclone.h'
seq:
  - id: magic
    contents: "partclone-image"
  - id: writer
    -orig-id: fs, ptc_version
    size: 15
    doc: Of version 1 the filesystem, of version 2 a zero and partclone's version.
  - id: version
    size: 4
    type: str
    doc: |
      "0001" or "0002".
types:
  header1:
    -export: structure
    doc: The whole header of version 1, but 4096 bytes that nobody uses.
    seq:
      - id: magic
        size: 15
      - id: filesystem
        -orig-id: fs
        size: 15
        type: strz
      - id: version
        size: 4
      - id: padding
        size: 2
      - id: len_block
        -orig-id: block_size
        type: u4
      - id: len_device
        -orig-id: device_size
        type: u8
      - id: num_blocks
        -orig-id: totalblock
        type: u8
      - id: num_used_blocks
        -orig-id: usedblocks
        type: u8
  header2:
    -export: structure
    doc: The whole header of version 2.
    seq:
      - id: magic
        size: 16
      - id: writer
        -orig-id: ptc_version
        size: 14
      - id: version
        size: 4
      - id: byte_order
        -orig-id: endianess
        type: u2
        doc: 0xc0de, or 0xdec0 where the other order was written.
      - id: filesystem
        -orig-id: fs
        size: 16
        type: strz
      - id: len_device
        -orig-id: device_size
        type: u8
      - id: num_blocks
        -orig-id: totalblock
        type: u8
      - id: num_used_blocks
        -orig-id: usedblocks
        type: u8
        doc: As the superblock says.
      - id: num_bits_set
        -orig-id: used_bitmap
        type: u8
      - id: len_block
        -orig-id: block_size
        type: u4
      - id: len_options
        -orig-id: feature_size
        type: u4
        doc: From this field on; the checksum of the header follows.
      - id: image_version
        type: u2
      - id: num_cpu_bits
        -orig-id: cpu_bits
        type: u2
      - id: checksum_kind
        -orig-id: checksum_mode
        type: u2
        enum: checksum_kind
      - id: len_checksum
        -orig-id: checksum_size
        type: u2
      - id: num_blocks_of_checksum
        -orig-id: blocks_per_checksum
        type: u4
      - id: reseeds
        -orig-id: reseed_checksum
        type: u1
        doc: |
          Whether each checksum is of the blocks before it alone, and not of all
          that came before.
      - id: bitmap_kind
        -orig-id: bitmap_mode
        type: u1
        enum: bitmap_kind
      - id: crc
        type: u4
  bitmap_crc:
    -export: structure
    doc: What follows the bitmap of version 2.
    seq:
      - id: value
        type: u4
  bitmap_end:
    -export: structure
    doc: What follows a bitmap of bytes.
    seq:
      - id: magic
        contents: "BiTmAgIc"
enums:
  checksum_kind:
    0x00: none
    0x20: crc32
    0x30: xxh64
    0x31: xxh128
    0xff: crc32_of_version1
  bitmap_kind:
    0: none
    1: bits
    8: bytes
