meta:
  id: stratis
  title: Stratis, a member of a pool
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x204, magic: [0x21, 0x53, 0x74, 0x72, 0x61, 0x30, 0x74, 0x69, 0x73, 0x86, 0xff, 0x02,
         0x5e, 0x41, 0x72, 0x68]}
    offset: 0x200
    size: 96
    name: stratis
    uuid: >-
      device_uuid.substring(0, 8) + '-' + device_uuid.substring(8, 12) + '-' +
      device_uuid.substring(12, 16) + '-' + device_uuid.substring(16, 20) + '-' +
      device_uuid.substring(20, 32)
doc: |
  The first of the two static headers of a block device of a pool.
doc-ref:
  - 'stratis-storage: Stratis Software Design'
  - 'util-linux libblkid/src/superblocks/stratis.c'
seq:
  - id: checksum
    -orig-id: crc32
    type: u4
  - id: magic
    -orig-id: magic
    size: 16
  - id: num_sectors
    -orig-id: sectors
    type: u8
  - id: reserved
    -orig-id: reserved
    size: 4
  - id: pool_uuid
    -orig-id: pool_uuid
    size: 32
    type: str
  - id: device_uuid
    -orig-id: dev_uuid
    size: 32
    type: str
