meta:
  id: romfs
  title: Romfs
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0, magic: -rom1fs-}
    size: 0x90
    name: romfs
    mounted-cut: true
    block-size: 1024
    blocks: (len_image + 1023) / 1024
    end: len_image
    free: 0
    available: 0
    label: volume_name
doc: |
  The superblock of a small read-only filesystem. The kernel counts in blocks of
  1024 bytes, of which the last may be a part; nothing is ever free.
doc-ref:
  - Linux Documentation/filesystems/romfs.rst
  - 'Linux fs/romfs/super.c: romfs_fill_super, romfs_checksum, romfs_statfs'
seq:
  - id: magic
    -orig-id: word0
    contents: -rom1fs-
  - id: len_image
    -orig-id: size
    type: u4
    valid:
      min: 32
    doc: Bytes that can be reached.
  - id: checksum
    type: u4
    doc: Makes the words of the first 512 bytes, or of all if there are fewer, add up to 0.
  - id: volume_name
    -orig-id: name
    size: 128
    type: strz
