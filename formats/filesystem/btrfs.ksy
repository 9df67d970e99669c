meta:
  id: btrfs
  title: Btrfs filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x10040, magic: _BHRfS_M}
    offset: 0x10000
    size: 0x1000
doc: |
  The superblock of a btrfs device, the nodes of its trees, and the items that
  tell where things lie and how much of them is used.
doc-ref:
  - https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html
  - 'Linux include/uapi/linux/btrfs_tree.h'
  - 'Linux fs/btrfs/fs.h: struct btrfs_super_block'
seq:
  - id: checksum
    -orig-id: csum
    size: 32
    doc: Of all that follows; what the checksum does not fill is zero.
  - id: fsid
    size: 16
  - id: offset
    -orig-id: bytenr
    type: u8
    doc: Where on the device this copy lies.
  - id: flags
    type: u8
  - id: magic
    contents: _BHRfS_M
  - id: generation
    type: u8
  - id: root
    type: u8
    doc: Logical address of the root tree.
  - id: chunk_root
    type: u8
    doc: Logical address of the chunk tree.
  - id: log_root
    type: u8
    doc: Logical address of the tree of log trees; 0 if nothing was logged.
  - id: reserved1
    -orig-id: log_root_transid
    type: u8
  - id: num_total_bytes
    -orig-id: total_bytes
    type: u8
    doc: Of all devices.
  - id: num_used_bytes
    -orig-id: bytes_used
    type: u8
    doc: Of all block groups, every copy counted once.
  - id: root_directory
    -orig-id: root_dir_objectid
    type: u8
  - id: num_devices
    type: u8
  - id: len_sector
    -orig-id: sectorsize
    type: u4
  - id: len_node
    -orig-id: nodesize
    type: u4
  - id: len_leaf
    -orig-id: leafsize
    type: u4
  - id: len_stripe
    -orig-id: stripesize
    type: u4
  - id: len_system_chunks
    -orig-id: sys_chunk_array_size
    type: u4
    valid:
      max: 2048
  - id: chunk_root_generation
    type: u8
  - id: compat_flags
    type: u8
  - id: compat_ro_flags
    type: u8
  - id: incompat_flags
    type: u8
  - id: checksum_type
    -orig-id: csum_type
    type: u2
  - id: root_level
    type: u1
    valid:
      max: 7
  - id: chunk_root_level
    type: u1
    valid:
      max: 7
  - id: log_root_level
    type: u1
    valid:
      max: 7
  - id: device
    -orig-id: dev_item
    type: device
  - id: label
    size: 256
    type: strz
  - id: cache_generation
    type: u8
  - id: uuid_tree_generation
    type: u8
  - id: metadata_uuid
    size: 16
    doc: With the feature metadata_uuid, the UUID that all other metadata bears.
  - id: num_global_roots
    -orig-id: nr_global_roots
    type: u8
  - id: reserved2
    size: 216
  - id: system_chunks
    -orig-id: sys_chunk_array
    size: 2048
    doc: |
      Keys and chunks, one behind the other, of what the chunk tree lies on.
