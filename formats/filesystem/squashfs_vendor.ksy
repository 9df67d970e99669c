meta:
  id: squashfs_vendor
  title: SquashFS of a vendor, which no kernel mounts
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    opened-by: >-
      run `sasquatch` on it, which knows the changes that vendors made
    probe:
      - {order: le, all: [{at: 0, magic: shsq}, {at: 28, magic: [3, 0]}]}
      - {order: le, all: [{at: 0, magic: shsq}, {at: 28, magic: [4, 0]}]}
      - {order: le, all: [{at: 0, magic: hsqt}, {at: 28, magic: [3, 0]}]}
      - {order: le, all: [{at: 0, magic: hsqt}, {at: 28, magic: [4, 0]}]}
      - {order: be, all: [{at: 0, magic: qshs}, {at: 28, magic: [0, 2]}]}
      - {order: be, all: [{at: 0, magic: qshs}, {at: 28, magic: [0, 3]}]}
      - {order: be, all: [{at: 0, magic: qshs}, {at: 28, magic: [0, 4]}]}
      - {order: be, all: [{at: 0, magic: sqlz}, {at: 28, magic: [0, 2]}]}
      - {order: be, all: [{at: 0, magic: sqlz}, {at: 28, magic: [0, 3]}]}
      - {order: be, all: [{at: 0, magic: sqlz}, {at: 28, magic: [0, 4]}]}
      - {order: be, all: [{at: 0, magic: tqsh}, {at: 28, magic: [0, 2]}]}
      - {order: be, all: [{at: 0, magic: tqsh}, {at: 28, magic: [0, 3]}]}
      - {order: be, all: [{at: 0, magic: tqsh}, {at: 28, magic: [0, 4]}]}
      - {order: be, all: [{at: 0, magic: sqsh}, {at: 28, magic: [0, 4]}]}
    size: 32
    name: squashfs_vendor
    version: major.to_s + '.' + minor.to_s
doc: |
  The superblock of a SquashFS with another signature, compression or byte order,
  as routers and cameras have them.
doc-ref:
  - 'binwalk src/signatures/squashfs.rs: squashfs_magic'
  - 'https://github.com/devttys0/sasquatch'
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
    valid: {min: 2, max: 4}
  - id: minor
    -orig-id: s_minor
    type: u2
    valid: {max: 1}
