meta:
  id: lzfse
  title: LZFSE, a compressed stream of Apple's
  file-extension: lzfse
  license: CC0-1.0
  encoding: ASCII
  endian: le
  bit-endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: run `lzfse -decode -i FILE -o RAW` and read what it gives
    probe:
      - {at: 0, magic: bvx2}
      - {at: 0, magic: bvxn}
      - {at: 0, magic: bvx-}
    offset: 0
    size: 8
doc: |
  A stream is blocks one behind the other, each with its kind: bytes as they
  are, LZVN, or LZFSE proper, whose literals and matches are coded with finite
  state entropy. An end mark is the last one. The chunks of a dmg (ULFO) are
  such streams; a file of it is only recognised.

  ### Making a test image

      lzfse -encode -i disk.raw -o disk.lzfse
doc-ref:
  - 'https://github.com/lzfse/lzfse src/lzfse_internal.h'
  - '7-Zip CPP/7zip/Compress/LzfseDecoder.cpp'
seq:
  - id: magic
    contents: bvx
  - id: kind
    type: u1
    enum: block_kind
  - id: len_content
    -orig-id: n_raw_bytes
    type: u4
    doc: What the block holds when it is decompressed; an end mark has no such field.
types:
  lzvn_head:
    -export: structure
    doc: Behind the first 8 bytes of a block of LZVN.
    seq:
      - id: len_payload
        -orig-id: n_payload_bytes
        type: u4
  packed_head:
    -export: structure
    doc: |
      Behind the first 8 bytes of a block whose tables are packed. The tables
      follow, up to `len_head`, then the literals' stream and the matches'.
    seq:
      - id: num_literals
        -orig-id: n_literals
        type: b20
      - id: len_literals
        -orig-id: n_literal_payload_bytes
        type: b20
        doc: Of the stream that codes them.
      - id: num_matches
        -orig-id: n_matches
        type: b20
      - id: literal_bits
        type: b3
        doc: How many bits of the stream's last byte are used, less 1.
      - id: unused1
        type: b1
      - id: literal_states
        -orig-id: literal_state
        type: b10
        repeat: expr
        repeat-expr: 4
      - id: len_matches
        -orig-id: n_lmd_payload_bytes
        type: b20
      - id: match_bits
        -orig-id: lmd_bits
        type: b3
      - id: unused2
        type: b1
      - id: len_head
        -orig-id: header_size
        type: b32
        doc: Of the block's head with its first 8 bytes and its tables.
      - id: l_state
        type: b10
      - id: m_state
        type: b10
      - id: d_state
        type: b10
      - id: unused3
        type: b2
enums:
  block_kind:
    0x24: end
    0x2d: raw
    0x31: plain_tables
    0x32: packed_tables
    0x6e: lzvn