types:
  device:
    -orig-id: btrfs_dev_item
    -export: structure
    seq:
      - id: id
        -orig-id: devid
        type: u8
      - id: num_total_bytes
        -orig-id: total_bytes
        type: u8
      - id: num_used_bytes
        -orig-id: bytes_used
        type: u8
        doc: What chunks take of it.
      - id: io_align
        type: u4
      - id: io_width
        type: u4
      - id: len_sector
        -orig-id: sector_size
        type: u4
      - id: type
        type: u8
      - id: generation
        type: u8
      - id: start_offset
        type: u8
      - id: group
        -orig-id: dev_group
        type: u4
      - id: seek_speed
        type: u1
      - id: bandwidth
        type: u1
      - id: uuid
        size: 16
      - id: fsid
        size: 16
        doc: That of a seed device is another filesystem's.
  node:
    -orig-id: btrfs_header
    -export: [structure, fields]
    doc: The head of a node or leaf of a tree.
    seq:
      - id: checksum
        -orig-id: csum
        size: 32
      - id: fsid
        size: 16
      - id: address
        -orig-id: bytenr
        type: u8
        doc: The logical address of this node.
      - id: flags
        type: u8
      - id: chunk_tree_uuid
        size: 16
      - id: generation
        type: u8
      - id: owner
        type: u8
        doc: The number of the tree.
      - id: num_items
        -orig-id: nritems
        type: u4
      - id: level
        type: u1
        doc: 0 in a leaf.
  pointer:
    -orig-id: btrfs_key_ptr
    -export: [records, fields]
    doc: What follows the head in a node that is not a leaf.
    seq:
      - id: object
        -orig-id: objectid
        type: u8
      - id: type
        type: u1
      - id: offset
        type: u8
      - id: address
        -orig-id: blockptr
        type: u8
      - id: generation
        type: u8
  item:
    -orig-id: btrfs_item
    -export: [records, fields]
    doc: What follows the head in a leaf.
    seq:
      - id: object
        -orig-id: objectid
        type: u8
      - id: type
        type: u1
      - id: offset
        type: u8
      - id: ofs_data
        -orig-id: offset
        type: u4
        doc: From the end of the node's head.
      - id: len_data
        -orig-id: size
        type: u4
  chunk:
    -orig-id: btrfs_chunk
    -export: structure
    doc: |
      Where a stretch of logical addresses lies on the devices; the address of
      its first byte is the offset of the item's key.
    seq:
      - id: len_chunk
        -orig-id: length
        type: u8
      - id: owner
        type: u8
      - id: len_stripe
        -orig-id: stripe_len
        type: u8
      - id: type
        type: u8
        doc: What it holds, and its profile.
      - id: io_align
        type: u4
      - id: io_width
        type: u4
      - id: len_sector
        -orig-id: sector_size
        type: u4
      - id: num_stripes
        type: u2
      - id: num_sub_stripes
        -orig-id: sub_stripes
        type: u2
      - id: stripes
        size: num_stripes * 32
  stripe:
    -orig-id: btrfs_stripe
    -export: records
    seq:
      - id: device
        -orig-id: devid
        type: u8
      - id: offset
        type: u8
      - id: device_uuid
        -orig-id: dev_uuid
        size: 16
  system_chunk:
    -export: structure
    doc: One of the superblock's chunks.
    seq:
      - id: object
        -orig-id: objectid
        type: u8
      - id: type
        type: u1
      - id: offset
        type: u8
      - id: chunk
        type: chunk
  block_group:
    -orig-id: btrfs_block_group_item
    -export: structure
    doc: |
      How much of a chunk is used; the key's object is its first address, the
      key's offset its length.
    seq:
      - id: num_used_bytes
        -orig-id: used
        type: u8
      - id: chunk_object
        -orig-id: chunk_objectid
        type: u8
      - id: flags
        type: u8
        doc: As a chunk's type.
  device_extent:
    -orig-id: btrfs_dev_extent
    -export: structure
    doc: |
      What a part of a device is used for; the key's object is the device's
      number, the key's offset the place.
    seq:
      - id: chunk_tree
        type: u8
      - id: chunk_object
        -orig-id: chunk_objectid
        type: u8
      - id: chunk_address
        -orig-id: chunk_offset
        type: u8
      - id: len_extent
        -orig-id: length
        type: u8
  root:
    -orig-id: btrfs_root_item
    -export: structure
    doc: Where a tree's root lies.
    seq:
      - id: inode
        size: 160
      - id: generation
        type: u8
      - id: root_directory
        -orig-id: root_dirid
        type: u8
      - id: address
        -orig-id: bytenr
        type: u8
      - id: max_bytes
        -orig-id: byte_limit
        type: u8
      - id: num_used_bytes
        -orig-id: bytes_used
        type: u8
        doc: Of the tree's nodes.
      - id: last_snapshot
        type: u8
      - id: flags
        type: u8
      - id: num_references
        -orig-id: refs
        type: u4
      - id: drop_object
        -orig-id: drop_progress.objectid
        type: u8
        doc: Of a subvolume that is being deleted, the key up to which it is.
      - id: drop_type
        -orig-id: drop_progress.type
        type: u1
      - id: drop_offset
        -orig-id: drop_progress.offset
        type: u8
      - id: drop_level
        type: u1
      - id: level
        type: u1
      - id: second_generation
        -orig-id: generation_v2
        type: u8
        if: _io.size - _io.pos >= 8
        doc: Roots of before Linux 3.6 end here.
      - id: uuid
        size: 16
        if: _io.size - _io.pos >= 16
      - id: parent_uuid
        size: 16
        if: _io.size - _io.pos >= 16
        doc: The subvolume's that it is a snapshot of; 0 of what is none.
  file_extent:
    -orig-id: btrfs_file_extent_item
    -export: [structure, fields]
    doc: Where a stretch of a file lies; of one in the item itself, the head.
    seq:
      - id: generation
        type: u8
      - id: len_content
        -orig-id: ram_bytes
        type: u8
      - id: compression
        type: u1
      - id: encryption
        type: u1
      - id: other_encoding
        type: u2
      - id: type
        type: u1
        doc: 0, the content follows; 1, written; 2, reserved.
      - id: address
        -orig-id: disk_bytenr
        type: u8
        doc: Logical address of the whole extent; 0 for a hole.
      - id: len_extent
        -orig-id: disk_num_bytes
        type: u8
      - id: ofs_in_extent
        -orig-id: offset
        type: u8
        doc: Where in the uncompressed extent this stretch begins.
      - id: len_stretch
        -orig-id: num_bytes
        type: u8
        doc: Of the file.
  file_extent_head:
    -export: structure
    doc: What also a file extent with its content in the item has.
    seq:
      - id: generation
        type: u8
      - id: len_content
        -orig-id: ram_bytes
        type: u8
      - id: compression
        type: u1
      - id: encryption
        type: u1
      - id: other_encoding
        type: u2
      - id: type
        type: u1
  inode:
    -orig-id: btrfs_inode_item
    -export: [structure, fields]
    seq:
      - id: generation
        type: u8
      - id: transaction
        -orig-id: transid
        type: u8
      - id: len_content
        -orig-id: size
        type: u8
      - id: num_bytes
        -orig-id: nbytes
        type: u8
      - id: block_group
        type: u8
      - id: num_links
        -orig-id: nlink
        type: u4
      - id: owner
        -orig-id: uid
        type: u4
      - id: group
        -orig-id: gid
        type: u4
      - id: mode
        type: u4
      - id: device
        -orig-id: rdev
        type: u8
      - id: flags
        type: u8
      - id: sequence
        type: u8
      - id: reserved
        size: 32
      - id: accessed
        -orig-id: atime
        type: time
      - id: changed
        -orig-id: ctime
        type: time
      - id: modified
        -orig-id: mtime
        type: time
      - id: created
        -orig-id: otime
        type: time
  time:
    -orig-id: btrfs_timespec
    seq:
      - id: seconds
        -orig-id: sec
        type: u8
        doc: With a sign.
      - id: nanoseconds
        -orig-id: nsec
        type: u4
  directory_entry:
    -orig-id: btrfs_dir_item
    -export: [structure, fields]
    doc: A name in a directory, or an extended attribute.
    seq:
      - id: object
        -orig-id: location.objectid
        type: u8
      - id: object_type
        -orig-id: location.type
        type: u1
      - id: object_offset
        -orig-id: location.offset
        type: u8
      - id: transaction
        -orig-id: transid
        type: u8
      - id: len_value
        -orig-id: data_len
        type: u2
      - id: len_name
        type: u2
      - id: type
        type: u1
      - id: name
        size: len_name
  reference:
    -orig-id: btrfs_inode_ref
    -export: [structure, fields]
    doc: A name of an inode in the directory that the key's offset tells.
    seq:
      - id: index
        type: u8
      - id: len_name
        type: u2
      - id: name
        size: len_name
  extended_reference:
    -orig-id: btrfs_inode_extref
    -export: [structure, fields]
    doc: A name of an inode in a directory.
    seq:
      - id: directory
        -orig-id: parent_objectid
        type: u8
      - id: index
        type: u8
      - id: len_name
        type: u2
      - id: name
        size: len_name
  directory_range:
    -orig-id: btrfs_dir_log_item
    -export: structure
    doc: Up to which index the log knows all names of a directory.
    seq:
      - id: end
        type: u8
  extent:
    -orig-id: btrfs_extent_item
    -export: [structure, fields]
    doc: |
      What is allocated at the address that is the key's object. Of a node
      without skinny metadata its first key follows, then references.
    seq:
      - id: num_references
        -orig-id: refs
        type: u8
      - id: generation
        type: u8
      - id: flags
        type: u8
        doc: 1, data; 2, a node.
  extent_reference:
    -orig-id: btrfs_extent_inline_ref
    -export: [structure, fields]
    doc: Who refers to a node; 176, the tree whose number follows.
    seq:
      - id: type
        type: u1
      - id: offset
        type: u8
  shared_reference:
    -orig-id: btrfs_shared_data_ref
    -export: structure
    doc: What follows a reference of the type 184, to data that a shared node refers to.
    seq:
      - id: count
        type: u4
  old_node:
    -orig-id: btrfs_tree_block_info
    -export: [structure, fields]
    doc: What follows the extent of a node without skinny metadata.
    seq:
      - id: first_key
        -orig-id: key
        size: 17
      - id: level
        type: u1
  data_reference:
    -orig-id: btrfs_extent_data_ref
    -export: [structure, fields]
    doc: A file that refers to an extent of data.
    seq:
      - id: root
        type: u8
      - id: object
        -orig-id: objectid
        type: u8
      - id: offset
        type: u8
      - id: count
        type: u4
  balance:
    -orig-id: btrfs_balance_item
    -export: structure
    doc: A balance that was begun and not ended.
    seq:
      - id: flags
        type: u8
      - id: data
        type: balance_arguments
      - id: metadata
        -orig-id: meta
        type: balance_arguments
      - id: system
        -orig-id: sys
        type: balance_arguments
  balance_arguments:
    -orig-id: btrfs_disk_balance_args
    seq:
      - id: filters
        size: 56
      - id: target
        type: u8
        doc: The profile to convert to; of single, a bit of its own.
      - id: flags
        type: u8
      - id: limits
        size: 64
  root_reference:
    -orig-id: btrfs_root_ref
    -export: structure
    doc: |
      Where a subvolume has its name: the key's object is its number, the
      key's offset that of the subvolume above.
    seq:
      - id: directory
        -orig-id: dirid
        type: u8
      - id: sequence
        type: u8
      - id: len_name
        type: u2
      - id: name
        size: len_name
