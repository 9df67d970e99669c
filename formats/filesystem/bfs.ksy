meta:
  id: bfs
  title: UnixWare boot filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0, magic: [0xce, 0xfa, 0xad, 0x1b]}
    size: 40
    name: bfs
    block-size: 512
    blocks: (ofs_end + 1) / 512
    free:
      sum:
        type: inode
        at: 512
        count: num_inodes
        size: 64
        value: -num_blocks
        base: (ofs_end + 1 - ofs_data) / 512
    inodes: num_inodes
    inodes-free:
      sum:
        type: inode
        at: 512
        count: num_inodes
        size: 64
        value: 'is_free ? 1 : 0'
doc: |
  The superblock of SCO UnixWare's filesystem for its boot files. Behind it comes
  the table of inodes; each file is one run of blocks, so that the inodes say what
  is in use.
doc-ref:
  - 'Linux include/uapi/linux/bfs_fs.h: struct bfs_super_block, struct bfs_inode'
  - 'Linux fs/bfs/inode.c: bfs_fill_super, bfs_statfs'
seq:
  - id: magic
    -orig-id: s_magic
    contents: [0xce, 0xfa, 0xad, 0x1b]
  - id: ofs_data
    -orig-id: s_start
    type: u4
    valid:
      min: 512
      max: 33280
    doc: Where the data begin and the table of at most 512 inodes ends.
  - id: ofs_end
    -orig-id: s_end
    type: u4
    valid:
      min: ofs_data
    doc: The last byte.
  - id: compaction
    -orig-id: s_from, s_to, s_bfrom, s_bto
    size: 16
    doc: How far a compaction that was interrupted had come.
  - id: filesystem_name
    -orig-id: s_fsname
    size: 6
    type: strz
  - id: volume_name
    -orig-id: s_volume
    size: 6
    type: strz
instances:
  num_inodes:
    value: (ofs_data - 512) / 64
types:
  inode:
    -export: records
    seq:
      - id: number
        -orig-id: i_ino
        type: u2
        doc: The inode's own number; 0 when it is free.
      - id: reserved1
        -orig-id: i_unused
        type: u2
      - id: first_block
        -orig-id: i_sblock
        type: u4
      - id: last_block
        -orig-id: i_eblock
        type: u4
    instances:
      is_free:
        value: number == 0
      num_blocks:
        value: 'is_free or first_block == 0 ? 0 : last_block + 1 - first_block'
