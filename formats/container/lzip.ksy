meta:
  id: lzip
  title: a compressed file (lzip)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `lzip -dk FILE` and read what it gives
    probe:
      - {at: 0, magic: [LZIP, 1]}
    size: 6
doc: |
  Members of LZMA.
doc-ref: 'lzip manual, "File format"'
seq:
  - id: magic
    contents: [LZIP, 1]
  - id: dictionary
    type: u1
    valid: {min: 12, max: 253}
