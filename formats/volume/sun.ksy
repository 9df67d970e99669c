meta:
  id: sun
  title: Sun disklabel
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0x1fc, magic: [0xda, 0xbe]}
doc: |
  The first sector of a disk of a SPARC, with eight slices that begin at whole
  cylinders. What they are for stands in the VTOC within it, where there is one.
doc-ref: 'Linux block/partitions/sun.c: struct sun_disklabel'
seq:
  - id: info
    -orig-id: info
    size: 128
  - id: version
    -orig-id: vtoc.version
    type: u4
  - id: label
    -orig-id: vtoc.volume
    size: 8
    type: strz
  - id: num_slices
    -orig-id: vtoc.nparts
    type: u2
  - id: tags
    -orig-id: vtoc.infos
    type: tag
    repeat: expr
    repeat-expr: 8
  - id: boot
    -orig-id: vtoc.padding, vtoc.bootinfo
    size: 14
  - id: sanity
    -orig-id: vtoc.sanity
    type: u4
  - id: rest_of_vtoc
    -orig-id: vtoc.reserved, vtoc.timestamp
    size: 72
  - id: write_and_read
    -orig-id: write_reinstruct to obs2
    size: 166
  - id: interleave_and_cylinders
    -orig-id: ilfact, ncyl, nacyl
    size: 6
  - id: num_tracks
    -orig-id: ntrks
    type: u2
    doc: Of a cylinder.
  - id: num_track_sectors
    -orig-id: nsect
    type: u2
  - id: heads
    -orig-id: obs3, obs4
    size: 4
  - id: slices
    -orig-id: partitions
    type: slice
    repeat: expr
    repeat-expr: 8
  - id: magic
    contents: [0xda, 0xbe]
  - id: checksum
    -orig-id: csum
    type: u2
    doc: All words of the sector are zero in exclusive or.
types:
  tag:
    seq:
      - id: tag
        -orig-id: id
        type: u2
      - id: flags
        type: u2
  slice:
    seq:
      - id: first_cylinder
        -orig-id: start_cylinder
        type: u4
      - id: num_sectors
        type: u4
        doc: 0 in an unused entry.
