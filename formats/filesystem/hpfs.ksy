meta:
  id: hpfs
  title: HPFS, the filesystem of OS/2
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all:
          - {at: 0x2000, magic: [0x49, 0xe8, 0x95, 0xf9]}
          - {at: 0x2200, magic: [0x49, 0x18, 0x91, 0xf9]}
    size: 0x2010
    name: hpfs
    label: "boot_sector.is_written ? boot_sector.label : ''"
    uuid: "boot_sector.is_written ? boot_sector.uuid : ''"
    version: superblock.version.to_s
doc: |
  The boot sector, which has the label and the serial number, and the superblock.
doc-ref:
  - 'Linux fs/hpfs/hpfs.h: struct hpfs_boot_block, struct hpfs_super_block'
  - 'util-linux libblkid/src/superblocks/hpfs.c'
seq:
  - id: boot_sector
    type: boot_sector
instances:
  superblock:
    pos: 0x2000
    type: superblock
types:
  boot_sector:
    seq:
      - id: boot_code
        size: 38
      - id: signature
        -orig-id: sig_28h
        type: u1
      - id: serial
        -orig-id: vol_serno
        type: hex_byte
        repeat: expr
        repeat-expr: 4
        doc: As DOS shows it, from the last byte to the first.
      - id: label
        -orig-id: vol_label
        size: 11
        type: str
      - id: rest
        size: 456
      - id: end_signature
        -orig-id: magic
        type: u2
    instances:
      is_written:
        value: signature == 0x28 and end_signature == 0xaa55
        doc: A volume that no system starts from may have another boot sector, or none.
      uuid:
        value: >-
          serial[3].text + serial[2].text + '-' + serial[1].text + serial[0].text
  hex_byte:
    seq:
      - id: value
        type: u1
    instances:
      digits:
        value: "'0123456789ABCDEF'"
      text:
        value: >-
          digits.substring(value >> 4, (value >> 4) + 1) +
          digits.substring(value & 15, (value & 15) + 1)
  superblock:
    seq:
      - id: magic
        -orig-id: magic
        type: u4
      - id: magic1
        -orig-id: magic1
        type: u4
      - id: version
        -orig-id: version
        type: u1
      - id: functional_version
        -orig-id: funcversion
        type: u1
      - id: zero
        -orig-id: zero
        type: u2
      - id: root_fnode
        -orig-id: root
        type: u4
