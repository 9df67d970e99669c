meta:
  id: hpt37x_raid
  title: Member of an array of HighPoint HPT37X
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x1220, magic: [0xf0, 0x16, 0x78, 0x5a]}
      - {at: 0x1220, magic: [0xfd, 0x16, 0x78, 0x5a]}
    offset: 0x1220
    size: 4
    name: hpt37x_raid_member
doc: |
  The metadata in sector 9, before the content. With 0xfd the disk was found broken.
doc-ref:
  - 'dmraid lib/format/ataraid/hpt37x.h'
  - 'util-linux libblkid/src/superblocks/highpoint_raid.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
