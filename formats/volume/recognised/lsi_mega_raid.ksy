meta:
  id: lsi_mega_raid
  title: Member of an array of LSI MegaRAID
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -512, align: 0x200, magic: $XIDE$}
    offset: -512
    align: 0x200
    size: 6
    name: lsi_mega_raid_member
doc: |
  The metadata in the last sector.
doc-ref:
  - 'dmraid lib/format/ataraid/lsi.h'
  - 'util-linux libblkid/src/superblocks/lsi_raid.c'
seq:
  - id: magic
    -orig-id: sig
    size: 6
