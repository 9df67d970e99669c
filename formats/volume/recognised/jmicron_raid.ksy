meta:
  id: jmicron_raid
  title: Member of an array of JMicron
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -512, align: 0x200, magic: JM}
    offset: -512
    align: 0x200
    size: 128
    name: jmicron_raid_member
    label: label
    version: major_version.to_s + '.' + minor_version.to_s
doc: |
  The metadata in the last sector. Its signature is short, so that its checksum
  counts: all words, with it, add up to nothing or to one.
doc-ref:
  - 'dmraid lib/format/ataraid/jm.h'
  - 'util-linux libblkid/src/superblocks/jmicron_raid.c'
seq:
  - id: magic
    -orig-id: signature
    size: 2
  - id: minor_version
    -orig-id: minor_version
    type: u1
  - id: major_version
    -orig-id: major_version
    type: u1
  - id: checksum
    -orig-id: checksum
    type: u2
    valid:
      expr: total & 0xffff <= 1
  - id: segment
    size: 26
  - id: label
    -orig-id: name
    size: 16
    type: strz
  - id: mode
    -orig-id: mode
    type: u1
    valid:
      max: 5
    doc: Level of the array.
instances:
  rows:
    pos: 0
    type: row
    repeat: expr
    repeat-expr: 8
  total:
    value: >-
      rows[0].sum + rows[1].sum + rows[2].sum + rows[3].sum + rows[4].sum +
      rows[5].sum + rows[6].sum + rows[7].sum
types:
  row:
    seq:
      - id: a
        type: u2
      - id: b
        type: u2
      - id: c
        type: u2
      - id: d
        type: u2
      - id: e
        type: u2
      - id: f
        type: u2
      - id: g
        type: u2
      - id: h
        type: u2
    instances:
      sum:
        value: a + b + c + d + e + f + g + h
