meta:
  id: jffs2
  title: JFFS2, a filesystem for flash
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    opened-by: >-
      mount it in an mtdram device of Linux, or run `jefferson -d DIRECTORY` on it
    probe:
      - {order: le, at: 0, magic: [0x85, 0x19, 3, 0x20, 12, 0, 0, 0, 0xb1, 0xb0, 0x1e, 0xe4]}
      - {order: be, at: 0, magic: [0x19, 0x85, 0x20, 3, 0, 0, 0, 12, 0xf0, 0x60, 0xdc, 0x98]}
      - {order: le, at: 0, magic: [0x85, 0x19, 1, 0xe0]}
      - {order: be, at: 0, magic: [0x19, 0x85, 0xe0, 1]}
      - {order: le, at: 0, magic: [0x85, 0x19, 2, 0xe0]}
      - {order: be, at: 0, magic: [0x19, 0x85, 0xe0, 2]}
    size: 12
    byte-orders: [le, be]
    name: jffs2
doc: |
  A log of nodes, each with its length and a checksum. The first is a cleanmarker,
  a directory entry or an inode. It has no superblock.
doc-ref:
  - 'Linux include/uapi/linux/jffs2.h: struct jffs2_unknown_node'
  - 'binwalk src/signatures/jffs2.rs'
seq:
  - id: magic
    -orig-id: magic
    type: u2
    valid: 0x1985
  - id: kind
    -orig-id: nodetype
    type: u2
  - id: len_node
    -orig-id: totlen
    type: u4
    valid: {min: 12, max: 0x11000}
  - id: checksum
    -orig-id: hdr_crc
    type: u4
