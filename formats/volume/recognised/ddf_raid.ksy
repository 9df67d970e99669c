meta:
  id: ddf_raid
  title: Member of an array of the DDF format
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -512, align: 0x200, magic: [0xde, 0x11, 0xde, 0x11]}
      - {at: -512, align: 0x200, magic: [0x11, 0xde, 0x11, 0xde]}
    offset: -512
    align: 0x200
    size: 40
    name: ddf_raid_member
    version: version
doc: |
  The anchor header in the last sector.
doc-ref:
  - 'SNIA Common RAID Disk Data Format'
  - 'util-linux libblkid/src/superblocks/ddf_raid.c'
seq:
  - id: magic
    -orig-id: signature
    type: u4
  - id: checksum
    -orig-id: crc
    type: u4
  - id: guid
    -orig-id: guid
    size: 24
  - id: version
    -orig-id: revision
    size: 8
    type: strz
