meta:
  id: lzop
  title: a compressed file (lzop)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `lzop -d FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x89, LZO, 0, 0x0d, 0x0a, 0x1a, 0x0a]}
    size: 9
doc: |
  Blocks of LZO.

  ### Making a test image

      lzop disk.raw
doc-ref: 'lzop src/lzop.c: lzop_magic'
seq:
  - id: magic
    contents: [0x89, 0x4c, 0x5a, 0x4f, 0, 0x0d, 0x0a, 0x1a, 0x0a]
