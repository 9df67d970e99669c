meta:
  id: ubi
  title: UBI, unsorted blocks of flash memory
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: 'UBI#'}
    size: 64
    name: ubi
    uuid: image_sequence.to_s
    version: version.to_s
doc: |
  The header of the first erase block; its volumes are spread over all of them.
doc-ref:
  - 'Linux drivers/mtd/ubi/ubi-media.h: struct ubi_ec_hdr'
  - 'util-linux libblkid/src/superblocks/ubi.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: version
    -orig-id: version
    type: u1
  - id: pad1
    -orig-id: padding1
    size: 3
  - id: num_erasures
    -orig-id: ec
    type: u8
  - id: ofs_volume_header
    -orig-id: vid_hdr_offset
    type: u4
  - id: ofs_data
    -orig-id: data_offset
    type: u4
  - id: image_sequence
    -orig-id: image_seq
    type: u4
  - id: pad2
    -orig-id: padding2
    size: 32
  - id: checksum
    -orig-id: hdr_crc
    type: u4
