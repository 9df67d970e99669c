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
    size: 0x10000
    name: swsuspend
    label: label
    uuid: uuid
    version: version_text
doc: |
  A swap area that holds the memory of a hibernated machine. The kernel, uswsusp
  (`ULSUSPEND`) and TuxOnIce (eight bytes at the beginning) replace the signature
  of the swap header; its label and UUID stay. What such a machine had mounted is
  not up to date on its disks.
doc-ref:
  - 'Linux kernel/power/swap.c: mark_swapfiles'
  - 'util-linux libblkid/src/superblocks/swap.c'
seq:
  - id: first_word
    type: u8be
    doc: The signature of TuxOnIce, or the beginning of the room for a boot loader.
  - id: boot_bits
    -orig-id: bootbits
    size: 1016
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
instances:
  mark_4k:
    pos: 0xff6
    type: mark
  mark_8k:
    pos: 0x1ff6
    type: mark
  mark_16k:
    pos: 0x3ff6
    type: mark
  mark_32k:
    pos: 0x7ff6
    type: mark
  mark_64k:
    pos: 0xfff6
    type: mark
  version_text:
    value: >-
      first_word == 0xedc302e99856e50c ? 'tuxonice' :
      mark_4k.version != '' ? mark_4k.version :
      mark_8k.version != '' ? mark_8k.version :
      mark_16k.version != '' ? mark_16k.version :
      mark_32k.version != '' ? mark_32k.version :
      mark_64k.version
types:
  mark:
    doc: The end of a page, which may be the first one of the area.
    seq:
      - id: text
        size: 9
        type: str
        encoding: ISO-8859-1
    instances:
      version:
        value: >-
          text == 'S1SUSPEND' ? 's1suspend' :
          text == 'S2SUSPEND' ? 's2suspend' :
          text == 'ULSUSPEND' ? 'ulsuspend' :
          text == 'LINHIB000' ? 'linhib0001' : ''
