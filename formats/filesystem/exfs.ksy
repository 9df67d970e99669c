meta:
  id: exfs
  title: EXFS, a filesystem of Hewlett Packard Enterprise
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: EXFS}
    size: 128
    name: exfs
    label: label
    uuid: uuid
doc: |
  The superblock, which has the layout of XFS's.
doc-ref: 'util-linux libblkid/src/superblocks/exfs.c'
seq:
  - id: magic
    -orig-id: sb_magicnum
    type: u4
  - id: len_block
    -orig-id: sb_blocksize
    type: u4
    valid:
      any-of: [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
  - id: num_blocks
    -orig-id: sb_dblocks
    type: u8
  - id: realtime
    size: 16
  - id: uuid
    -orig-id: sb_uuid
    size: 16
  - id: log_and_inodes
    size: 32
  - id: extents_and_groups
    size: 20
  - id: version
    -orig-id: sb_versionnum
    type: u2
  - id: sector_and_inode
    size: 6
  - id: label
    -orig-id: sb_fname
    size: 12
    type: strz
