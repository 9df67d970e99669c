meta:
  id: linux_arm64
  title: a kernel of Linux (Image of arm64, riscv)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds no disk; give the disk that it boots
    probe:
      - {at: 56, magic: ["ARM", 0x64]}
      - {at: 56, magic: [RSC, 5]}
    size: 64
doc: |
  A kernel that a boot loader loads.
doc-ref:
  - 'Linux Documentation/arch/arm64/booting.rst'
  - 'Linux Documentation/arch/riscv/boot-image-header.rst'
seq:
  - id: code
    size: 48
  - id: reserved
    size: 8
  - id: magic
    size: 4
