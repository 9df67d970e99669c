meta:
  id: vxfs
  title: VxFS, the filesystem of Veritas
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x400, magic: [0xf5, 0xfc, 0x01, 0xa5]}
    offset: 0x400
    size: 8
    name: vxfs
    version: version.to_s
doc: |
  The superblock as UnixWare writes it.
doc-ref:
  - 'Linux fs/freevxfs/vxfs.h: struct vxfs_sb'
  - 'util-linux libblkid/src/superblocks/vxfs.c'
seq:
  - id: magic
    -orig-id: vs_magic
    type: u4
  - id: version
    -orig-id: vs_version
    type: u4
