meta:
  id: nilfs2
  title: NILFS2, the log-structured filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {all: [{at: 0x406, magic: [0x34, 0x34]}, {at: 0x400, magic: [2, 0, 0, 0]}]}
    offset: 0x400
    size: 248
    name: nilfs2
    label: label
    uuid: uuid
    version: revision.to_s
doc: |
  The superblock. Its copy in the last whole 4 KiB of the volume is not looked
  for: what another mkfs has left of it would be taken for a filesystem.
doc-ref:
  - 'Linux include/uapi/linux/nilfs2_ondisk.h: struct nilfs_super_block'
  - 'util-linux libblkid/src/superblocks/nilfs.c'
seq:
  - id: revision
    -orig-id: s_rev_level
    type: u4
    valid: 2
  - id: minor_revision
    -orig-id: s_minor_rev_level
    type: u2
  - id: magic
    -orig-id: s_magic
    type: u2
  - id: len_header
    -orig-id: s_bytes
    type: u2
    valid:
      min: 256
      max: 1024
  - id: flags
    -orig-id: s_flags
    type: u2
  - id: crc_seed
    -orig-id: s_crc_seed
    type: u4
  - id: checksum
    -orig-id: s_sum
    type: u4
  - id: log2_len_block
    -orig-id: s_log_block_size
    type: u4
    valid:
      min: 0
      max: 6
  - id: num_segments
    -orig-id: s_nsegments
    type: u8
  - id: len_device
    -orig-id: s_dev_size
    type: u8
  - id: first_data_block
    -orig-id: s_first_data_block
    type: u8
  - id: blocks_per_segment
    -orig-id: s_blocks_per_segment
    type: u4
  - id: percent_reserved
    -orig-id: s_r_segments_percentage
    type: u4
  - id: last
    size: 24
  - id: num_free_blocks
    -orig-id: s_free_blocks_count
    type: u8
  - id: times
    size: 24
  - id: state_and_owner
    size: 28
  - id: first_inode
    -orig-id: s_first_ino
    type: u4
  - id: record_sizes
    size: 8
  - id: uuid
    -orig-id: s_uuid
    size: 16
  - id: label
    -orig-id: s_volume_name
    size: 80
    type: strz
