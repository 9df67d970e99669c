meta:
  id: gfs2
  title: GFS2, the global filesystem of clusters
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x10000, magic: [0x01, 0x16, 0x19, 0x70, 0, 0, 0, 1]}
    offset: 0x10000
    size: 272
    name:
      - {when: format < 1800, value: gfs}
      - {value: gfs2}
    label: lock_table
    uuid: uuid
    version: "format < 1800 ? '' : '1'"
doc: |
  The superblock of GFS2, and of its predecessor GFS, which has another number
  of its format. How many blocks are free stands in the resource groups and in
  an inode.
doc-ref:
  - 'Linux include/uapi/linux/gfs2_ondisk.h: struct gfs2_sb'
  - 'util-linux libblkid/src/superblocks/gfs.c'
seq:
  - id: magic
    -orig-id: mh_magic
    type: u4
  - id: type
    -orig-id: mh_type
    type: u4
  - id: header
    size: 16
  - id: format
    -orig-id: sb_fs_format
    type: u4
  - id: multihost_format
    -orig-id: sb_multihost_format
    type: u4
  - id: pad
    -orig-id: __pad0
    type: u4
  - id: len_block
    -orig-id: sb_bsize
    type: u4
  - id: log2_len_block
    -orig-id: sb_bsize_shift
    type: u4
  - id: pad1
    -orig-id: __pad1
    type: u4
  - id: master_inode
    -orig-id: sb_master_dir
    size: 16
  - id: pad2
    -orig-id: __pad2
    size: 16
  - id: root_inode
    -orig-id: sb_root_dir
    size: 16
  - id: lock_protocol
    -orig-id: sb_lockproto
    size: 64
    type: strz
  - id: lock_table
    -orig-id: sb_locktable
    size: 64
    type: strz
  - id: pad3
    -orig-id: __pad3
    size: 16
  - id: pad4
    -orig-id: __pad4
    size: 16
  - id: uuid
    -orig-id: sb_uuid
    size: 16
