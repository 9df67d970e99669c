meta:
  id: ceph_bluestore
  title: Device of Ceph BlueStore
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: other
    understood: detected
    probe:
      - {at: 0, magic: 'bluestore block device'}
    size: 64
    name: ceph_bluestore
doc: |
  An object store: it holds no filesystem of its own.
doc-ref:
  - 'util-linux libblkid/src/superblocks/bluestore.c'
seq:
  - id: magic
    size: 22
    type: strz
