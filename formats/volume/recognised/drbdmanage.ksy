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
    size: 0x1008
    name: drbdmanage_control_volume
    uuid: uuid
    version: "state.magic == 0x1adb98a2 ? state.version.to_s : ''"
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
instances:
  state:
    pos: 0x1000
    type: state
types:
  state:
    doc: What the nodes wrote; a volume that none has written to yet has no signature here.
    seq:
      - id: magic
        -orig-id: magic
        type: u4be
      - id: version
        -orig-id: version_le
        type: u4be
