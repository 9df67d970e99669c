meta:
  id: ad1
  title: an image of FTK Imager (AD1), files without their disk
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds files and no disk; open it with FTK Imager
    probe:
      - {at: 0, magic: ADSEGMENTEDFILE}
    size: 16
doc: |
  Files that were taken from a disk by FTK Imager.
doc-ref: 'pyad1 documentation, "AD1 file format": segment header'
seq:
  - id: magic
    contents: ["ADSEGMENTEDFILE", 0]
