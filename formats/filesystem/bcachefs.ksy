meta:
  id: bcachefs
  title: bcachefs
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x1018, magic: [0xc6, 0x85, 0x73, 0xf6, 0x66, 0xce, 0x90, 0xa9, 0xd9, 0x6a, 0x60, 0xcf,
         0x80, 0x3d, 0xf7, 0xef]}
      - all:
          - {at: 0x1018, magic: [0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5,
             0x7f, 0x48, 0xba, 0x6d, 0x81]}
          - {at: 0x1068, magic: [8, 0, 0, 0, 0, 0, 0, 0]}
    offset: 0x1000
    size: 128
    name: bcachefs
    label: label
    uuid: uuid
    version: version.to_s
doc: |
  The superblock of one of the devices of a filesystem; old ones have the
  signature of bcache, and their own offset in sectors elsewhere than bcache.
doc-ref:
  - 'Linux fs/bcachefs/bcachefs_format.h: struct bch_sb'
  - 'util-linux libblkid/src/superblocks/bcache.c'
seq:
  - id: checksum
    -orig-id: csum
    size: 16
  - id: version
    -orig-id: version
    type: u2
  - id: version_min
    -orig-id: version_min
    type: u2
  - id: pad
    -orig-id: pad
    size: 4
  - id: magic
    -orig-id: magic
    size: 16
  - id: internal_uuid
    -orig-id: uuid
    size: 16
  - id: uuid
    -orig-id: user_uuid
    size: 16
  - id: label
    -orig-id: label
    size: 32
    type: strz
  - id: offset
    -orig-id: offset
    type: u8
  - id: sequence_number
    -orig-id: seq
    type: u8
  - id: sectors_per_block
    -orig-id: block_size
    type: u2
  - id: device_index
    -orig-id: dev_idx
    type: u1
  - id: num_devices
    -orig-id: nr_devices
    type: u1
  - id: len_fields
    -orig-id: u64s
    type: u4
