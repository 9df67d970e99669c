meta:
  id: ffu
  title: a Full Flash Update image of Windows
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      apply it with `dism /Apply-FFU` and read the disk
    probe:
      - {at: 4, magic: "SignedImage "}
    size: 32
doc: |
  The blocks of a disk that are in use, behind a signed header.
doc-ref: 'Microsoft, "FFU image format": security header'
seq:
  - id: len_header
    -orig-id: cbSize
    type: u4
    valid: 32
  - id: magic
    -orig-id: signature
    contents: "SignedImage "
  - id: len_chunk
    -orig-id: dwChunkSizeInKb
    type: u4
    valid: {min: 1, max: 0x10000}
