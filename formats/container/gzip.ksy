meta:
  id: gzip
  title: gzip, the members of a compressed file
  file-extension: gz
  license: CC0-1.0
  encoding: ISO-8859-1
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x1f, 0x8b, 0x08]}
    offset: 0
    size: 10
doc: |
  A file compressed with deflate, in one member or several. Two dialects say
  in the header's extra field where one can begin to decompress: BGZF (bgzip)
  gives the length of each of its small members, dictzip those of the chunks
  of its only one.

  ### Making a test image

      bgzip -k disk.raw
      dictzip -k disk.raw
doc-ref:
  - https://www.rfc-editor.org/rfc/rfc1952
  - 'SAM/BAM format specification, section 4.1 "The BGZF compression format"'
  - 'dictzip(1), "CAVEATS" and "EXTRA FIELD"'
seq:
  - id: magic
    -orig-id: ID1, ID2
    contents: [0x1f, 0x8b]
  - id: method
    -orig-id: CM
    contents: [8]
  - id: reserved_flags
    type: b3
  - id: has_comment
    -orig-id: FCOMMENT
    type: b1
  - id: has_name
    -orig-id: FNAME
    type: b1
  - id: has_extra
    -orig-id: FEXTRA
    type: b1
  - id: has_header_crc
    -orig-id: FHCRC
    type: b1
  - id: is_text
    -orig-id: FTEXT
    type: b1
  - id: modified
    -orig-id: MTIME
    type: u4
  - id: compression_flags
    -orig-id: XFL
    type: u1
  - id: operating_system
    -orig-id: OS
    type: u1
types:
  extra_head:
    -export: structure
    doc: What follows the header if `has_extra` is set.
    seq:
      - id: len_extra
        -orig-id: XLEN
        type: u2
  subfield:
    -export: structure
    doc: The head of a subfield of the extra field; its data follow.
    seq:
      - id: id1
        -orig-id: SI1
        type: u1
      - id: id2
        -orig-id: SI2
        type: u1
      - id: len_data
        -orig-id: LEN
        type: u2
  bgzf_size:
    -export: structure
    doc: The data of the subfield BC.
    seq:
      - id: last_byte
        -orig-id: BSIZE
        type: u2
        doc: The length of the member less one.
  dictzip_head:
    -export: structure
    doc: The head of the data of the subfield RA; the chunks' lengths follow.
    seq:
      - id: version
        -orig-id: VER
        type: u2
      - id: len_chunk
        -orig-id: CHLEN
        type: u2
        doc: What each chunk but the last decompresses to.
      - id: num_chunks
        -orig-id: CHCNT
        type: u2
  dictzip_chunk:
    -export: records
    seq:
      - id: len_stream
        type: u2
  trailer:
    -export: structure
    doc: The end of a member.
    seq:
      - id: crc32
        -orig-id: CRC32
        type: u4
      - id: len_content
        -orig-id: ISIZE
        type: u4
        doc: Modulo 2 to the power of 32.
