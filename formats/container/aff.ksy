meta:
  id: aff
  title: an image of the Advanced Forensic Format
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `affconvert -r FILE` (of afflib-tools) and read the raw file that it gives
    probe:
      - {at: 0, magic: ["AFF10", 0x0d, 0x0a, 0]}
    size: 8
doc: |
  A disk in compressed pages, each a segment with its name.
doc-ref: 'AFFLIBv3 lib/afflib_i.h: AF_HEADER'
seq:
  - id: magic
    contents: ["AFF10", 0x0d, 0x0a, 0]
