meta:
  id: zstd
  title: zstd, frames of compressed blocks
  file-extension: zst
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x28, 0xb5, 0x2f, 0xfd]}
      - {at: 0, magic: [0x50, 0x2a, 0x4d, 0x18]}
    offset: 0
    size: 5
doc: |
  A file is one frame or several, each of which can be decompressed by itself.
  Between them may be frames that a decoder skips: pzstd writes one before
  each of its frames with that one's length, the seekable format one at the
  end of the file with the sizes of all.

  ### Making a test image

      split -b 1M --filter 'zstd -q -c >> disk.raw.zst' disk.raw
      pzstd -k disk.raw
doc-ref:
  - https://www.rfc-editor.org/rfc/rfc8878
  - 'zstd contrib/seekable_format/zstd_seekable_compression_format.md'
  - 'zstd contrib/pzstd/SkippableFrame.h'
seq:
  - id: magic
    -orig-id: Magic_Number
    contents: [0x28, 0xb5, 0x2f, 0xfd]
  - id: content_size_flag
    -orig-id: Frame_Content_Size_flag
    type: b2
  - id: is_single_segment
    -orig-id: Single_Segment_flag
    type: b1
  - id: unused
    type: b1
  - id: reserved
    type: b1
  - id: has_checksum
    -orig-id: Content_Checksum_flag
    type: b1
  - id: dictionary_id_flag
    -orig-id: Dictionary_ID_flag
    type: b2
types:
  content_size1:
    -export: structure
    doc: The content's size by the bytes that the flag gives it.
    seq:
      - id: value
        -orig-id: Frame_Content_Size
        type: u1
  content_size2:
    -export: structure
    seq:
      - id: value
        -orig-id: Frame_Content_Size
        type: u2
        doc: Less 256.
  content_size4:
    -export: structure
    seq:
      - id: value
        -orig-id: Frame_Content_Size
        type: u4
  content_size8:
    -export: structure
    seq:
      - id: value
        -orig-id: Frame_Content_Size
        type: u8
  block:
    -export: structure
    doc: What precedes each block of a frame; 3 bytes.
    seq:
      - id: is_last
        -orig-id: Last_Block
        type: b1le
      - id: kind
        -orig-id: Block_Type
        type: b2le
        enum: block_kind
      - id: len_block
        -orig-id: Block_Size
        type: b21le
        doc: Of a run, how often its one byte is repeated.
  skippable:
    -export: structure
    doc: The head of a frame that is skipped.
    seq:
      - id: magic
        -orig-id: Magic_Number
        type: u4
        doc: 0x184d2a50 to 0x184d2a5f.
      - id: len_data
        -orig-id: Frame_Size
        type: u4
  frame_length:
    -export: structure
    doc: The data of pzstd's skippable frames.
    seq:
      - id: len_frame
        type: u4
        doc: Of the frame that follows.
  seek_footer:
    -export: structure
    doc: The last 9 bytes of a file in the seekable format.
    seq:
      - id: num_frames
        -orig-id: Number_Of_Frames
        type: u4
      - id: has_checksums
        -orig-id: Checksum_Flag
        type: b1
      - id: reserved
        -orig-id: Reserved_Bits
        type: b5
      - id: unused
        -orig-id: Unused_Bits
        type: b2
      - id: magic
        -orig-id: Seekable_Magic_Number
        contents: [0xb1, 0xea, 0x92, 0x8f]
  seek_entry:
    -export: records
    doc: Of one frame; four bytes of a checksum follow if the footer says so.
    seq:
      - id: len_frame
        -orig-id: Compressed_Size
        type: u4
      - id: len_content
        -orig-id: Decompressed_Size
        type: u4
enums:
  block_kind:
    0: raw
    1: run
    2: compressed
    3: reserved
