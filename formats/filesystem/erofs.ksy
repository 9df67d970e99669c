meta:
  id: erofs
  title: EROFS, the enhanced read-only filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x400, magic: [0xe2, 0xe1, 0xf5, 0xe0]}
    offset: 0x400
    size: 0x80
    name: erofs
    mounted-cut: true
    block-size: 1 << log_block
    blocks: num_blocks
    free: 0
    available: 0
    label: volume_name
    uuid: uuid
doc: |
  The superblock of a read-only filesystem. Nothing is ever free on it; the kernel
  gives no limit of inodes, so that there is no count of files either. An image
  whose data lie on further devices is not read.
doc-ref:
  - 'Linux fs/erofs/erofs_fs.h: struct erofs_super_block'
  - 'Linux fs/erofs/super.c: erofs_read_superblock, erofs_superblock_csum_verify, erofs_statfs'
seq:
  - id: magic
    contents: [0xe2, 0xe1, 0xf5, 0xe0]
  - id: checksum
    type: u4
    doc: |
      CRC-32C of the rest of the superblock's block, with 0 in this place, if bit 0
      of the compatible features is set.
  - id: feature_compat
    type: u4
  - id: log_block
    -orig-id: blkszbits
    type: u1
    valid:
      min: 9
      max: 16
  - id: num_extension_slots
    -orig-id: sb_extslots
    type: u1
  - id: root_nid_or_blocks_hi
    -orig-id: rb
    type: u2
    doc: With 48-bit block addresses the upper bits of the number of blocks.
  - id: num_inodes
    -orig-id: inos
    type: u8
  - id: built_at
    -orig-id: epoch
    type: u8
    doc: Seconds since 1970.
  - id: built_at_nanoseconds
    -orig-id: fixed_nsec
    type: u4
  - id: num_blocks_lo
    -orig-id: blocks_lo
    type: u4
  - id: metadata_block
    -orig-id: meta_blkaddr
    type: u4
  - id: xattr_block
    -orig-id: xattr_blkaddr
    type: u4
  - id: uuid
    size: 16
  - id: volume_name
    size: 16
    type: strz
  - id: feature_incompat
    type: u4
  - id: compression
    -orig-id: u1
    type: u2
  - id: num_extra_devices
    -orig-id: extra_devices
    type: u2
    valid: 0
    doc: Further devices that hold data.
instances:
  is_48bit:
    value: feature_incompat & 0x80 != 0
  num_blocks:
    value: 'is_48bit ? (root_nid_or_blocks_hi << 32) + num_blocks_lo : num_blocks_lo'
