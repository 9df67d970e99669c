meta:
  id: lzma
  title: a compressed file (lzma)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `unlzma -k FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x5d, 0, 0]}
    size: 13
doc: |
  One stream without blocks, the older form of xz.

  ### Making a test image

      xz -k --format=lzma disk.raw
doc-ref: 'xz doc/lzma-file-format.txt'
seq:
  - id: properties
    contents: [0x5d]
  - id: len_dictionary
    type: u4
    valid:
      any-of:
        [0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000, 0x800000,
         0x1000000, 0x2000000, 0x4000000]
  - id: len_content_low
    type: u4
  - id: len_content_high
    type: u4
    valid:
      expr: _ < 0x10000 or (_ == 0xffffffff and len_content_low == 0xffffffff)
