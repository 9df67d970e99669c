meta:
  id: udf
  title: UDF, the filesystem of DVDs
  license: CC0-1.0
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - all: [{at: 0x8001, magic: BEA01}, {at: 0x8801, magic: NSR02}]
      - all: [{at: 0x8001, magic: BEA01}, {at: 0x8801, magic: NSR03}]
    offset: 0x8800
    size: 7
    name: udf
doc: |
  The volume recognition sequence of a volume that is not an ISO 9660 one too. Its
  names stand behind an anchor whose place depends on the size of a block, and are
  not read.
doc-ref:
  - ECMA-167 part 3
  - 'util-linux libblkid/src/superblocks/udf.c'
seq:
  - id: structure_type
    type: u1
    valid: 0
  - id: magic
    size: 5
  - id: structure_version
    type: u1
