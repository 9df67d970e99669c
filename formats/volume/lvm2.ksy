meta:
  id: lvm2
  title: LVM2 physical volume
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - all: [{at: 0x200, magic: LABELONE}, {at: 0x218, magic: LVM2 001}]
      - all: [{at: 0x000, magic: LABELONE}, {at: 0x018, magic: LVM2 001}]
      - all: [{at: 0x400, magic: LABELONE}, {at: 0x418, magic: LVM2 001}]
      - all: [{at: 0x600, magic: LABELONE}, {at: 0x618, magic: LVM2 001}]
    offset: 0x200
    size: 512
    name: LVM2_member
-export: fields
doc: |
  The label of a physical volume, in one of its first four sectors. It says where
  the metadata areas are. The metadata of the volume group itself is text in a
  ring behind the header of a metadata area, each time it changes at the next
  place in the ring; it may wrap from the end of the area to just behind the
  header.
doc-ref:
  - 'lvm2 lib/label/label.h: struct label_header'
  - 'lvm2 lib/format_text/layout.h: pv_header, mda_header, raw_locn'
  - 'lvm2 lib/format_text/format-text.c: _vg_read_raw_area'
seq:
  - id: magic
    -orig-id: id
    contents: LABELONE
  - id: sector
    -orig-id: sector_xl
    type: u8
    doc: The number of the sector that this label is in.
  - id: crc
    -orig-id: crc_xl
    type: u4
    doc: CRC-32 of the rest of the sector, from an initial value of 0xf597a6cf.
  - id: ofs_pv_header
    -orig-id: offset_xl
    type: u4
    valid:
      min: 32
      max: 472
  - id: type
    contents: LVM2 001
instances:
  pv_header:
    pos: ofs_pv_header
    type: pv_header
types:
  pv_header:
    -export: fields
    seq:
      - id: uuid
        -orig-id: pv_uuid
        size: 32
        type: str
      - id: len_device
        -orig-id: device_size_xl
        type: u8
        doc: Bytes.
      - id: data_areas
        -orig-id: disk_areas_xl
        type: area
        repeat: until
        repeat-until: _.offset == 0
        doc: The last one is all zero.
      - id: metadata_areas
        -orig-id: disk_areas_xl
        type: area
        repeat: until
        repeat-until: _.offset == 0
        doc: The last one is all zero.
      - id: extension
        -orig-id: pv_header_extension
        type: extension
        if: _io.size - _io.pos >= 8
  area:
    -export: fields
    -orig-id: disk_locn
    seq:
      - id: offset
        type: u8
        doc: Bytes from the start of the device.
      - id: size
        type: u8
        doc: Bytes; 0 is the rest of the device.
  extension:
    -export: fields
    -orig-id: pv_header_extension
    seq:
      - id: version
        type: u4
        doc: 0 is none, flags have a meaning from 2 on.
      - id: flags
        type: u4
        doc: Bit 0, the physical volume belongs to a volume group.
  metadata_area:
    -export: [structure, fields]
    -orig-id: mda_header
    seq:
      - id: crc
        -orig-id: checksum_xl
        type: u4
        doc: CRC-32 of the rest of the sector, from an initial value of 0xf597a6cf.
      - id: magic
        contents: [0x20, LVM2, 0x20, x, 0x5b, 5A, 0x25, r0N, 0x2a, 0x3e]
      - id: version
        type: u4
        valid: 1
      - id: start
        type: u8
        doc: Where this header is, in bytes from the start of the device.
      - id: size
        type: u8
        doc: Bytes of the area, this header's sector included.
      - id: locations
        -orig-id: raw_locns
        type: location
        repeat: until
        repeat-until: _.offset == 0
        doc: |
          The first one is the committed metadata, the second one, if any, has
          been prepared and not committed. The last one is all zero.
  location:
    -export: fields
    -orig-id: raw_locn
    seq:
      - id: offset
        type: u8
        doc: Bytes from the start of the metadata area.
      - id: size
        type: u8
        doc: Bytes of text.
      - id: checksum
        type: u4
        doc: CRC-32 of the text, from an initial value of 0xf597a6cf.
      - id: flags
        type: u4
        doc: Bit 0, this area is not in use.
  metadata:
    -export: structure
    seq:
      - id: text
        size-eos: true
        type: str
        encoding: ISO-8859-1
        doc: One section of the group's name with the rest in it, a NUL at the end.
  raid_metadata:
    -export: structure
    doc: What dm-raid knows of an image of an array; it begins the volume with its metadata.
    seq:
      - id: magic
        -orig-id: magic
        contents: DmRd
      - id: features
        -orig-id: compat_features
        type: u4
        doc: Bit 0, the fields from flags on are there.
      - id: num_devices
        -orig-id: num_devices
        type: u4
      - id: position
        -orig-id: array_position
        type: u4
      - id: num_events
        -orig-id: events
        type: u8
      - id: failed_devices
        -orig-id: failed_devices
        type: u8
        doc: A bit for each of the first 64.
      - id: recovery_sector
        -orig-id: disk_recovery_offset
        type: u8
        doc: The image was rebuilt up to here; all ones, it is whole.
      - id: resync_sector
        -orig-id: array_resync_offset
        type: u8
        doc: The array is in step up to here; all ones, it is so everywhere.
      - id: level
        -orig-id: level
        type: u4
      - id: layout
        -orig-id: layout
        type: u4
      - id: num_stripe_sectors
        -orig-id: stripe_sectors
        type: u4
      - id: flags
        -orig-id: flags
        type: u4
        doc: Bit 0, it is just being reshaped.
      - id: reshape
        size: 32
        doc: From reshape_position to array_sectors.
      - id: data_sector
        -orig-id: data_offset
        type: u8
        doc: Where the image's data begin in its volume.
