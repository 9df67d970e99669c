meta:
  id: xz
  title: xz, streams of compressed blocks
  file-extension: xz
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]}
    offset: 0
    size: 12
doc: |
  One stream or several, each of blocks that can be decompressed by
  themselves. The index at a stream's end has the two sizes of every block, so
  a reader begins at the end of the file. The records of the index and most of
  a block's header are integers of variable length, which are not described
  here.

  ### Making a test image

      xz -k -T0 --block-size=1MiB disk.raw
doc-ref: https://tukaani.org/xz/xz-file-format.txt
seq:
  - id: magic
    contents: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
  - id: flags
    -orig-id: Stream Flags
    type: stream_flags
  - id: crc32
    type: u4
    doc: Of the flags.
types:
  stream_flags:
    seq:
      - id: reserved1
        contents: [0]
      - id: reserved2
        type: b4
        valid: 0
      - id: check
        type: b4
        enum: check_kind
  footer:
    -export: structure
    doc: The last 12 bytes of a stream.
    seq:
      - id: crc32
        type: u4
        doc: Of the two fields that follow.
      - id: backward_size
        -orig-id: Backward Size
        type: u4
        doc: The length of the index is four times one more than this.
      - id: flags
        type: stream_flags
      - id: magic
        contents: "YZ"
  block_head:
    -export: structure
    doc: |
      How a block's header begins. The sizes that are present and the filters,
      all of variable length, follow; the last four bytes are a CRC-32.
    seq:
      - id: header_size
        -orig-id: Block Header Size
        type: u1
        doc: The length of the header is four times one more than this.
      - id: has_uncompressed_size
        type: b1
      - id: has_compressed_size
        type: b1
      - id: reserved
        type: b4
        valid: 0
      - id: last_filter
        type: b2
        doc: The number of filters less one.
enums:
  check_kind:
    0x00: none
    0x01: crc32
    0x04: crc64
    0x0a: sha256
