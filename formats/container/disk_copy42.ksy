meta:
  id: disk_copy42
  title: a floppy disk of Disk Copy 4.2
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      the disk begins at byte 84; run `tail -c +85 FILE > disk.raw` and read that with
      `--format raw`
    probe:
      - {all: [{at: 64, magic: [0, 0x06, 0x40, 0x00]}, {at: 82, magic: [1, 0]}]}
      - {all: [{at: 64, magic: [0, 0x0c, 0x80, 0x00]}, {at: 82, magic: [1, 0]}]}
      - {all: [{at: 64, magic: [0, 0x0b, 0x40, 0x00]}, {at: 82, magic: [1, 0]}]}
      - {all: [{at: 64, magic: [0, 0x16, 0x80, 0x00]}, {at: 82, magic: [1, 0]}]}
    size: 84
doc: |
  The sectors of a floppy disk of an old Macintosh behind a header of 84 bytes.
  The tags of the sectors follow them.
doc-ref:
  - 'https://www.discferret.com/wiki/Apple_DiskCopy_4.2'
  - 'file magic/Magdir/apple'
seq:
  - id: len_name
    type: u1
    valid: {min: 1, max: 63}
  - id: name
    size: 63
  - id: len_disk
    -orig-id: data_size
    type: u4
    valid: {min: 0x64000, max: 0x168000}
  - id: len_tags
    -orig-id: tag_size
    type: u4
    valid: {max: 0x8700}
  - id: checksums
    size: 8
  - id: encoding
    -orig-id: disk_encoding
    type: u1
    valid: {max: 3}
  - id: format
    -orig-id: format_byte
    type: u1
    valid: {max: 0x24}
  - id: magic
    contents: [1, 0]
