meta:
  id: lef
  title: a logical evidence file of EnCase (L01, Lx01)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds files and no disk; open it with EnCase, FTK Imager or `ewfmount -f files` (of
      libewf)
    probe:
      - {at: 0, magic: ["LVF", 9, 0x0d, 0x0a, 0xff, 0]}
      - {at: 0, magic: ["LEF2", 0x0d, 0x0a, 0x81, 0]}
    size: 8
doc: |
  Files that were taken from a disk, in the form of EnCase's images of disks.
doc-ref: 'libewf documentation, "Expert Witness Compression Format (EWF)"'
seq:
  - id: magic
    -orig-id: signature
    size: 8
