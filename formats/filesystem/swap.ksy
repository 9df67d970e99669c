meta:
  id: swap
  title: Linux swap area
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: swap
    understood: usage
    byte-orders: [le, be]
    probe:
      - {order: le, all: [{at: 0xff6, magic: SWAPSPACE2}, {at: 0x400, magic: [1, 0, 0, 0]}]}
      - {order: be, all: [{at: 0xff6, magic: SWAPSPACE2}, {at: 0x400, magic: [0, 0, 0, 1]}]}
      - {order: le, all: [{at: 0x1ff6, magic: SWAPSPACE2}, {at: 0x400, magic: [1, 0, 0, 0]}]}
      - {order: be, all: [{at: 0x1ff6, magic: SWAPSPACE2}, {at: 0x400, magic: [0, 0, 0, 1]}]}
      - {order: le, all: [{at: 0x3ff6, magic: SWAPSPACE2}, {at: 0x400, magic: [1, 0, 0, 0]}]}
      - {order: be, all: [{at: 0x3ff6, magic: SWAPSPACE2}, {at: 0x400, magic: [0, 0, 0, 1]}]}
      - {order: le, all: [{at: 0x7ff6, magic: SWAPSPACE2}, {at: 0x400, magic: [1, 0, 0, 0]}]}
      - {order: be, all: [{at: 0x7ff6, magic: SWAPSPACE2}, {at: 0x400, magic: [0, 0, 0, 1]}]}
      - {order: le, all: [{at: 0xfff6, magic: SWAPSPACE2}, {at: 0x400, magic: [1, 0, 0, 0]}]}
      - {order: be, all: [{at: 0xfff6, magic: SWAPSPACE2}, {at: 0x400, magic: [0, 0, 0, 1]}]}
    size: 0x10000
    name: swap
    block-size: len_page
    blocks: last_page - num_bad_pages
    end: (last_page + 1) * len_page
    label: label
    uuid: uuid
    version: version.to_s
doc: |
  The header page of a Linux swap area of version 1. The page size is not written
  down: the signature is in the last ten bytes of the first page. Numbers are in
  the byte order of the machine that made the area.

  The size is what swapon says: all pages but the header and the bad ones.
doc-ref:
  - 'Linux include/linux/swap.h: union swap_header'
  - 'util-linux libblkid/src/superblocks/swap.c'
seq:
  - id: first_word
    type: u8be
    valid:
      expr: _ != 0xedc302e99856e50c
    doc: TuxOnIce leaves the whole header and writes this into its room.
  - id: boot_bits
    -orig-id: bootbits
    size: 1016
    doc: Room for a disk label.
  - id: version
    type: u4
    valid: 1
  - id: last_page
    type: u4
    valid:
      min: 1
    doc: Number of the last page; page 0 is the header.
  - id: num_bad_pages
    -orig-id: nr_badpages
    type: u4
    valid:
      max: last_page
  - id: uuid
    -orig-id: sws_uuid
    size: 16
  - id: label
    -orig-id: sws_volume
    size: 16
    type: strz
instances:
  signature_4k:
    pos: 0xff6
    size: 10
    type: str
  signature_8k:
    pos: 0x1ff6
    size: 10
    type: str
  signature_16k:
    pos: 0x3ff6
    size: 10
    type: str
  signature_32k:
    pos: 0x7ff6
    size: 10
    type: str
  len_page:
    value: >-
      signature_4k == 'SWAPSPACE2' ? 4096 :
      signature_8k == 'SWAPSPACE2' ? 8192 :
      signature_16k == 'SWAPSPACE2' ? 16384 :
      signature_32k == 'SWAPSPACE2' ? 32768 :
      65536
    doc: The probe has found the signature at the end of one of these pages.
