meta:
  id: befs
  title: BFS of BeOS and Haiku
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {order: le, at: 0x220, magic: 1SFB}
      - {order: be, at: 0x220, magic: BFS1}
      - {order: le, at: 0x20, magic: 1SFB}
      - {order: be, at: 0x20, magic: BFS1}
    size: 0x280
    name: befs
    label: superblock.label
    stale: superblock.flags != 0x434c454e
    block-size: superblock.len_block
    blocks: superblock.num_blocks
    free: superblock.num_blocks - superblock.num_used_blocks
    version: "superblock.byte_order == 0x42494745 ? 'big-endian' : 'little-endian'"
doc: |
  The superblock, in the byte order of the machine that made it: behind a boot block,
  or on a PowerPC at the beginning.
doc-ref:
  - 'Linux fs/befs/linuxvfs.c: befs_statfs'
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
      - id: num_blocks
        -orig-id: num_blocks
        type: u8
      - id: num_used_blocks
        -orig-id: used_blocks
        type: u8
      - id: len_inode
        -orig-id: inode_size
        type: s4
      - id: magic2
        -orig-id: magic2
        type: u4
      - id: group_places
        -orig-id: blocks_per_ag
        type: u4
      - id: log2_group_blocks
        -orig-id: ag_shift
        type: u4
        doc: Of the blocks of an allocation group.
      - id: num_groups
        -orig-id: num_ags
        type: u4
      - id: flags
        -orig-id: flags
        type: u4
        doc: '"CLEN" of one that was unmounted, "DIRT" of one that is in use.'
      - id: log
        -orig-id: log_blocks, log_start, log_end, magic3
        size: 28
      - id: root_folder
        -orig-id: root_dir
        type: run
  run:
    seq:
      - id: group
        -orig-id: allocation_group
        type: u4
      - id: first_block
        -orig-id: start
        type: u2
      - id: num_blocks
        -orig-id: len
        type: u2
  inode:
    -export: structure
    doc: A file, with the attributes that are small enough to stand in its block.
    seq:
      - id: magic
        -orig-id: magic1
        type: u4
      - id: fixed
        size: 228
      - id: attributes
        -orig-id: small_data
        type: attribute
        repeat: until
        repeat-until: _.len_name == 0 or _io.size - _io.pos < 8
  attribute:
    seq:
      - id: type
        -orig-id: type
        type: u4
      - id: len_name
        -orig-id: name_size
        type: u2
      - id: len_value
        -orig-id: data_size
        type: u2
      - id: name
        -orig-id: name
        size: len_name
        type: str
      - id: name_end
        size: 'len_name == 0 ? 0 : 3'
      - id: value
        size: len_value
      - id: value_end
        size: 'len_name == 0 ? 0 : 1'
