meta:
  id: nvidia_raid
  title: Member of an array of NVIDIA
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: -1024, align: 0x200, magic: NVIDIA}
    offset: -1024
    align: 0x200
    size: 18
    name: nvidia_raid_member
    version: version.to_s
doc: |
  The metadata in the sector before the last.
doc-ref:
  - 'dmraid lib/format/ataraid/nv.h'
  - 'util-linux libblkid/src/superblocks/nvidia_raid.c'
seq:
  - id: magic
    -orig-id: vendor
    size: 8
  - id: len_metadata
    -orig-id: size
    type: u4
  - id: checksum
    -orig-id: chksum
    type: u4
  - id: version
    -orig-id: version
    type: u2
