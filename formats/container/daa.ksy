meta:
  id: daa
  title: a disc of PowerISO (DAA)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `poweriso convert FILE -o disc.iso` and read disc.iso
    probe:
      - {at: 0, magic: [DAA, 0, 0, 0, 0, 0]}
    size: 16
doc: |
  A disc in compressed chunks.
doc-ref: 'file magic/Magdir/filesystems, "PowerISO"'
seq:
  - id: magic
    contents: [DAA, 0, 0, 0, 0, 0]
