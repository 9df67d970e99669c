meta:
  id: exfat
  title: exFAT
  license: CC0-1.0
  encoding: UTF-16LE
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 3, magic: 'EXFAT   '}
    size: 512
doc: |
  The boot sector of an exFAT volume, those entries of its root directory that
  tell about the volume, and the entries of its FAT.
doc-ref:
  - 'https://learn.microsoft.com/en-us/windows/win32/fileio/exfat-specification'
  - 'Linux fs/exfat/exfat_raw.h: struct boot_sector, struct exfat_dentry'
seq:
  - id: jump
    -orig-id: JumpBoot
    contents: [0xeb, 0x76, 0x90]
  - id: system_id
    -orig-id: FileSystemName
    contents: 'EXFAT   '
  - id: must_be_zero
    -orig-id: MustBeZero
    size: 53
    doc: So that nothing takes it for FAT.
  - id: ofs_partition
    -orig-id: PartitionOffset
    type: u8
  - id: num_sectors
    -orig-id: VolumeLength
    type: u8
  - id: fat_sector
    -orig-id: FatOffset
    type: u4
  - id: num_fat_sectors
    -orig-id: FatLength
    type: u4
  - id: data_sector
    -orig-id: ClusterHeapOffset
    type: u4
  - id: num_clusters
    -orig-id: ClusterCount
    type: u4
  - id: root_cluster
    -orig-id: FirstClusterOfRootDirectory
    type: u4
  - id: serial
    -orig-id: VolumeSerialNumber
    type: u4
  - id: revision
    -orig-id: FileSystemRevision
    type: u2
  - id: flags
    -orig-id: VolumeFlags
    type: u2
    doc: 2 while the volume is mounted for writing. Not in the checksum.
  - id: log_sector
    -orig-id: BytesPerSectorShift
    type: u1
  - id: log_cluster_sectors
    -orig-id: SectorsPerClusterShift
    type: u1
  - id: num_fats
    -orig-id: NumberOfFats
    type: u1
  - id: drive
    -orig-id: DriveSelect
    type: u1
  - id: percent_in_use
    -orig-id: PercentInUse
    type: u1
    doc: A rounded memory of how full it was. Not in the checksum.
  - id: reserved
    -orig-id: Reserved
    size: 7
  - id: boot_code
    -orig-id: BootCode
    size: 390
  - id: signature
    -orig-id: BootSignature
    contents: [0x55, 0xaa]
types:
  entry:
    -export: records
    doc: |
      An entry of a directory. Its type is 0 behind the last one, and has bit 7
      while it is in use.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: content
        size: 31
  bitmap:
    -export: structure
    doc: Type 0x81, the bitmap of the clusters that are allocated.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: flags
        -orig-id: BitmapFlags
        type: u1
        doc: Bit 0 for the bitmap that belongs to the second FAT.
      - id: reserved
        -orig-id: Reserved
        size: 18
      - id: first_cluster
        -orig-id: FirstCluster
        type: u4
      - id: len_bitmap
        -orig-id: DataLength
        type: u8
  up_case:
    -export: structure
    doc: Type 0x82, the table of the letters' large forms, of which the root directory has one.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: reserved
        -orig-id: Reserved1
        size: 3
      - id: checksum
        -orig-id: TableChecksum
        type: u4
      - id: reserved_2
        -orig-id: Reserved2
        size: 12
      - id: first_cluster
        -orig-id: FirstCluster
        type: u4
      - id: len_table
        -orig-id: DataLength
        type: u8
  label:
    -export: structure
    doc: Type 0x83, the volume's label.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: num_characters
        -orig-id: CharacterCount
        type: u1
      - id: text
        -orig-id: VolumeLabel
        size: 22
        type: str
  chain_entry:
    -export: records
    doc: What follows a cluster in its chain; 0xffffffff ends it.
    seq:
      - id: next
        type: u4
  checksum:
    -export: records
    doc: The last sector of the boot region is filled with the others' checksum.
    seq:
      - id: value
        type: u4
  file_entry:
    -export: records
    doc: |
      Type 0x85, the first entry of a set that is about one file or directory.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: num_secondary
        -orig-id: SecondaryCount
        type: u1
        doc: The entries of the set that follow this one.
      - id: checksum
        -orig-id: SetChecksum
        type: u2
        doc: Of all entries of the set, but for this field.
      - id: attributes
        -orig-id: FileAttributes
        type: u2
      - id: reserved
        -orig-id: Reserved1
        type: u2
      - id: created_time
        -orig-id: CreateTimestamp
        type: u2
      - id: created_date
        -orig-id: CreateTimestamp
        type: u2
      - id: modified_time
        -orig-id: LastModifiedTimestamp
        type: u2
      - id: modified_date
        -orig-id: LastModifiedTimestamp
        type: u2
      - id: accessed_time
        -orig-id: LastAccessedTimestamp
        type: u2
      - id: accessed_date
        -orig-id: LastAccessedTimestamp
        type: u2
      - id: created_hundredths
        -orig-id: Create10msIncrement
        type: u1
      - id: modified_hundredths
        -orig-id: LastModified10msIncrement
        type: u1
      - id: created_zone
        -orig-id: CreateUtcOffset
        type: u1
        doc: Bit 7 if there is a zone; then a signed number of quarters of an hour.
      - id: modified_zone
        -orig-id: LastModifiedUtcOffset
        type: u1
      - id: accessed_zone
        -orig-id: LastAccessedUtcOffset
        type: u1
      - id: reserved_2
        -orig-id: Reserved2
        size: 7
  secondary_entry:
    -export: records
    doc: |
      What follows in a set. Type 0xc0 says where the content lies; others of
      vendors may have clusters too, in the same fields.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: flags
        -orig-id: GeneralSecondaryFlags
        type: u1
        doc: Bit 0 if it may have clusters, bit 1 if they lie side by side.
      - id: reserved
        -orig-id: Reserved1
        type: u1
      - id: num_name
        -orig-id: NameLength
        type: u1
        doc: In units of UTF-16.
      - id: name_hash
        -orig-id: NameHash
        type: u2
      - id: reserved_2
        -orig-id: Reserved2
        type: u2
      - id: len_valid
        -orig-id: ValidDataLength
        type: u8
        doc: Behind these bytes the content is zeros, whatever the clusters hold.
      - id: reserved_3
        -orig-id: Reserved3
        type: u4
      - id: first_cluster
        -orig-id: FirstCluster
        type: u4
      - id: len_data
        -orig-id: DataLength
        type: u8
  name_entry:
    -export: records
    doc: Type 0xc1, up to 15 units of the name.
    seq:
      - id: type
        -orig-id: EntryType
        type: u1
      - id: flags
        -orig-id: GeneralSecondaryFlags
        type: u1
      - id: units
        -orig-id: FileName
        size: 30
