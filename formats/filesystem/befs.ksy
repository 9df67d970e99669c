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
      - {order: le, at: 0x20, magic: 1SFB}
      - {order: be, at: 0x20, magic: BFS1}
    size: 0x280
    name: befs
    label: superblock.label
    version: "superblock.byte_order == 0x42494745 ? 'big-endian' : 'little-endian'"
doc: |
  The superblock, in the byte order of the machine that made it: behind a boot block,
  or on a PowerPC at the beginning.
doc-ref:
  - 'Linux fs/befs/befs_fs_types.h: befs_super_block'
  - 'util-linux libblkid/src/superblocks/befs.c'
seq:
  - id: boot_block
    size: 32
  - id: first_magic
    type: u4
instances:
  superblock:
    pos: 'first_magic == 0x42465331 ? 0 : 0x200'
    type: superblock
types:
  superblock:
    seq:
      - id: label
        -orig-id: name
        size: 32
        type: strz
      - id: magic
        -orig-id: magic1
        type: u4
        valid: 0x42465331
      - id: byte_order
        -orig-id: fs_byte_order
        type: u4be
        doc: '"BIGE" on machines of one order, "EGIB" on those of the other.'
      - id: len_block
        -orig-id: block_size
        type: u4
      - id: log2_len_block
        -orig-id: block_shift
        type: u4
        valid:
          min: 10
          max: 13
