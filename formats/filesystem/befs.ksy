meta:
  id: befs
  title: BFS of BeOS and Haiku
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    byte-orders: [le, be]
    probe:
      - {order: le, at: 0x220, magic: 1SFB}
      - {order: be, at: 0x220, magic: BFS1}
    offset: 0x200
    size: 124
    name: befs
    label: label
doc: |
  The superblock, behind a boot block, in the byte order of the machine that
  made it.
doc-ref:
  - 'Linux fs/befs/befs_fs_types.h: befs_super_block'
  - 'util-linux libblkid/src/superblocks/befs.c'
seq:
  - id: label
    -orig-id: name
    size: 32
    type: strz
  - id: magic
    -orig-id: magic1
    type: u4
  - id: byte_order
    -orig-id: fs_byte_order
    type: u4
  - id: len_block
    -orig-id: block_size
    type: u4
  - id: log2_len_block
    -orig-id: block_shift
    type: u4
  - id: num_blocks
    -orig-id: num_blocks
    type: u8
  - id: num_used_blocks
    -orig-id: used_blocks
    type: u8
