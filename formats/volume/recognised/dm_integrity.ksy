meta:
  id: dm_integrity
  title: Volume of dm-integrity
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: [0x69, 0x6e, 0x74, 0x65, 0x67, 0x72, 0x74, 0]}
    size: 32
    name: DM_integrity
    version: version.to_s
doc: |
  The superblock; what it protects lies behind it, with tags in between.
doc-ref:
  - 'Linux drivers/md/dm-integrity.c: struct superblock'
  - 'util-linux libblkid/src/superblocks/lvm.c'
seq:
  - id: magic
    -orig-id: magic
    size: 8
    type: strz
  - id: version
    -orig-id: version
    type: u1
