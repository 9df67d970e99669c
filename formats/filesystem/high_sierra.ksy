meta:
  id: high_sierra
  title: High Sierra, the forerunner of ISO 9660
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x8009, magic: CDROM}
    offset: 0x8000
    size: 80
    name: iso9660
    label: label
    version: "'High Sierra'"
doc: |
  The first volume descriptor of a CD-ROM of 1986.
doc-ref:
  - 'Linux include/uapi/linux/iso_fs.h: struct hs_primary_descriptor'
  - 'util-linux libblkid/src/superblocks/iso9660.c'
seq:
  - id: sector
    -orig-id: foo
    size: 8
  - id: type
    -orig-id: type
    type: u1
  - id: magic
    -orig-id: id
    size: 5
  - id: version
    -orig-id: version
    type: u1
  - id: reserved
    size: 1
  - id: system_id
    -orig-id: system_id
    size: 32
    type: str
  - id: label
    -orig-id: volume_id
    size: 32
    type: str
