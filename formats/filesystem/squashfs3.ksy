meta:
  id: squashfs3
  title: SquashFS, versions before 4
  license: CC0-1.0
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    byte-orders: [le, be]
    probe:
      - {order: le, all: [{at: 0, magic: hsqs}, {at: 28, magic: [3, 0]}]}
      - {order: le, all: [{at: 0, magic: hsqs}, {at: 28, magic: [2, 0]}]}
      - {order: le, all: [{at: 0, magic: hsqs}, {at: 28, magic: [1, 0]}]}
      - {order: be, all: [{at: 0, magic: sqsh}, {at: 28, magic: [0, 3]}]}
      - {order: be, all: [{at: 0, magic: sqsh}, {at: 28, magic: [0, 2]}]}
      - {order: be, all: [{at: 0, magic: sqsh}, {at: 28, magic: [0, 1]}]}
    size: 32
    name: squashfs3
    version: major.to_s + '.' + minor.to_s
doc: |
  The beginning of a compressed read-only filesystem of an old version, in the byte
  order of the machine that made it. No kernel since Linux 2.6.29 mounts one, so that
  there is nothing to compare its numbers with.
doc-ref: 'util-linux libblkid/src/superblocks/squashfs.c'
seq:
  - id: magic
    -orig-id: s_magic
    size: 4
  - id: num_inodes
    -orig-id: inodes
    type: u4
  - id: version_dependent
    size: 20
  - id: major
    -orig-id: s_major
    type: u2
    valid:
      min: 1
      max: 3
  - id: minor
    -orig-id: s_minor
    type: u2
