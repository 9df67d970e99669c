meta:
  id: bitlocker
  title: BitLocker, an encrypted volume of Windows
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    encrypted: true
    opened-by: >-
      with its password or recovery key, cryptsetup open --type bitlk makes a
      device of it
    probe:
      - {at: 0, magic: [0xeb, 0x52, 0x90, 0x2d, 0x46, 0x56, 0x45, 0x2d, 0x46, 0x53, 0x2d]}
      - {at: 0, magic: [0xeb, 0x58, 0x90, 0x2d, 0x46, 0x56, 0x45, 0x2d, 0x46, 0x53, 0x2d]}
      - all:
          - {at: 3, magic: MSWIN4.1}
          - {at: 424, magic: [0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a, 0x83, 0x99, 0xf6,
             0xa3, 0x39, 0xe3, 0xd0, 0x01]}
    size: 16
    name: BitLocker
    version: "jump_offset == 0x52 ? '1' : '2'"
doc: |
  The boot sector of a volume of Windows Vista, of Windows 7 and later, and of
  BitLocker To Go.
doc-ref:
  - 'libbde documentation: BitLocker Drive Encryption (BDE) format'
  - 'util-linux libblkid/src/superblocks/bitlocker.c'
seq:
  - id: jump
    size: 1
  - id: jump_offset
    type: u1
    doc: 0x52 is Windows Vista, whose format is version 1.
  - id: no_operation
    size: 1
  - id: magic
    size: 8
    type: strz
