meta:
  id: drbdmanage
  title: Control volume of DRBD Manage
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: other
    understood: detected
    probe:
      - {at: 0, magic: $DRBDmgr=q}
    size: 44
    name: drbdmanage_control_volume
    uuid: uuid
doc: |
  The volume on which the nodes of a cluster keep what they know of their replicated
  volumes.
doc-ref: 'util-linux libblkid/src/superblocks/drbdmanage.c'
seq:
  - id: magic
    -orig-id: magic
    size: 11
  - id: uuid
    -orig-id: uuid
    size: 32
    type: str
    doc: In hexadecimal digits.
  - id: line_end
    -orig-id: lf
    contents: [0x0a]
