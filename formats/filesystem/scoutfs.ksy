meta:
  id: scoutfs
  title: ScoutFS, a filesystem of archives
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x10004, magic: [0x8b, 0x42, 0x3c, 0x10]}
    offset: 0x10000
    size: 72
    name:
      - {when: flags & 1 != 0, value: scoutfs_meta}
      - {value: scoutfs_data}
    uuid: uuid
    version: version.to_s
doc: |
  The superblock, on the device of the metadata and on that of the data.
doc-ref:
  - 'scoutfs kmod/src/format.h: struct scoutfs_super_block'
  - 'util-linux libblkid/src/superblocks/scoutfs.c'
seq:
  - id: checksum
    -orig-id: crc
    type: u4
  - id: magic
    -orig-id: magic
    type: u4
  - id: fsid
    -orig-id: fsid
    type: u8
  - id: sequence
    -orig-id: seq
    type: u8
  - id: block_number
    -orig-id: blkno
    type: u8
  - id: id
    -orig-id: id
    type: u8
  - id: version
    -orig-id: fmt_vers
    type: u8
  - id: flags
    -orig-id: flags
    type: u8
  - id: uuid
    -orig-id: uuid
    size: 16
