meta:
  id: asif
  title: a sparse disk image of macOS 26 (ASIF)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      attach it on a Mac (`diskutil image attach --noMount FILE`) and copy the device
    probe:
      - {at: 0, magic: [shdw, 0, 0, 0, 1]}
    size: 72
doc: |
  A disk in chunks, with two directories of tables, of which the one with the higher
  sequence number counts.
doc-ref:
  - 'https://github.com/huven/asif-format'
  - 'dissect.hypervisor dissect/hypervisor/disk/c_asif.py: struct asif_header'
seq:
  - id: magic
    -orig-id: header_signature
    contents: shdw
  - id: version
    -orig-id: header_version
    type: u4
    valid: 1
  - id: len_header
    -orig-id: header_size
    type: u4
    valid: 512
  - id: flags
    -orig-id: header_flags
    type: u4
  - id: directories
    -orig-id: directory_offsets
    size: 16
  - id: uuid
    -orig-id: guid
    size: 16
  - id: num_sectors
    -orig-id: sector_count
    type: u8
  - id: max_sectors
    -orig-id: max_sector_count
    type: u8
  - id: len_chunk
    -orig-id: chunk_size
    type: u4
    valid: {min: 512, max: 0x40000000}
  - id: len_block
    -orig-id: block_size
    type: u2
    valid:
      any-of: [512, 4096]
