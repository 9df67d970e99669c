meta:
  id: vmfs
  title: VMFS, the filesystem of VMware
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x200000, magic: [0x5e, 0xf1, 0xab, 0x2f]}
    offset: 0x200000
    size: 157
    name: VMFS
    label: label
    version: version.to_s
doc: |
  The information about the filesystem, as its extents show it.
doc-ref:
  - 'vmfs-tools libvmfs/vmfs_fs.h'
  - 'util-linux libblkid/src/superblocks/vmfs.c'
seq:
  - id: magic
    -orig-id: fi_magic
    type: u4
  - id: volume_version
    -orig-id: fi_vol_version
    type: u4
  - id: version
    -orig-id: fi_version
    type: u1
  - id: uuid
    -orig-id: fi_uuid
    size: 16
    doc: Not shown. VMware and libblkid write its bytes in an order of their own.
  - id: mode
    -orig-id: fi_mode
    type: u4
  - id: label
    -orig-id: fi_fsname
    size: 128
    type: strz
