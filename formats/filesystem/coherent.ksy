meta:
  id: coherent
  title: Coherent filesystem
  license: CC0-1.0
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all: [{at: 996, magic: noname}, {at: 1002, magic: nopack}]
      - all: [{at: 996, magic: 'xxxxx '}, {at: 1002, magic: nopack}]
      - all: [{at: 996, magic: noname}, {at: 1002, magic: [0x78, 0x78, 0x78, 0x78, 0x78, 0x0a]}]
      - all: [{at: 996, magic: 'xxxxx '}, {at: 1002, magic: [0x78, 0x78, 0x78, 0x78, 0x78, 0x0a]}]
    offset: 0x200
    size: 2
    name: coherent
doc: |
  A filesystem of the Coherent system. It has no number to know it by: the names
  that nobody ever set are its signature.

  Its size is not read: no program is left to compare with. Linux (until 6.14) looks
  for the superblock in the wrong one of two blocks and cannot mount it.
doc-ref:
  - 'Linux include/linux/sysv_fs.h: struct coh_super_block'
  - 'Linux fs/sysv/super.c: detect_coherent'
seq:
  - id: first_data_zone
    -orig-id: s_isize
    type: u2
    valid:
      min: 2
