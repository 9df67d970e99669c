meta:
  id: mpool
  title: Mpool, a pool of object storage
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: mpoolDev}
    size: 58
    name: mpool
    label: label
    uuid: uuid
    version: version.to_s
doc: |
  The superblock of a device.
doc-ref:
  - 'mpool-kmod omf.h: struct omf_sb_descriptor'
  - 'util-linux libblkid/src/superblocks/mpool.c'
seq:
  - id: magic
    -orig-id: osb_magic
    size: 8
  - id: label
    -orig-id: osb_name
    size: 32
    type: strz
  - id: uuid
    -orig-id: osb_poolid
    size: 16
  - id: version
    -orig-id: osb_vers
    type: u2
