meta:
  id: gpt
  title: GUID partition table
  license: CC0-1.0
  encoding: UTF-16LE
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0x200, magic: EFI PART}
      - {at: 0x1000, magic: EFI PART}
      # A protective entry in the MBR: the primary header may be damaged.
      - {all: [{at: 0x1fe, magic: [0x55, 0xaa]}, {at: 0x1c2, magic: [0xee]}]}
      - {all: [{at: 0x1fe, magic: [0x55, 0xaa]}, {at: 0x1d2, magic: [0xee]}]}
      - {all: [{at: 0x1fe, magic: [0x55, 0xaa]}, {at: 0x1e2, magic: [0xee]}]}
      - {all: [{at: 0x1fe, magic: [0x55, 0xaa]}, {at: 0x1f2, magic: [0xee]}]}
    offset: 0x200
    size: 92
    name: gpt
doc: |
  The header in logical sector 1 of a disk; a second one is in the last sector.
  It says where the table of partitions is. Numbers count logical sectors, whose
  size is not written down: the header of a disk with sectors of 4096 bytes is
  at byte 4096.
doc-ref: 'UEFI specification 2.10, 5.3 GUID partition table (GPT) disk layout'
seq:
  - id: magic
    -orig-id: Signature
    contents: EFI PART
  - id: revision
    -orig-id: Revision
    type: u4
  - id: len_header
    -orig-id: HeaderSize
    type: u4
    valid:
      min: 92
      max: 4096
    doc: The checksum covers this many bytes.
  - id: header_crc32
    -orig-id: HeaderCRC32
    type: u4
    doc: CRC-32 of the header with this field as zero.
  - id: reserved1
    -orig-id: Reserved
    type: u4
  - id: my_lba
    -orig-id: MyLBA
    type: u8
    doc: The sector of this header.
  - id: alternate_lba
    -orig-id: AlternateLBA
    type: u8
    doc: The sector of the other header.
  - id: first_usable_lba
    -orig-id: FirstUsableLBA
    type: u8
  - id: last_usable_lba
    -orig-id: LastUsableLBA
    type: u8
  - id: disk_guid
    -orig-id: DiskGUID
    size: 16
  - id: entries_lba
    -orig-id: PartitionEntryLBA
    type: u8
  - id: num_entries
    -orig-id: NumberOfPartitionEntries
    type: u4
    valid:
      max: 32768
    doc: The kernel refuses tables over 4 MiB.
  - id: len_entry
    -orig-id: SizeOfPartitionEntry
    type: u4
    valid:
      min: 128
      max: 4096
  - id: entries_crc32
    -orig-id: PartitionEntryArrayCRC32
    type: u4
types:
  entry:
    -export: records
    seq:
      - id: type_guid
        -orig-id: PartitionTypeGUID
        size: 16
        doc: All zero in an unused entry.
      - id: partition_guid
        -orig-id: UniquePartitionGUID
        size: 16
      - id: first_lba
        -orig-id: StartingLBA
        type: u8
      - id: last_lba
        -orig-id: EndingLBA
        type: u8
        doc: Inclusive.
      - id: attributes
        -orig-id: Attributes
        type: u8
      - id: label
        -orig-id: PartitionName
        size: 72
        type: strz
