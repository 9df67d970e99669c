meta:
  id: elf
  title: a program (ELF), such as a kernel
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds no disk
    probe:
      - {at: 0, magic: [0x7f, ELF, 1, 1, 1]}
      - {at: 0, magic: [0x7f, ELF, 2, 1, 1]}
      - {at: 0, magic: [0x7f, ELF, 1, 2, 1]}
      - {at: 0, magic: [0x7f, ELF, 2, 2, 1]}
    size: 16
doc: |
  A program, a library or a kernel.
doc-ref: 'elf(5): e_ident'
seq:
  - id: magic
    -orig-id: EI_MAG
    contents: [0x7f, 0x45, 0x4c, 0x46]
  - id: class
    -orig-id: EI_CLASS
    type: u1
  - id: data
    -orig-id: EI_DATA
    type: u1
  - id: version
    -orig-id: EI_VERSION
    contents: [1]
