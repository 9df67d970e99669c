meta:
  id: mbr
  title: Master boot record, and the boot records of an extended partition
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0x1fe, magic: [0x55, 0xaa]}
    size: 512
    name: mbr
doc: |
  The first sector of a disk with up to four partitions. A partition of an
  extended type is the frame of a chain of further sectors of the same layout:
  each of them describes one logical partition, with a start relative to the
  sector that describes it, and the next sector of the chain, with a start
  relative to the extended partition.

  Numbers count logical sectors, whose size is not written down.
doc-ref:
  - 'Linux include/linux/msdos_partition.h, block/partitions/msdos.c'
  - 'UEFI specification 2.10, 5.2 LBA 0 format'
seq:
  - id: boot_code
    size: 440
  - id: disk_signature
    -orig-id: UniqueMBRDiskSignature
    type: u4
  - id: reserved1
    -orig-id: Unknown
    type: u2
  - id: partitions
    -orig-id: PartitionRecord
    type: partition
    repeat: expr
    repeat-expr: 4
  - id: magic
    -orig-id: Signature
    contents: [0x55, 0xaa]
types:
  partition:
    -export: fields
    seq:
      - id: boot_indicator
        -orig-id: boot_ind
        type: u1
        doc: 0x80 for the active partition, else 0; any other value is no table.
      - id: first_chs
        size: 3
      - id: type
        -orig-id: sys_ind
        type: u1
      - id: last_chs
        size: 3
      - id: first_sector
        -orig-id: start_sect
        type: u4
      - id: num_sectors
        -orig-id: nr_sects
        type: u4
        doc: 0 in an unused entry.
  filesystem_boot_sector:
    -export: structure
    doc: |
      The first sector of a FAT, NTFS or exFAT filesystem ends with the same two
      bytes as a partition table. These fields tell which of both it is.
    doc-ref:
      - 'Linux include/uapi/linux/msdos_fs.h: fat_boot_sector'
      - 'Linux fs/fat/inode.c: fat_read_bpb'
    seq:
      - id: jump
        -orig-id: ignored
        size: 3
      - id: system_id
        size: 8
        doc: OEM name; NTFS and exFAT write their own name here.
      - id: len_sector
        -orig-id: sector_size
        type: u2
      - id: num_cluster_sectors
        -orig-id: sec_per_clus
        type: u1
      - id: num_reserved_sectors
        -orig-id: reserved
        type: u2
      - id: num_fats
        -orig-id: fats
        type: u1
      - id: num_root_entries
        -orig-id: dir_entries
        type: u2
      - id: num_sectors_16
        -orig-id: sectors
        type: u2
      - id: media
        type: u1
