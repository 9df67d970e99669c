meta:
  id: acronis
  title: a backup of Acronis True Image (TIB)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      restore it with Acronis True Image, or convert it there
    probe:
      - {at: 0, magic: [0xce, 0x24, 0xb9, 0xa2, 0x20, 0, 0, 0]}
    size: 8
doc: |
  The sectors of partitions, compressed.
doc-ref: 'file magic/Magdir/archive, "Acronis"'
seq:
  - id: magic
    contents: [0xce, 0x24, 0xb9, 0xa2, 0x20, 0, 0, 0]
