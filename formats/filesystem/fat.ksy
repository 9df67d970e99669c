meta:
  id: fat
  title: FAT12, FAT16 and FAT32
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x52, magic: 'FAT32   '}
      - {at: 0x52, magic: MSWIN}
      - {at: 0x36, magic: 'FAT16   '}
      - {at: 0x36, magic: 'FAT12   '}
      - {at: 0x36, magic: 'FAT     '}
      - {at: 0x36, magic: MSDOS}
      - {at: 0x1fe, magic: [0x55, 0xaa]}
      - {at: 0, magic: [0x60, 0x1c]}
    size: 512
doc: |
  The boot sector of a FAT volume (an Atari's begins with a branch of the 68000, and
  has no signature), the entries of its directories, and those of
  the file allocation table of FAT32.

  Which of the three it is follows from the numbers: FAT32 has no 16-bit size
  of a FAT, and FAT12 has at most 4084 clusters. The texts are decoration.
doc-ref:
  - 'Microsoft Extensible Firmware Initiative FAT32 File System Specification, 1.03'
  - 'Linux include/uapi/linux/msdos_fs.h: fat_boot_sector, msdos_dir_entry'
seq:
  - id: jump
    -orig-id: BS_jmpBoot
    size: 3
  - id: system_id
    -orig-id: BS_OEMName
    size: 8
    type: str
    doc: Who formatted it. NTFS, exFAT and BitLocker write their own name here.
  - id: len_sector
    -orig-id: BPB_BytsPerSec
    type: u2
  - id: num_cluster_sectors
    -orig-id: BPB_SecPerClus
    type: u1
  - id: num_reserved_sectors
    -orig-id: BPB_RsvdSecCnt
    type: u2
    doc: Before the first FAT.
  - id: num_fats
    -orig-id: BPB_NumFATs
    type: u1
  - id: num_root_entries
    -orig-id: BPB_RootEntCnt
    type: u2
    doc: 0 on FAT32, whose root directory is a chain of clusters.
  - id: num_sectors_16
    -orig-id: BPB_TotSec16
    type: u2
    doc: 0 when the 32-bit number holds.
  - id: media
    -orig-id: BPB_Media
    type: u1
  - id: num_fat_sectors_16
    -orig-id: BPB_FATSz16
    type: u2
    doc: 0 on FAT32.
  - id: num_track_sectors
    -orig-id: BPB_SecPerTrk
    type: u2
  - id: num_heads
    -orig-id: BPB_NumHeads
    type: u2
  - id: num_hidden_sectors
    -orig-id: BPB_HiddSec
    type: u4
  - id: num_sectors_32
    -orig-id: BPB_TotSec32
    type: u4
  - id: fat32
    type: fat32
    if: num_fat_sectors_16 == 0
  - id: identity
    type: identity
types:
  fat32:
    doc: What only FAT32 has.
    seq:
      - id: num_fat_sectors
        -orig-id: BPB_FATSz32
        type: u4
      - id: flags
        -orig-id: BPB_ExtFlags
        type: u2
      - id: version
        -orig-id: BPB_FSVer
        type: u2
      - id: root_cluster
        -orig-id: BPB_RootClus
        type: u4
      - id: info_sector
        -orig-id: BPB_FSInfo
        type: u2
      - id: backup_sector
        -orig-id: BPB_BkBootSec
        type: u2
      - id: reserved
        -orig-id: BPB_Reserved
        size: 12
  identity:
    seq:
      - id: drive_number
        -orig-id: BS_DrvNum
        type: u1
      - id: state
        -orig-id: BS_Reserved1
        type: u1
        doc: Bit 0 is set while the volume is mounted for writing.
      - id: signature
        -orig-id: BS_BootSig
        type: u1
        doc: 0x28 if the serial number is there, 0x29 if also what follows.
      - id: serial
        -orig-id: BS_VolID
        type: u4
      - id: label
        -orig-id: BS_VolLab
        size: 11
        type: str
        doc: That of the root directory counts.
      - id: type_name
        -orig-id: BS_FilSysType
        size: 8
        type: str
  directory_entry:
    -export: records
    seq:
      - id: name
        -orig-id: DIR_Name
        size: 11
        doc: |
          Begins with 0 behind the last entry, and with 0xe5 where one was
          deleted; 0x05 stands for a real 0xe5.
      - id: attributes
        -orig-id: DIR_Attr
        type: u1
      - id: case
        -orig-id: DIR_NTRes
        type: u1
        doc: Bit 3, the name is shown in lower case; bit 4, the extension is.
      - id: created_hundredths
        -orig-id: DIR_CrtTimeTenth
        type: u1
      - id: created_time
        -orig-id: DIR_CrtTime
        type: u2
      - id: created_date
        -orig-id: DIR_CrtDate
        type: u2
      - id: accessed_date
        -orig-id: DIR_LstAccDate
        type: u2
      - id: cluster_high
        -orig-id: DIR_FstClusHI
        type: u2
      - id: modified_time
        -orig-id: DIR_WrtTime
        type: u2
      - id: modified_date
        -orig-id: DIR_WrtDate
        type: u2
      - id: cluster_low
        -orig-id: DIR_FstClusLO
        type: u2
      - id: len_file
        -orig-id: DIR_FileSize
        type: u4
  long_name_entry:
    -export: records
    doc: |
      A part of a name, with the attributes 0x0f. The parts stand before the
      entry that they name, the last one first.
    seq:
      - id: order
        -orig-id: LDIR_Ord
        type: u1
        doc: From 1; 0x40 is added to that of the last part, which comes first.
      - id: characters1
        -orig-id: LDIR_Name1
        size: 10
      - id: attributes
        -orig-id: LDIR_Attr
        type: u1
      - id: kind
        -orig-id: LDIR_Type
        type: u1
      - id: checksum
        -orig-id: LDIR_Chksum
        type: u1
        doc: Of the name that this entry has in the entry that it names.
      - id: characters2
        -orig-id: LDIR_Name2
        size: 12
      - id: cluster_low
        -orig-id: LDIR_FstClusLO
        type: u2
      - id: characters3
        -orig-id: LDIR_Name3
        size: 4
  short_chain_entry:
    -export: records
    doc: Of FAT16.
    seq:
      - id: value
        type: u2
  chain_entry:
    -export: records
    doc: Of FAT32.
    seq:
      - id: value
        type: u4
        doc: The upper four bits are none of the cluster's number.
