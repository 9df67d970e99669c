meta:
  id: dm_verity_hash
  title: Hash tree of dm-verity
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: other
    understood: detected
    probe:
      - {at: 0, magic: [0x76, 0x65, 0x72, 0x69, 0x74, 0x79, 0, 0]}
    size: 32
    name: DM_verity_hash
    uuid: uuid
    version: version.to_s
doc: |
  The superblock of the hashes that protect another volume.
doc-ref:
  - 'cryptsetup lib/verity/verity.c: struct verity_sb'
  - 'util-linux libblkid/src/superblocks/lvm.c'
seq:
  - id: magic
    -orig-id: signature
    size: 8
    type: strz
  - id: version
    -orig-id: version
    type: u4
  - id: hash_type
    -orig-id: hash_type
    type: u4
  - id: uuid
    -orig-id: uuid
    size: 16
