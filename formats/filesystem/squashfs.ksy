meta:
  id: squashfs
  title: SquashFS
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - all: [{at: 0, magic: hsqs}, {at: 28, magic: [4, 0]}]
    size: 96
    name: squashfs
    block-size: len_block
    blocks: (len_used - 1) / len_block + 1
    end: len_used
    free: 0
    available: 0
    inodes: num_inodes
    inodes-free: 0
    version: major.to_s + '.' + minor.to_s
doc: |
  The superblock of a compressed read-only filesystem, version 4. Its last block
  may be a part of one, and nothing is ever free on it.
doc-ref:
  - 'Linux fs/squashfs/squashfs_fs.h: struct squashfs_super_block'
  - 'Linux fs/squashfs/super.c: squashfs_fill_super, squashfs_statfs'
seq:
  - id: magic
    -orig-id: s_magic
    contents: hsqs
  - id: num_inodes
    -orig-id: inodes
    type: u4
  - id: made_at
    -orig-id: mkfs_time
    type: u4
    doc: Seconds since 1970.
  - id: len_block
    -orig-id: block_size
    type: u4
    valid:
      min: 4096
      max: 1048576
  - id: num_fragments
    -orig-id: fragments
    type: u4
  - id: compression
    type: u2
    doc: 1 zlib, 2 lzma, 3 lzo, 4 xz, 5 lz4, 6 zstd.
  - id: log_block
    -orig-id: block_log
    type: u2
    valid:
      expr: _ <= 20 and 1 << _ == len_block
  - id: flags
    type: u2
  - id: num_ids
    -orig-id: no_ids
    type: u2
  - id: major
    -orig-id: s_major
    type: u2
    valid: 4
  - id: minor
    -orig-id: s_minor
    type: u2
  - id: root_inode
    type: u8
  - id: len_used
    -orig-id: bytes_used
    type: u8
    valid:
      min: 96
    doc: Bytes from the superblock to the end of the last table.
