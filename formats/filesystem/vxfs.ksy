meta:
  id: vxfs
  title: VxFS, the filesystem of Veritas
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    byte-orders: [le, be]
    probe:
      - {order: le, at: 0x400, magic: [0xf5, 0xfc, 0x01, 0xa5]}
      - {order: be, at: 0x2000, magic: [0xa5, 0x01, 0xfc, 0xf5]}
    offset: 0x400
    size: 0x1c08
    name: vxfs
    version: superblock.version.to_s
doc: |
  The superblock as UnixWare writes it, and in the other byte order HP-UX, at
  another place.
doc-ref:
  - 'Linux fs/freevxfs/vxfs.h: struct vxfs_sb; vxfs_super.c: vxfs_fill_super'
  - 'util-linux libblkid/src/superblocks/vxfs.c'
seq:
  - id: first_magic
    type: u4
instances:
  superblock:
    pos: 'first_magic == 0xa501fcf5 ? 0 : 0x1c00'
    type: superblock
types:
  superblock:
    seq:
      - id: magic
        -orig-id: vs_magic
        type: u4
      - id: version
        -orig-id: vs_version
        type: u4
