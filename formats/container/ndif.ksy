meta:
  id: ndif
  title: an image of Disk Copy 6 (NDIF) in MacBinary
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      convert it with Disk Copy 6 or `hdiutil convert` of a Mac before OS X 10.15, and read
      the image that it gives
    probe:
      - {all: [{at: 0, magic: [0]}, {at: 65, magic: dImgddsk}]}
      - {all: [{at: 0, magic: [0]}, {at: 65, magic: rohdddsk}]}
    size: 128
doc: |
  The image of an old Macintosh's disk. What it means stands in its resource fork,
  so that only a file with both forks (MacBinary) tells what it is.
doc-ref:
  - 'MacBinary II, "File Format"'
  - 'Apple TechNote 1077, "Disk Copy and image types" (dImg, rohd, ddsk)'
seq:
  - id: version
    contents: [0]
  - id: len_name
    type: u1
    valid: {min: 1, max: 63}
  - id: name
    size: 63
  - id: file_type
    size: 4
  - id: creator
    contents: ddsk
