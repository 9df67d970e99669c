meta:
  id: ewf2
  title: an image of EnCase 7 or later (Ex01, EWF2)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `ewfexport -t disk -f raw FILE` (of libewf) and read disk.raw
    probe:
      - {at: 0, magic: ["EVF2", 0x0d, 0x0a, 0x81, 0]}
    size: 12
doc: |
  The second version of the Expert Witness Compression Format: a disk in compressed
  chunks, perhaps encrypted, in one file or several.
doc-ref: 'libewf documentation, "Expert Witness Compression Format (EWF) version 2"'
seq:
  - id: magic
    -orig-id: signature
    contents: ["EVF2", 0x0d, 0x0a, 0x81, 0]
  - id: version_major
    type: u1
    valid: {max: 9}
  - id: version_minor
    type: u1
  - id: compression
    -orig-id: compression_method
    type: u2
    valid: {max: 2}
