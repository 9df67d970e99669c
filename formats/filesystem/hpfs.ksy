meta:
  id: hpfs
  title: HPFS, the filesystem of OS/2
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all:
          - {at: 0x2000, magic: [0x49, 0xe8, 0x95, 0xf9]}
          - {at: 0x2200, magic: [0x49, 0x18, 0x91, 0xf9]}
    offset: 0x2000
    size: 16
    name: hpfs
    version: version.to_s
doc: |
  The superblock.
doc-ref:
  - 'Linux fs/hpfs/hpfs.h: struct hpfs_super_block'
  - 'util-linux libblkid/src/superblocks/hpfs.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: magic1
    -orig-id: magic1
    type: u4
  - id: version
    -orig-id: version
    type: u1
  - id: functional_version
    -orig-id: funcversion
    type: u1
  - id: zero
    -orig-id: zero
    type: u2
  - id: root_fnode
    -orig-id: root
    type: u4
