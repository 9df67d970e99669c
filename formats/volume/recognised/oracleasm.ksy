meta:
  id: oracleasm
  title: Disk of Oracle ASM
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: other
    understood: detected
    probe:
      - {at: 32, magic: ORCLDISK}
    size: 96
    name: oracleasm
    label: label
doc: |
  The label of a disk that a database fills by itself.
doc-ref:
  - 'util-linux libblkid/src/superblocks/oracleasm.c'
seq:
  - id: unused
    size: 32
  - id: magic
    -orig-id: dl_tag
    size: 8
    type: strz
  - id: label
    -orig-id: dl_id
    size: 24
    type: strz
