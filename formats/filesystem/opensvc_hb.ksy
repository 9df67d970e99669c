meta:
  id: opensvc_hb
  title: Heartbeat disk of OpenSVC
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: other
    understood: detected
    probe:
      - {at: 4, magic: [0x3d, 0xc1, 0x3c, 0x87, 0xc0, 0x5b, 0xe3, 0xb6]}
    size: 40
    name: opensvc_hb
    uuid: uuid
    version: version.to_s
doc: |
  The header of a disk by which the nodes of a cluster know that the others live.
doc-ref: 'util-linux libblkid/src/superblocks/opensvc_hb.c'
seq:
  - id: checksum
    -orig-id: crc
    type: u4
  - id: magic
    -orig-id: magic
    size: 8
  - id: version
    -orig-id: version
    type: u4
  - id: len_page
    -orig-id: page_size
    type: u4
  - id: len_slot
    -orig-id: slot_size
    type: u4
  - id: uuid
    -orig-id: uuid
    size: 16
