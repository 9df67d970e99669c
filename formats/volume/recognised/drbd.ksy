meta:
  id: drbd
  title: DRBD, a replicated volume
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -4036, align: 0x1000, magic: [0x83, 0x74, 0x02, 0x6b]}
      - {at: -4036, align: 0x1000, magic: [0x83, 0x74, 0x02, 0x6c]}
      - {at: -4036, align: 0x1000, magic: [0x83, 0x74, 0x02, 0x6d]}
    offset: -4096
    align: 0x1000
    size: 72
    name: drbd
    uuid: >-
      magic != 0x8374026d ? device_uuid_8 : device_uuid_9
    version: >-
      magic != 0x8374026d ? 'v08' : 'v09'
doc: |
  The metadata at the end of the volume whose other copies are on other
  machines: of version 8, or of version 9, which has another generation before
  its identifier.
doc-ref:
  - 'drbd-utils user/shared/drbdmeta.c: struct md_on_disk_08'
  - 'util-linux libblkid/src/superblocks/drbd.c'
seq:
  - id: len_effective
    -orig-id: la_sect
    type: u8
  - id: generations
    size: 32
  - id: device_uuid_8
    -orig-id: device_uuid
    type: u8
  - id: device_uuid_9
    -orig-id: device_uuid
    type: u8
  - id: flags
    -orig-id: flags
    type: u4
  - id: magic
    -orig-id: magic
    type: u4
