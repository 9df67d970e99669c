meta:
  id: nss
  title: Novell Storage Services, a pool of NetWare
  license: CC0-1.0
  encoding: UTF-16LE
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x1000, magic: SPB5}
    offset: 0x1000
    size: 364
    name: nss
    uuid: pool_uuid
    version: >-
      media_major_version.to_s + (media_minor_version < 10 ? '.0' : '.') +
      media_minor_version.to_s
doc: |
  The superblock of a pool.
doc-ref: 'util-linux libblkid/src/superblocks/netware.c'
seq:
  - id: magic
    -orig-id: SBH_Signature
    size: 4
  - id: version
    -orig-id: SBH_VersionMajor, SBH_VersionMinor
    size: 4
  - id: media_major_version
    -orig-id: SBH_VersionMediaMajor
    type: u2
  - id: media_minor_version
    -orig-id: SBH_VersionMediaMinor
    type: u2
  - id: places
    size: 320
  - id: volume_uuid
    -orig-id: SBH_VolumeID
    size: 16
  - id: pool_uuid
    -orig-id: SBH_PoolID
    size: 16
