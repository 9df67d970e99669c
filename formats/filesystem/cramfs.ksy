meta:
  id: cramfs
  title: Cramfs, the compressed ROM filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    byte-orders: [le, be]
    probe:
      - {at: 0, magic: [0x45, 0x3d, 0xcd, 0x28], order: le}
      - {at: 0, magic: [0x28, 0xcd, 0x3d, 0x45], order: be}
      - {at: 0x200, magic: [0x45, 0x3d, 0xcd, 0x28], order: le}
      - {at: 0x200, magic: [0x28, 0xcd, 0x3d, 0x45], order: be}
    size: 0x240
    name: cramfs
    compressed: true
    mounted-cut: true
    end: 'superblock.has_totals ? superblock.len_image : 0'
    block-size: 4096
    blocks: 'superblock.has_totals ? superblock.num_blocks : 0'
    free: 0
    available: 0
    inodes: 'superblock.has_totals ? superblock.num_files : 0'
    inodes-free: 0
    label: superblock.name
    version: "superblock.has_totals ? '2' : '1'"
doc: |
  The superblock of a compressed read-only filesystem. It lies at byte 0, or at 512
  behind a boot sector. A kernel mounts only its own byte order, and counts what the
  files hold uncompressed, in pages of its own, mostly of 4096 bytes. The oldest
  version has no totals.
doc-ref:
  - 'Linux include/uapi/linux/cramfs_fs.h: struct cramfs_super'
  - 'Linux fs/cramfs/inode.c: cramfs_read_super, cramfs_statfs'
seq:
  - id: first_word
    type: u4
instances:
  superblock:
    pos: 'first_word == 0x28cd3d45 ? 0 : 512'
    type: superblock
types:
  superblock:
    seq:
      - id: magic
        type: u4
        valid: 0x28cd3d45
      - id: len_image
        -orig-id: size
        type: u4
      - id: flags
        type: u4
      - id: future
        type: u4
      - id: signature
        contents: Compressed ROMFS
      - id: checksum
        -orig-id: fsid.crc
        type: u4
      - id: edition
        -orig-id: fsid.edition
        type: u4
      - id: num_blocks
        -orig-id: fsid.blocks
        type: u4
      - id: num_files
        -orig-id: fsid.files
        type: u4
      - id: name
        size: 16
        type: strz
    instances:
      has_totals:
        value: flags & 1 != 0
        doc: CRAMFS_FLAG_FSID_VERSION_2
