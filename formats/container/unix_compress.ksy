meta:
  id: unix_compress
  title: a compressed file (compress, .Z)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `gzip -dk FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x1f, 0x9d, 0x90]}
      - {at: 0, magic: [0x1f, 0x9d, 0x8c]}
      - {at: 0, magic: [0x1f, 0x9d, 0x8e]}
    size: 3
doc: |
  One stream of LZW.
doc-ref: 'ncompress compress.c: MAGIC_1, MAGIC_2'
seq:
  - id: magic
    contents: [0x1f, 0x9d]
  - id: flags
    type: u1
