meta:
  id: swap0
  title: Linux swap area, version 0
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: swap
    understood: usage
    probe:
      - {at: 0xff6, magic: SWAP-SPACE}
    size: 0x1000
    name: swap
    block-size: 4096
    blocks:
      sum:
        type: bitmap_byte
        at: 0
        count: 0xff6
        size: 1
        value: num_set_bits
    version: >-
      '0'
doc: |
  The header page of a Linux swap area of version 0, which kernels before 2.5
  could use: a bitmap of the good pages (at most 128 MiB), and the signature. Only
  pages of 4 KiB are known here.
doc-ref: 'util-linux libblkid/src/superblocks/swap.c'
seq:
  - id: good_pages
    size: 0xff6
    doc: A set bit is a page that can be used; that of the header is clear.
  - id: magic
    contents: SWAP-SPACE
types:
  bitmap_byte:
    -export: records
    seq:
      - id: bits
        type: u1
    instances:
      num_set_bits:
        value: >-
          (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1) + (bits >> 3 & 1) +
          (bits >> 4 & 1) + (bits >> 5 & 1) + (bits >> 6 & 1) + (bits >> 7 & 1)
