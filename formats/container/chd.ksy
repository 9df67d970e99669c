meta:
  id: chd
  title: a disk of MAME (CHD)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `chdman extracthd -i FILE -o disk.raw` (of mame-tools) and read disk.raw
    probe:
      - {at: 0, magic: MComprHD}
    size: 16
doc: |
  A disk, or a disc, in compressed hunks.

  ### Making a test image

      chdman createhd -i disk.raw -o disk.chd
doc-ref: 'MAME src/lib/util/chd.h, "CHD header formats"'
seq:
  - id: magic
    -orig-id: tag
    contents: MComprHD
  - id: len_header
    -orig-id: length
    type: u4
    valid: {min: 76, max: 124}
  - id: version
    type: u4
    valid: {min: 1, max: 5}
