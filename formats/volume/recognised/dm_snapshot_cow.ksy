meta:
  id: dm_snapshot_cow
  title: Changed blocks of a device-mapper snapshot
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: other
    understood: detected
    probe:
      - {at: 0, magic: SnAp}
    size: 16
    name: DM_snapshot_cow
    version: version.to_s
doc: |
  The header of what a snapshot has stored; without its origin it is no
  filesystem.
doc-ref:
  - 'Linux drivers/md/dm-snap-persistent.c: struct disk_header'
  - 'util-linux libblkid/src/superblocks/lvm.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: valid
    -orig-id: valid
    type: u4
  - id: version
    -orig-id: version
    type: u4
  - id: sectors_per_chunk
    -orig-id: chunk_size
    type: u4
