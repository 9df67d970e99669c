meta:
  id: drbd
  title: DRBD, a replicated volume
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - {at: -4036, align: 0x1000, magic: [0x83, 0x74, 0x02, 0x6b]}
      - {at: -4036, align: 0x1000, magic: [0x83, 0x74, 0x02, 0x6c]}
      - {at: -4036, align: 0x1000, magic: [0x83, 0x74, 0x02, 0x6d]}
    offset: -4096
    align: 0x1000
    size: 4096
    name: drbd
doc: |
  The metadata at the end of the volume whose other copies are on other
  machines: of version 8, or of version 9, which has another generation before
  its identifier. The content lies in front of them.
doc-ref:
  - 'drbd-utils user/shared/drbdmeta.c: struct md_on_disk_08, struct meta_data_on_disk_9'
  - 'util-linux libblkid/src/superblocks/drbd.c'
seq:
  - id: num_sectors
    -orig-id: la_sect
    type: u8
    doc: Of the content; 0 as long as no two machines agreed about it.
  - id: generations
    size: 32
  - id: device_uuid_8
    -orig-id: device_uuid
    size: 8
  - id: device_uuid_9
    -orig-id: device_uuid
    size: 8
  - id: flags
    -orig-id: flags
    type: u4
  - id: magic
    -orig-id: magic
    type: u4
  - id: num_metadata_sectors
    -orig-id: md_size_sect
    type: u4
  - id: log_offset
    -orig-id: al_offset
    type: s4
  - id: num_log_extents
    -orig-id: al_nr_extents
    type: u4
  - id: bitmap_offset
    -orig-id: bm_offset
    type: s4
    doc: In sectors, from this superblock on.
