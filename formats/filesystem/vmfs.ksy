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
    uuid: >-
      uuid[3].text + uuid[2].text + uuid[1].text + uuid[0].text + '-' +
      uuid[7].text + uuid[6].text + uuid[5].text + uuid[4].text + '-' +
      uuid[9].text + uuid[8].text + '-' + uuid[10].text + uuid[11].text +
      uuid[12].text + uuid[13].text + uuid[14].text + uuid[15].text
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
    -orig-id: uuid
    type: hex_byte
    repeat: expr
    repeat-expr: 16
    doc: VMware writes its bytes in an order of its own.
  - id: mode
    -orig-id: fi_mode
    type: u4
  - id: label
    -orig-id: fi_fsname
    size: 128
    type: strz
types:
  hex_byte:
    seq:
      - id: value
        type: u1
    instances:
      digits:
        value: "'0123456789abcdef'"
      text:
        value: >-
          digits.substring(value >> 4, (value >> 4) + 1) +
          digits.substring(value & 15, (value & 15) + 1)
