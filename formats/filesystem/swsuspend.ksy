meta:
  id: swsuspend
  title: Hibernation image in a Linux swap area
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: other
    understood: layout
    probe:
      - {at: 0, magic: [0xed, 0xc3, 0x02, 0xe9, 0x98, 0x56, 0xe5, 0x0c]}
      - {at: 0xff6, magic: S1SUSPEND}
      - {at: 0xff6, magic: S2SUSPEND}
      - {at: 0xff6, magic: ULSUSPEND}
      - {at: 0xff6, magic: LINHIB0001}
      - {at: 0x1ff6, magic: S1SUSPEND}
      - {at: 0x1ff6, magic: S2SUSPEND}
      - {at: 0x1ff6, magic: ULSUSPEND}
      - {at: 0x1ff6, magic: LINHIB0001}
      - {at: 0x3ff6, magic: S1SUSPEND}
      - {at: 0x3ff6, magic: S2SUSPEND}
      - {at: 0x3ff6, magic: ULSUSPEND}
      - {at: 0x3ff6, magic: LINHIB0001}
      - {at: 0x7ff6, magic: S1SUSPEND}
      - {at: 0x7ff6, magic: S2SUSPEND}
      - {at: 0x7ff6, magic: ULSUSPEND}
      - {at: 0x7ff6, magic: LINHIB0001}
      - {at: 0xfff6, magic: S1SUSPEND}
      - {at: 0xfff6, magic: S2SUSPEND}
      - {at: 0xfff6, magic: ULSUSPEND}
      - {at: 0xfff6, magic: LINHIB0001}
    size: 0x600
    name: swsuspend
    label: label
    uuid: uuid
doc: |
  A swap area that holds the memory of a hibernated machine. The kernel, uswsusp
  (`ULSUSPEND`) and TuxOnIce (eight bytes at the beginning) replace the signature
  of the swap header; its label and UUID stay. What such a machine had mounted is
  not up to date on its disks.
doc-ref:
  - 'Linux kernel/power/swap.c: mark_swapfiles'
  - 'util-linux libblkid/src/superblocks/swap.c'
seq:
  - id: boot_bits
    -orig-id: bootbits
    size: 1024
  - id: version
    size: 4
  - id: last_page
    size: 4
  - id: num_bad_pages
    -orig-id: nr_badpages
    size: 4
  - id: uuid
    -orig-id: sws_uuid
    size: 16
  - id: label
    -orig-id: sws_volume
    size: 16
    type: strz
