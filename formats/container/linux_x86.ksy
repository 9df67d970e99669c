meta:
  id: linux_x86
  title: a kernel of Linux (bzImage)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds no disk; give the disk that it boots
    probe:
      - {all: [{at: 510, magic: [0x55, 0xaa]}, {at: 514, magic: HdrS}]}
    size: 528
doc: |
  A kernel for x86 that a boot loader loads. Its first sector ends as an MBR does.
doc-ref: 'Linux Documentation/arch/x86/boot.rst, "The real-mode kernel header"'
seq:
  - id: boot_sector
    size: 497
  - id: num_setup_sectors
    -orig-id: setup_sects
    type: u1
    valid: {max: 64}
  - id: fields
    size: 12
  - id: boot_flag
    contents: [0x55, 0xaa]
  - id: jump
    contents: [0xeb]
  - id: jump_to
    type: u1
    valid: {min: 0x22}
  - id: magic
    -orig-id: header
    contents: HdrS
  - id: version
    type: u2
    valid: {min: 0x200, max: 0x2ff}
