meta:
  id: hpt45x_raid
  title: Member of an array of HighPoint HPT45X
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -5632, align: 0x200, magic: [0xf3, 0x16, 0x78, 0x5a]}
      - {at: -5632, align: 0x200, magic: [0xfd, 0x16, 0x78, 0x5a]}
    offset: -5632
    align: 0x200
    size: 4
    name: hpt45x_raid_member
doc: |
  The metadata in the eleventh sector before the end. With 0xfd the disk was found
  broken.
doc-ref:
  - 'dmraid lib/format/ataraid/hpt45x.h'
  - 'util-linux libblkid/src/superblocks/highpoint_raid.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
