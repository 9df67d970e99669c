meta:
  id: umlcow
  title: a copy-on-write file of User Mode Linux
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `uml_moo FILE disk.raw` (of uml-utilities) and read disk.raw
    probe:
      - {at: 0, magic: [OOOM, 0, 0, 0, 2]}
      - {at: 0, magic: [OOOM, 0, 0, 0, 3]}
    size: 8
doc: |
  The sectors that differ from a backing file, behind a bitmap.
doc-ref: 'Linux arch/um/drivers/cow_user.c: struct cow_header_v2, v3'
seq:
  - id: magic
    contents: OOOM
  - id: version
    type: u4
    valid: {min: 2, max: 3}
