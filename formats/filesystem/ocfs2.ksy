meta:
  id: ocfs2
  title: OCFS2, a filesystem of clusters
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x400, magic: OCFSV2}
      - {at: 0x800, magic: OCFSV2}
      - {at: 0x1000, magic: OCFSV2}
      - {at: 0x2000, magic: OCFSV2}
    size: 8704
    name: ocfs2
    label: superblock.label
    uuid: superblock.uuid
    version: >-
      superblock.major.to_s + '.' + (superblock.minor < 10 ? '0' : '') +
      superblock.minor.to_s
doc: |
  The superblock is the block 2 of 512, 1024, 2048 or 4096 bytes, and has the
  form of an inode.
doc-ref:
  - 'Linux fs/ocfs2/ocfs2_fs.h: struct ocfs2_dinode, struct ocfs2_super_block'
  - 'util-linux libblkid/src/superblocks/ocfs.c'
seq:
  - id: boot_blocks
    size: 1024
instances:
  is_block_512:
    pos: 0x400
    size: 6
    type: str
    encoding: ASCII
  is_block_1024:
    pos: 0x800
    size: 6
    type: str
    encoding: ASCII
  is_block_2048:
    pos: 0x1000
    size: 6
    type: str
    encoding: ASCII
  superblock:
    pos: >-
      is_block_512 == 'OCFSV2' ? 0x400 : is_block_1024 == 'OCFSV2' ? 0x800 :
      is_block_2048 == 'OCFSV2' ? 0x1000 : 0x2000
    type: superblock
types:
  superblock:
    seq:
      - id: magic
        -orig-id: i_signature
        size: 8
        type: strz
      - id: inode
        size: 184
      - id: major
        -orig-id: s_major_rev_level
        type: u2
      - id: minor
        -orig-id: s_minor_rev_level
        type: u2
      - id: settings
        size: 76
      - id: label
        -orig-id: s_label
        size: 64
        type: strz
      - id: uuid
        -orig-id: s_uuid
        size: 16
