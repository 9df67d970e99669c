meta:
  id: ufs
  title: UFS1 and UFS2, the fast filesystems of BSD
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    byte-orders: [le, be]
    probe:
      - {order: le, at: 0x255c, magic: [0x54, 0x19, 0x01, 0x00]}
      - {order: le, at: 0x255c, magic: [0x19, 0x01, 0x54, 0x19]}
      - {order: le, at: 0x1055c, magic: [0x54, 0x19, 0x01, 0x00]}
      - {order: le, at: 0x1055c, magic: [0x19, 0x01, 0x54, 0x19]}
      - {order: be, at: 0x255c, magic: [0x00, 0x01, 0x19, 0x54]}
      - {order: be, at: 0x255c, magic: [0x19, 0x54, 0x01, 0x19]}
      - {order: be, at: 0x1055c, magic: [0x00, 0x01, 0x19, 0x54]}
      - {order: be, at: 0x1055c, magic: [0x19, 0x54, 0x01, 0x19]}
    offset: 0x2000
    size: 58720
    name: ufs
    label: >-
      it.magic == 0x19540119 ? it.label : ''
    uuid: (it.id_time << 32) | it.id_random
    version: >-
      it.magic == 0x19540119 ? '2' : '1'
doc: |
  The superblock lies at 8 KiB, or at 64 KiB, which the kernel of BSD looks at
  first, and is in the byte order of the machine that made it.
doc-ref:
  - 'Linux fs/ufs/ufs_fs.h: struct ufs_super_block'
  - 'util-linux libblkid/src/superblocks/ufs.c'
seq:
  - id: at_8k
    type: superblock
instances:
  at_64k:
    pos: 0xe000
    type: superblock
    if: _io.size == 0xe560
  is_at_64k:
    value: >-
      _io.size == 0xe560 and (at_64k.magic == 0x19540119 or at_64k.magic == 0x11954)
  it:
    value: 'is_at_64k ? at_64k : at_8k'
types:
  superblock:
    seq:
      - id: header
        size: 144
      - id: id_time
        -orig-id: fs_id[0]
        type: u4
      - id: id_random
        -orig-id: fs_id[1]
        type: u4
      - id: layout
        size: 528
      - id: label
        -orig-id: fs_volname
        size: 32
        type: strz
      - id: more_layout
        size: 660
      - id: magic
        -orig-id: fs_magic
        type: u4
