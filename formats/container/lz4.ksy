meta:
  id: lz4
  title: LZ4, a compressed file
  file-extension: lz4
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: run `unlz4 -k FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x04, 0x22, 0x4d, 0x18]}
    offset: 0
    size: 7
doc: |
  Frames of blocks, whose number and places are known only after all of them
  were walked. It is recognised, and not read.

  ### Making a test image

      lz4 -k disk.raw
doc-ref: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
seq:
  - id: magic
    -orig-id: Magic Number
    contents: [0x04, 0x22, 0x4d, 0x18]
  - id: version
    type: b2
    valid: 1
  - id: flags
    -orig-id: FLG
    type: b6
  - id: block_descriptor
    -orig-id: BD
    type: u1
