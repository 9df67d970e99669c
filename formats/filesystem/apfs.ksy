meta:
  id: apfs
  title: APFS, the filesystem of Apple
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {all: [{at: 0x18, magic: [1, 0]}, {at: 0x20, magic: NXSB}]}
    size: 88
    name: apfs
    uuid: uuid
doc: |
  The superblock of a container, which has its volumes inside.
doc-ref:
  - 'Apple File System Reference: nx_superblock_t'
  - 'util-linux libblkid/src/superblocks/apfs.c'
seq:
  - id: checksum
    -orig-id: o_cksum
    type: u8
  - id: object_id
    -orig-id: o_oid
    type: u8
  - id: transaction_id
    -orig-id: o_xid
    type: u8
  - id: type
    -orig-id: o_type
    type: u2
  - id: flags
    -orig-id: o_flags
    type: u2
  - id: subtype
    -orig-id: o_subtype
    type: u4
  - id: magic
    -orig-id: nx_magic
    contents: NXSB
  - id: len_block
    -orig-id: nx_block_size
    type: u4
  - id: num_blocks
    -orig-id: nx_block_count
    type: u8
  - id: features
    -orig-id: nx_features
    type: u8
  - id: read_only_features
    -orig-id: nx_readonly_compatible_features
    type: u8
  - id: incompatible_features
    -orig-id: nx_incompatible_features
    type: u8
  - id: uuid
    -orig-id: nx_uuid
    size: 16
