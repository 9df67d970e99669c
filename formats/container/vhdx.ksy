meta:
  id: vhdx
  title: Hyper-V virtual hard disk, version 2 (VHDX)
  file-extension: vhdx
  license: CC0-1.0
  encoding: UTF-16LE
  endian: le
  bit-endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: vhdxfile}
    offset: 0
    size: 520
doc: |
  A disk image of regions that a table lists: a table of blocks, metadata, and
  the blocks of the disk. Each of the two headers may be the newer one; it says
  where the log is, and whether writes to the tables are still in it.

  ### Making a test image

      qemu-img create -f vhdx -o block_size=1M disk.vhdx 64M
      qemu-io -f vhdx -c 'write -P 7 1M 4k' disk.vhdx
doc-ref:
  - https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-vhdx
  - 'QEMU block/vhdx.h, block/vhdx.c, block/vhdx-log.c'
seq:
  - id: signature
    -orig-id: Signature
    contents: vhdxfile
  - id: creator
    -orig-id: Creator
    size: 512
    type: str
types:
  header:
    -export: structure
    doc: |
      Stands at 64 KiB and at 128 KiB; 4096 bytes with what is reserved, all of
      which the checksum covers.
    seq:
      - id: signature
        -orig-id: Signature
        contents: head
      - id: checksum
        -orig-id: Checksum
        type: u4
        doc: CRC-32C of the 4096 bytes, with this field 0.
      - id: sequence_number
        -orig-id: SequenceNumber
        type: u8
      - id: file_write_guid
        -orig-id: FileWriteGuid
        size: 16
      - id: data_write_guid
        -orig-id: DataWriteGuid
        size: 16
        doc: What differencing images call their parent by.
      - id: log_guid
        -orig-id: LogGuid
        size: 16
        doc: Of the entries of the log that are in use; 0 if none is.
      - id: log_version
        -orig-id: LogVersion
        type: u2
      - id: version
        -orig-id: Version
        type: u2
      - id: len_log
        -orig-id: LogLength
        type: u4
      - id: ofs_log
        -orig-id: LogOffset
        type: u8
  region_table:
    -export: structure
    doc: |
      The head of a region table, which stands at 192 KiB and at 256 KiB and
      has 64 KiB.
    seq:
      - id: signature
        -orig-id: Signature
        contents: regi
      - id: checksum
        -orig-id: Checksum
        type: u4
        doc: CRC-32C of the 64 KiB, with this field 0.
      - id: num_entries
        -orig-id: EntryCount
        type: u4
      - id: reserved1
        type: u4
  region_entry:
    -export: records
    seq:
      - id: guid
        -orig-id: Guid
        size: 16
      - id: ofs_region
        -orig-id: FileOffset
        type: u8
      - id: len_region
        -orig-id: Length
        type: u4
      - id: flags
        -orig-id: Required
        type: u4
        doc: Bit 0 says that a reader must know the region.
  metadata_table:
    -export: structure
    doc: The head of the metadata region's table, which has 64 KiB.
    seq:
      - id: signature
        -orig-id: Signature
        contents: metadata
      - id: reserved1
        type: u2
      - id: num_entries
        -orig-id: EntryCount
        type: u2
      - id: reserved2
        size: 20
  metadata_entry:
    -export: records
    seq:
      - id: item_id
        -orig-id: ItemId
        size: 16
      - id: ofs_item
        -orig-id: Offset
        type: u4
        doc: From the beginning of the metadata region.
      - id: len_item
        -orig-id: Length
        type: u4
      - id: flags
        type: u4
        doc: Bit 0 IsUser, bit 1 IsVirtualDisk, bit 2 IsRequired.
      - id: reserved1
        type: u4
  file_parameters:
    -export: structure
    seq:
      - id: len_block
        -orig-id: BlockSize
        type: u4
      - id: flags
        type: u4
        doc: Bit 0 LeaveBlocksAllocated, bit 1 HasParent.
  disk_size:
    -export: structure
    seq:
      - id: len_disk
        -orig-id: VirtualDiskSize
        type: u8
  sector_size:
    -export: structure
    seq:
      - id: len_sector
        -orig-id: LogicalSectorSize
        type: u4
  parent_locator:
    -export: structure
    doc: The head of the metadata item that names the parent in several ways.
    seq:
      - id: locator_type
        -orig-id: LocatorType
        size: 16
      - id: reserved1
        type: u2
      - id: num_entries
        -orig-id: KeyValueCount
        type: u2
  parent_locator_entry:
    -export: records
    doc: Offsets are from the beginning of the item.
    seq:
      - id: ofs_key
        -orig-id: KeyOffset
        type: u4
      - id: ofs_value
        -orig-id: ValueOffset
        type: u4
      - id: len_key
        -orig-id: KeyLength
        type: u2
      - id: len_value
        -orig-id: ValueLength
        type: u2
  locator_text:
    -export: structure
    doc: A key or a value.
    seq:
      - id: value
        size-eos: true
        type: str
  table_entry:
    -export: records
    doc: An entry of the table of blocks, which the specification calls BAT.
    seq:
      - id: state
        -orig-id: State
        type: b3
        enum: block_state
      - id: reserved1
        type: b17
      - id: ofs_block
        -orig-id: FileOffsetMB
        type: b44
        doc: In MiB.
  log_entry:
    -export: structure
    doc: |
      The head of an entry of the log. Descriptors follow it; from the next
      multiple of 4096 bytes, a data sector for each descriptor of data.
    seq:
      - id: signature
        -orig-id: Signature
        contents: loge
      - id: checksum
        -orig-id: Checksum
        type: u4
        doc: CRC-32C of the whole entry, with this field 0.
      - id: len_entry
        -orig-id: EntryLength
        type: u4
      - id: ofs_tail
        -orig-id: Tail
        type: u4
        doc: |
          Where, in the log, the first entry of the sequence begins that was
          not yet applied when this one was written.
      - id: sequence_number
        -orig-id: SequenceNumber
        type: u8
      - id: num_descriptors
        -orig-id: DescriptorCount
        type: u4
      - id: reserved1
        type: u4
      - id: log_guid
        -orig-id: LogGuid
        size: 16
      - id: flushed_file_size
        -orig-id: FlushedFileOffset
        type: u8
        doc: The file had at least this size on the disk when it was written.
      - id: last_file_size
        -orig-id: LastFileOffset
        type: u8
        doc: What the file must have to hold all that is allocated.
  log_descriptor:
    -export: records
    doc: What is to be written where, of either kind.
    seq:
      - id: signature
        size: 4
        type: str
        encoding: ISO-8859-1
        doc: zero or desc.
      - id: trailing_bytes
        -orig-id: TrailingBytes
        size: 4
        doc: Of data, the last four bytes; reserved of zeros.
      - id: leading_bytes
        -orig-id: LeadingBytes
        size: 8
        doc: Of data, the first eight bytes.
      - id: ofs_file
        -orig-id: FileOffset
        type: u8
      - id: sequence_number
        -orig-id: SequenceNumber
        type: u8
  log_zero_descriptor:
    -export: records
    doc: The same 32 bytes, if the signature is zero.
    seq:
      - id: signature
        size: 4
        type: str
        encoding: ISO-8859-1
      - id: reserved1
        size: 4
      - id: len_zeros
        -orig-id: ZeroLength
        type: u8
      - id: ofs_file
        -orig-id: FileOffset
        type: u8
      - id: sequence_number
        -orig-id: SequenceNumber
        type: u8
  log_data_sector:
    -export: structure
    doc: |
      4096 bytes of data, whose first eight and last four bytes stand in the
      descriptor because the sequence number takes their place.
    seq:
      - id: signature
        -orig-id: DataSignature
        contents: data
      - id: sequence_high
        -orig-id: SequenceHigh
        type: u4
      - id: data
        -orig-id: Data
        size: 4084
      - id: sequence_low
        -orig-id: SequenceLow
        type: u4
enums:
  block_state:
    0: not_present
    1: undefined
    2: zero
    3: unmapped
    5: unmapped_old
    6: fully_present
    7: partially_present
