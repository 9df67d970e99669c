meta:
  id: ocfs
  title: OCFS, the first version of Oracle's cluster filesystem
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 8, magic: OracleCFS}
    size: 0x300
    name: ocfs
    label: label
    uuid: uuid
    version: major_version.to_s + '.' + minor_version.to_s
doc: |
  The header of the volume in sector 0, and its label in sector 1. libblkid looks
  for it eight KiB further on.
doc-ref:
  - 'Linux fs/ocfs2/ocfs1_fs_compat.h: struct ocfs1_vol_disk_hdr, struct ocfs1_vol_label'
  - 'util-linux libblkid/src/superblocks/ocfs.c'
seq:
  - id: minor_version
    -orig-id: minor_version
    type: u4
  - id: major_version
    -orig-id: major_version
    type: u4
  - id: signature
    -orig-id: signature
    size: 128
  - id: rest_of_header
    size: 376
  - id: disk_lock
    -orig-id: disk_lock
    size: 48
  - id: label
    -orig-id: label
    size: 64
    type: strz
  - id: len_label
    -orig-id: label_len
    type: u2
  - id: uuid
    -orig-id: vol_id
    size: 16
