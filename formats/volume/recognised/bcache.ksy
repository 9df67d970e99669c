meta:
  id: bcache
  title: bcache, a cache for block devices
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all:
          - {at: 0x1018, magic: [0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5,
             0x7f, 0x48, 0xba, 0x6d, 0x81]}
          - {at: 0x1008, magic: [8, 0, 0, 0, 0, 0, 0, 0]}
    offset: 0x1000
    size: 104
    name: bcache
    label: label
    uuid: uuid
    version: version.to_s
doc: |
  The superblock of a cache or of what is cached.
doc-ref:
  - 'Linux drivers/md/bcache/bcache_ondisk.h: struct cache_sb_disk'
  - 'util-linux libblkid/src/superblocks/bcache.c'
seq:
  - id: checksum
    -orig-id: csum
    type: u8
  - id: offset
    -orig-id: offset
    type: u8
  - id: version
    -orig-id: version
    type: u8
  - id: magic
    -orig-id: magic
    size: 16
  - id: uuid
    -orig-id: uuid
    size: 16
  - id: set_uuid
    -orig-id: set_uuid
    size: 16
  - id: label
    -orig-id: label
    size: 32
    type: strz
