meta:
  id: lvm1
  title: Physical volume of LVM1
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {all: [{at: 0, magic: HM}, {at: 2, magic: [1, 0]}]}
      - {all: [{at: 0, magic: HM}, {at: 2, magic: [2, 0]}]}
    size: 172
    name: LVM1_member
    uuid: >-
      uuid.substring(0, 6) + '-' + uuid.substring(6, 10) + '-' + uuid.substring(10, 14) +
      '-' + uuid.substring(14, 18) + '-' + uuid.substring(18, 22) + '-' +
      uuid.substring(22, 26) + '-' + uuid.substring(26, 32)
    version: >-
      'LVM1 ' + version.to_s
doc: |
  The descriptor of a physical volume of the old format.
doc-ref:
  - 'lvm2 lib/format1/disk-rep.h: struct pv_disk'
  - 'util-linux libblkid/src/superblocks/lvm.c'
seq:
  - id: magic
    -orig-id: id
    size: 2
    type: strz
  - id: version
    -orig-id: version
    type: u2
  - id: areas
    size: 40
  - id: uuid
    -orig-id: pv_uuid
    size: 32
    type: str
