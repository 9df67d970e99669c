meta:
  id: silicon_medley_raid
  title: Member of an array of Silicon Image Medley
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -416, align: 0x200, magic: [0, 0, 0, 0x2f]}
    offset: -512
    align: 0x200
    size: 320
    name: silicon_medley_raid_member
    version: major_version.to_s + '.' + minor_version.to_s
doc: |
  The metadata in the last sector. All words before the checksum, and it, add up to
  nothing.
doc-ref:
  - 'dmraid lib/format/ataraid/sil.h'
  - 'util-linux libblkid/src/superblocks/silicon_raid.c'
seq:
  - id: identity
    size: 96
  - id: magic
    -orig-id: magic
    type: u4
    valid: 0x2f000000
  - id: array
    size: 164
  - id: minor_version
    -orig-id: minor_ver
    type: u2
  - id: major_version
    -orig-id: major_ver
    type: u2
  - id: made_at
    size: 6
  - id: stride
    -orig-id: raid0_stride
    type: u2
  - id: reserved
    size: 2
  - id: disk_number
    -orig-id: disk_number
    type: u1
    valid:
      max: 7
  - id: kind
    size: 39
  - id: checksum
    -orig-id: checksum1
    type: u2
    valid:
      expr: total & 0xffff == 0
instances:
  rows:
    pos: 0
    type: row
    repeat: expr
    repeat-expr: 20
  total:
    value: >-
      rows[0].sum + rows[1].sum + rows[2].sum + rows[3].sum + rows[4].sum +
      rows[5].sum + rows[6].sum + rows[7].sum + rows[8].sum + rows[9].sum +
      rows[10].sum + rows[11].sum + rows[12].sum + rows[13].sum + rows[14].sum +
      rows[15].sum + rows[16].sum + rows[17].sum + rows[18].sum + rows[19].sum
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
