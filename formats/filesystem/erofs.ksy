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
types:
  compact_inode:
    -orig-id: erofs_inode_compact
    -export: records
    seq:
      - id: format
        -orig-id: i_format
        type: u2
        doc: Bit 0 is set in the extended form; bits 1 to 3 are the layout of the content.
      - id: num_attribute_words
        -orig-id: i_xattr_icount
        type: u2
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: num_links
        -orig-id: i_nlink
        type: u2
      - id: len_file
        -orig-id: i_size
        type: u4
      - id: reserved
        type: u4
      - id: content
        -orig-id: i_u
        type: u4
        doc: The first block, or the number of compressed blocks, or the form of chunks.
      - id: number
        -orig-id: i_ino
        type: u4
      - id: owner
        -orig-id: i_uid
        type: u2
      - id: group
        -orig-id: i_gid
        type: u2
      - id: reserved2
        type: u4
  extended_inode:
    -orig-id: erofs_inode_extended
    -export: records
    seq:
      - id: format
        -orig-id: i_format
        type: u2
      - id: num_attribute_words
        -orig-id: i_xattr_icount
        type: u2
      - id: mode
        -orig-id: i_mode
        type: u2
      - id: reserved
        type: u2
      - id: len_file
        -orig-id: i_size
        type: u8
      - id: content
        -orig-id: i_u
        type: u4
      - id: number
        -orig-id: i_ino
        type: u4
      - id: owner
        -orig-id: i_uid
        type: u4
      - id: group
        -orig-id: i_gid
        type: u4
      - id: modified
        -orig-id: i_mtime
        type: u8
      - id: modified_ns
        -orig-id: i_mtime_nsec
        type: u4
      - id: num_links
        -orig-id: i_nlink
        type: u4
      - id: reserved2
        size: 16
  directory_entry:
    -orig-id: erofs_dirent
    -export: records
    doc: Those of a block come first, then their names.
    seq:
      - id: number
        -orig-id: nid
        type: u8
      - id: ofs_name
        -orig-id: nameoff
        type: u2
      - id: type
        -orig-id: file_type
        type: u1
      - id: reserved
        type: u1
  word:
    -export: records
    doc: The block of a chunk; a part of a packed index.
    seq:
      - id: value
        type: u4
  chunk:
    -orig-id: erofs_inode_chunk_index
    -export: records
    seq:
      - id: advise
        type: u2
      - id: device
        -orig-id: device_id
        type: u2
      - id: block
        -orig-id: blkaddr
        type: u4
  map_head:
    -orig-id: z_erofs_map_header
    -export: records
    doc: Before the index of a compressed file.
    seq:
      - id: reserved
        size: 4
      - id: advise
        -orig-id: h_advise
        type: u2
        doc: |
          1 a part of the index is packed by 2 bytes, 2 and 4 more than a block may
          be compressed together, 8 the end is within the inode, 0x20 in a fragment.
      - id: algorithm
        -orig-id: h_algorithmtype
        type: u1
      - id: cluster
        -orig-id: h_clusterbits
        type: u1
        doc: |
          The lowest three bits are by how many a cluster of the file has more than
          those of a block; the highest one, that all is in a fragment.
  map_entry:
    -orig-id: z_erofs_lcluster_index
    -export: records
    doc: An entry of an index that is not packed.
    seq:
      - id: advise
        -orig-id: di_advise
        type: u2
        doc: 0 not compressed, 1 and 3 the beginning of what is, 2 a cluster that goes on.
      - id: offset
        -orig-id: di_clusterofs
        type: u2
      - id: value
        type: u4
        doc: The block, or how far it is back to the beginning, and on to the next one.
