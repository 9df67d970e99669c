meta:
  id: cs_fvault2
  title: FileVault 2, an encrypted volume of Apple
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    encrypted: true
    opened-by: >-
      with its password, cryptsetup open --type fvault2 makes a device of it
    probe:
      - {all: [{at: 8, magic: [1, 0, 0x10, 0]}, {at: 88, magic: CS}, {at: 90, magic: [1, 0, 0, 0]}]}
    size: 320
    name: cs_fvault2
    uuid: uuid
    version: version.to_s
doc: |
  The header of a physical volume of Core Storage.
doc-ref:
  - 'libfvde documentation: FileVault Drive Encryption (FVDE)'
  - 'util-linux libblkid/src/superblocks/cs_fvault2.c'
seq:
  - id: checksum
    type: u4
  - id: checksum_seed
    type: u4
  - id: version
    type: u2
  - id: type
    type: u2
  - id: header
    size: 292
  - id: uuid
    size: 16
