meta:
  id: adaptec_raid
  title: Member of an array of Adaptec HostRAID
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all:
          - {at: -512, align: 0x200, magic: [0x37, 0xfc, 0x4d, 0x1e]}
          - {at: -256, align: 0x200, magic: DPTM}
    offset: -512
    align: 0x200
    size: 64
    name: adaptec_raid_member
    version: version.to_s
doc: |
  The metadata in the last sector.
doc-ref:
  - 'dmraid lib/format/ataraid/asr.h'
  - 'util-linux libblkid/src/superblocks/adaptec_raid.c'
seq:
  - id: magic
    -orig-id: b0idcode
    type: u4
  - id: settings
    size: 59
  - id: version
    -orig-id: resver
    type: u1
