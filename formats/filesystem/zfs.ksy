meta:
  id: zfs
  title: ZFS, a device of a pool
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 16404, magic: [0, 0, 0, 7, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0]}
    offset: 0x4000
    size: 0x1000
    name: zfs_member
    label: "second.type == 9 ? second.text : ''"
    uuid: "second.type != 9 ? '' : (pool_guid.type == 8 ? pool_guid.number.to_s : '')"
    version: "version.type == 8 ? version.number.to_s : ''"
doc: |
  The first label of a device: a list of names and values in XDR, of which the first
  are always the same. How full the pool is stands in its trees. The two labels at
  the end are not looked for: another mkfs leaves them.
doc-ref:
  - 'OpenZFS module/zfs/vdev_label.c: vdev_config_generate'
  - 'util-linux libblkid/src/superblocks/zfs.c'
seq:
  - id: encoding
    size: 4
  - id: list_version
    type: u4
  - id: flags
    type: u4
  - id: version
    type: pair
  - id: second
    type: pair
    doc: |
      The name of the pool, a text. A hot spare and a cache device know none: theirs
      is their state (3 and 4), and their own number follows.
  - id: state
    type: pair
    if: second.type == 9
  - id: transaction_group
    type: pair
    if: second.type == 9
  - id: pool_guid
    type: pair
    if: second.type == 9
types:
  pair:
    seq:
      - id: len_pair
        type: u4
      - id: len_decoded
        type: u4
      - id: len_name
        type: u4
        valid:
          min: 1
          max: 64
      - id: name
        size: len_name
        type: str
      - id: name_padding
        size: (4 - len_name % 4) % 4
      - id: type
        type: u4
        valid:
          any-of: [8, 9]
        doc: 8 is a number of 64 bits, 9 a text.
      - id: num_elements
        type: u4
        valid: 1
      - id: number
        type: u8
        if: type == 8
      - id: len_text
        type: u4
        valid:
          max: 256
        if: type == 9
      - id: text
        size: len_text
        type: str
        if: type == 9
      - id: text_padding
        size: (4 - len_text % 4) % 4
        if: type == 9
