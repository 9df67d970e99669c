meta:
  id: isw_raid
  title: Member of an array of Intel Matrix Storage
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -1024, align: 0x200, magic: 'Intel Raid ISM Cfg Sig. '}
    offset: -1024
    align: 0x200
    size: 32
    name: isw_raid_member
    version: version
doc: |
  The metadata in the sector before the last.
doc-ref:
  - 'mdadm super-intel.c: struct imsm_super'
  - 'util-linux libblkid/src/superblocks/isw_raid.c'
seq:
  - id: magic
    -orig-id: sig
    size: 24
    type: strz
  - id: version
    -orig-id: sig
    size: 6
    type: str
