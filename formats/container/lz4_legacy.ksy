meta:
  id: lz4_legacy
  title: a compressed file (LZ4, legacy frames)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `unlz4 -k FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x02, 0x21, 0x4c, 0x18]}
    size: 8
doc: |
  Blocks of 8 MiB behind their lengths, as the kernel's images have them.

  ### Making a test image

      lz4 -l -k disk.raw
doc-ref: 'lz4 doc/lz4_Frame_format.md, "Legacy frame"'
seq:
  - id: magic
    contents: [0x02, 0x21, 0x4c, 0x18]
  - id: len_block
    type: u4
    valid: {min: 1, max: 0x810000}
