meta:
  id: vdo
  title: VDO, a deduplicated volume
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: dmvdo001}
    size: 56
    name: vdo
    uuid: uuid
doc: |
  The geometry block.
doc-ref:
  - 'Linux drivers/md/dm-vdo/encodings.h: struct volume_geometry'
  - 'util-linux libblkid/src/superblocks/vdo.c'
seq:
  - id: magic
    -orig-id: magic
    size: 8
    type: strz
  - id: header
    size: 20
  - id: release_version
    -orig-id: release_version
    type: u4
  - id: nonce
    -orig-id: nonce
    type: u8
  - id: uuid
    -orig-id: uuid
    size: 16
