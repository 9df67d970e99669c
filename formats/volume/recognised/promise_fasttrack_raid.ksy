meta:
  id: promise_fasttrack_raid
  title: Member of an array of Promise FastTrak
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -32256, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -130560, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -131072, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -8192, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -204288, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -302592, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -345600, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -376320, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -466432, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -498688, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -507392, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -486912, align: 0x200, magic: 'Promise Technology, Inc.'}
      - {at: -1580544, align: 0x200, magic: 'Promise Technology, Inc.'}
    size: 1
    name: promise_fasttrack_raid_member
doc: |
  The metadata lies in one of several sectors before the end, which depends on what
  the disk says of its shape. Nothing of it is read.
doc-ref:
  - 'dmraid lib/format/ataraid/pdc.h'
  - 'util-linux libblkid/src/superblocks/promise_raid.c'
seq:
  - id: first_byte
    size: 1
