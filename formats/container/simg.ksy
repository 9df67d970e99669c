meta:
  id: simg
  title: Android sparse image
  file-extension: simg
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x3a, 0xff, 0x26, 0xed]}
    offset: 0
    size: 28
doc: |
  What a phone's bootloader is given to write: a disk in chunks, each of which
  is stored, filled with four bytes that repeat, or left as the phone has it.
  The chunks stand one behind the other, each with a header of its own, so that
  only a walk over all of them tells where they are.

  ### Making a test image

      img2simg disk.raw disk.simg
doc-ref:
  - 'AOSP system/core/libsparse/sparse_format.h'
  - 'AOSP system/core/libsparse/sparse_read.cpp'
seq:
  - id: magic
    contents: [0x3a, 0xff, 0x26, 0xed]
  - id: major_version
    type: u2
    doc: 1; any other is another format.
  - id: minor_version
    type: u2
  - id: len_header
    -orig-id: file_hdr_sz
    type: u2
  - id: len_chunk_header
    -orig-id: chunk_hdr_sz
    type: u2
  - id: len_block
    -orig-id: blk_sz
    type: u4
  - id: num_blocks
    -orig-id: total_blks
    type: u4
  - id: num_chunks
    -orig-id: total_chunks
    type: u4
  - id: crc
    -orig-id: image_checksum
    type: u4
    doc: Of the whole disk; 0 if it was not counted.
types:
  chunk:
    -export: structure
    doc: The header of a chunk.
    seq:
      - id: kind
        -orig-id: chunk_type
        type: u2
        enum: chunk_kind
      - id: reserved
        -orig-id: reserved1
        type: u2
      - id: num_blocks
        -orig-id: chunk_sz
        type: u4
        doc: Blocks of the disk.
      - id: len_chunk
        -orig-id: total_sz
        type: u4
        doc: Bytes of the file, with the header.
  fill:
    -export: structure
    doc: The four bytes that a chunk is filled with.
    seq:
      - id: value
        type: u4
enums:
  chunk_kind:
    0xcac1: raw
    0xcac2: fill
    0xcac3: dont_care
    0xcac4: crc
