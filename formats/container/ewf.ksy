meta:
  id: ewf
  title: Expert Witness Compression Format, version 1 (E01)
  file-extension: E01
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00]}
    offset: 0
    size: 13
doc: |
  A disk as forensic tools acquire it (EnCase, FTK Imager, ewfacquire): files
  called .E01, .E02 and so on, each a list of sections. The disk is cut into
  chunks, which are compressed or followed by a checksum; tables have their
  offsets.

  ### Making a test image

      ewfacquire -u -t disk -f encase6 -c fast -S 1MiB disk.raw
doc-ref:
  - 'J. Metz, "Expert Witness Compression Format specification" (libewf)'
  - https://github.com/libyal/libewf/tree/main/documentation
seq:
  - id: magic
    size: 8
  - id: start_of_fields
    contents: [1]
  - id: segment_number
    type: u2
  - id: end_of_fields
    contents: [0, 0]
types:
  section:
    -export: structure
    doc: The head of a section; 76 bytes.
    seq:
      - id: kind
        -orig-id: section type
        size: 16
        type: strz
      - id: ofs_next
        type: u8
        doc: From the start of the file. The last section of one points to itself.
      - id: len_section
        type: u8
        doc: With this head.
      - id: padding
        size: 40
      - id: checksum
        type: u4
        doc: Adler-32 of what precedes it.
  volume:
    -export: structure
    doc: How the content of the sections "volume" and "disk" begins.
    seq:
      - id: media_type
        type: u1
      - id: unknown1
        size: 3
      - id: num_chunks
        type: u4
      - id: sectors_per_chunk
        type: u4
      - id: bytes_per_sector
        type: u4
      - id: num_sectors
        type: u8
        doc: SMART's files have four bytes, and four that are not zero only here.
  smart_volume:
    -export: structure
    doc: The content of the section "volume" in files of SMART and early EnCase.
    seq:
      - id: unknown1
        type: u4
      - id: num_chunks
        type: u4
      - id: sectors_per_chunk
        type: u4
      - id: bytes_per_sector
        type: u4
      - id: num_sectors
        type: u4
  table:
    -export: structure
    doc: The head of a section "table" or "table2"; 24 bytes.
    seq:
      - id: num_entries
        type: u4
      - id: padding1
        type: u4
      - id: ofs_base
        type: u8
        doc: What the entries' offsets count from; 0 before EnCase 6.
      - id: padding2
        type: u4
      - id: checksum
        type: u4
        doc: Adler-32 of what precedes it.
  table_entry:
    -export: records
    seq:
      - id: value
        type: u4
        doc: |
          The offset of a chunk, with the highest bit set if it is compressed.
          Behind the first 2 GiB of a file the highest bit is one of the offset,
          and no chunk is compressed.
  adler:
    -export: structure
    seq:
      - id: value
        -orig-id: checksum
        type: u4
