meta:
  id: via_raid
  title: Member of an array of VIA
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all:
          - {at: -512, align: 0x200, magic: [0x55, 0xaa]}
    offset: -512
    align: 0x200
    size: 51
    name: via_raid_member
    version: version.to_s
doc: |
  The metadata in the last sector. Its signature is short, so that its checksum
  counts: the sum of the bytes before it.
doc-ref:
  - 'dmraid lib/format/ataraid/via.h'
  - 'util-linux libblkid/src/superblocks/via_raid.c'
seq:
  - id: magic
    -orig-id: signature
    type: u2
    valid: 0xaa55
  - id: version
    -orig-id: version_number
    type: u1
    valid:
      max: 2
  - id: array
    size: 47
  - id: checksum
    -orig-id: checksum
    type: u1
    valid: >-
      (0x55 + 0xaa + words[0].sum + words[1].sum + words[2].sum + words[3].sum +
      words[4].sum + words[5].sum + words[6].sum + words[7].sum + words[8].sum +
      words[9].sum + words[10].sum + words[11].sum) & 0xff
instances:
  words:
    pos: 2
    type: word
    repeat: expr
    repeat-expr: 12
types:
  word:
    seq:
      - id: value
        type: u4
    instances:
      sum:
        value: (value & 0xff) + (value >> 8 & 0xff) + (value >> 16 & 0xff) + (value >> 24 & 0xff)
