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

  Behind the inodes and directories lie the tables of fragments, of inodes for
  NFS (lookup), of owners and of extended attributes, in this order. Of each the
  superblock names the index: where the blocks of the table lie, which come
  before their index and behind that of the table before. A mount refuses
  indexes that leave this order.
doc-ref:
  - https://dr-emann.github.io/squashfs/squashfs.html
  - 'Linux fs/squashfs/squashfs_fs.h: struct squashfs_super_block'
  - 'Linux fs/squashfs/super.c: squashfs_fill_super, squashfs_statfs'
  - 'Linux fs/squashfs/id.c, xattr_id.c, export.c, fragment.c: the sizes of the indexes'
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
    valid:
      min: 1
    doc: Number of owners.
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
  - id: ofs_owners
    -orig-id: id_table_start
    type: u8
    doc: The index of the owners, 8 bytes for each 2048 of them.
  - id: ofs_xattrs
    -orig-id: xattr_id_table_start
    type: u8
    valid:
      expr: >-
        _ == none ? end_owner_index <= len_used : _ > end_owner_index and _ <= len_used - 24
    doc: A head of 16 bytes and its index, of one pointer at least; none if all bits are set.
  - id: ofs_inodes
    -orig-id: inode_table_start
    type: u8
  - id: ofs_directories
    -orig-id: directory_table_start
    type: u8
    valid:
      expr: '_ > ofs_inodes and _ < ofs_owners'
  - id: ofs_fragments
    -orig-id: fragment_table_start
    type: u8
    valid:
      expr: 'num_fragments == 0 or _ > ofs_directories and _ + len_fragment_index < ofs_owners'
    doc: The index of the fragments, 8 bytes for each 512 of them.
  - id: ofs_lookup
    -orig-id: lookup_table_start
    type: u8
    valid:
      expr: >-
        _ == none or
        _ > ofs_directories and _ >= end_fragment_index and _ < ofs_owners
    doc: The index of the inodes for NFS, 8 bytes for each 1024 of them; none if all bits are set.
instances:
  none:
    value: 0xffffffffffffffff
  end_owner_index:
    value: ofs_owners + (num_ids * 4 + 8191) / 8192 * 8
  len_fragment_index:
    value: (num_fragments * 16 + 8191) / 8192 * 8
  end_fragment_index:
    value: 'num_fragments == 0 ? 0 : ofs_fragments + len_fragment_index'
types:
  metadata_head:
    -export: records
    doc: Before each block of inodes, of directories and of tables.
    seq:
      - id: len_block
        type: u2
        doc: The highest bit is set where the block is not compressed.
  inode_head:
    -orig-id: squashfs_base_inode
    -export: records
    seq:
      - id: type
        -orig-id: inode_type
        type: u2
        doc: |
          1 directory, 2 file, 3 link, 4 block device, 5 character device, 6 FIFO,
          7 socket; from 8 on the same, with larger numbers.
      - id: mode
        type: u2
        doc: Permissions alone.
      - id: owner
        -orig-id: uid
        type: u2
        doc: An index of the table of owners, as that of the group.
      - id: group
        -orig-id: guid
        type: u2
      - id: modified_at
        -orig-id: mtime
        type: u4
      - id: number
        -orig-id: inode_number
        type: u4
  directory_inode:
    -orig-id: squashfs_dir_inode
    -export: records
    seq:
      - id: block
        -orig-id: start_block
        type: u4
        doc: Of the names, from the first block of directories on.
      - id: num_links
        -orig-id: nlink
        type: u4
      - id: len_names
        -orig-id: file_size
        type: u2
        doc: With three bytes for the directory itself and the one above.
      - id: offset
        type: u2
        doc: In the block, when it is decompressed.
      - id: parent
        -orig-id: parent_inode
        type: u4
  large_directory_inode:
    -orig-id: squashfs_ldir_inode
    -export: records
    seq:
      - id: num_links
        -orig-id: nlink
        type: u4
      - id: len_names
        -orig-id: file_size
        type: u4
      - id: block
        -orig-id: start_block
        type: u4
      - id: parent
        -orig-id: parent_inode
        type: u4
      - id: num_index
        -orig-id: i_count
        type: u2
      - id: offset
        type: u2
      - id: attributes
        -orig-id: xattr
        type: u4
  index_entry:
    -orig-id: squashfs_dir_index
    -export: records
    doc: In which block of names those from this one on are. The name follows.
    seq:
      - id: index
        type: u4
      - id: block
        -orig-id: start_block
        type: u4
      - id: len_name
        -orig-id: size
        type: u4
        doc: Less 1.
  file_inode:
    -orig-id: squashfs_reg_inode
    -export: records
    doc: The sizes of its blocks follow.
    seq:
      - id: ofs_content
        -orig-id: start_block
        type: u4
      - id: fragment
        type: u4
        doc: All bits are set where the end of the file is in no fragment.
      - id: offset
        type: u4
        doc: In the fragment.
      - id: len_file
        -orig-id: file_size
        type: u4
  large_file_inode:
    -orig-id: squashfs_lreg_inode
    -export: records
    seq:
      - id: ofs_content
        -orig-id: start_block
        type: u8
      - id: len_file
        -orig-id: file_size
        type: u8
      - id: len_sparse
        -orig-id: sparse
        type: u8
      - id: num_links
        -orig-id: nlink
        type: u4
      - id: fragment
        type: u4
      - id: offset
        type: u4
      - id: attributes
        -orig-id: xattr
        type: u4
  word:
    -export: records
    doc: |
      The size of a block, an owner; a link's and a device's number of links, and
      behind it the size of the target, whose text follows, or the device's number.
    seq:
      - id: value
        type: u4
  place:
    -export: records
    doc: Where a block of a table is.
    seq:
      - id: value
        type: u8
  fragment_entry:
    -orig-id: squashfs_fragment_entry
    -export: records
    seq:
      - id: ofs_block
        -orig-id: start_block
        type: u8
      - id: len_block
        -orig-id: size
        type: u4
        doc: As of a file's block.
      - id: unused
        type: u4
  attributes_head:
    -orig-id: squashfs_xattr_id_table
    -export: records
    doc: Before the index of the table of attributes.
    seq:
      - id: ofs_attributes
        -orig-id: xattr_table_start
        type: u8
      - id: num_entries
        -orig-id: xattr_ids
        type: u4
      - id: unused
        type: u4
  attributes_entry:
    -orig-id: squashfs_xattr_id
    -export: records
    doc: The extended attributes of inodes that have the same ones.
    seq:
      - id: place
        -orig-id: xattr
        type: u8
      - id: num_attributes
        -orig-id: count
        type: u4
      - id: len_attributes
        -orig-id: size
        type: u4
  directory_head:
    -orig-id: squashfs_dir_header
    -export: records
    doc: Before up to 256 names, whose inodes are in one block.
    seq:
      - id: num_entries
        -orig-id: count
        type: u4
        doc: Less 1.
      - id: block
        -orig-id: start_block
        type: u4
      - id: number
        -orig-id: inode_number
        type: u4
  directory_entry:
    -orig-id: squashfs_dir_entry
    -export: records
    seq:
      - id: offset
        type: u2
      - id: number_delta
        -orig-id: inode_number
        type: s2
      - id: type
        type: u2
      - id: len_name
        -orig-id: size
        type: u2
        doc: Less 1.
