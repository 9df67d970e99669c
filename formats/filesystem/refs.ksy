meta:
  id: refs
  title: ReFS, the resilient filesystem of Windows
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {all: [{at: 3, magic: [0x52, 0x65, 0x46, 0x53, 0, 0, 0, 0]}]}
    size: 64
    name: ReFS
    uuid: serial
    version: major.to_s + '.' + minor.to_s
doc: |
  The boot sector of a volume.
doc-ref:
  - 'libfsrefs documentation: Resilient File System (ReFS) format, volume header'
  - 'util-linux libblkid/src/superblocks/refs.c'
seq:
  - id: jump
    size: 3
  - id: magic
    size: 8
    type: strz
  - id: unknown1
    size: 5
  - id: signature
    contents: FSRS
  - id: len_header
    type: u2
  - id: checksum
    type: u2
  - id: num_sectors
    type: u8
  - id: len_sector
    type: u4
  - id: sectors_per_cluster
    type: u4
  - id: major
    type: u1
  - id: minor
    type: u1
  - id: unknown2
    size: 14
  - id: serial
    type: u8
