meta:
  id: ghost
  title: an image of Norton Ghost (GHO)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      restore it with Ghost
    probe:
      - {at: 0, magic: [0xfe, 0xef, 1]}
    size: 4
doc: |
  The files of a partition, or its sectors, compressed.
doc-ref: 'file magic/Magdir/filesystems, "Norton GHost image"'
seq:
  - id: magic
    contents: [0xfe, 0xef, 1]
  - id: compression
    type: u1
    valid: {max: 10}
