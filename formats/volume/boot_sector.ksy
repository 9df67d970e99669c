meta:
  id: boot_sector
  title: Boot sector of a FAT, NTFS or exFAT filesystem
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: other
    understood: detected
    size: 512
    name: boot-sector
doc: |
  What tells the first sector of a filesystem from a partition table: both end
  with the same two bytes. Only the fields that decide are described here.
doc-ref:
  - 'Linux fs/fat/inode.c: fat_read_bpb, include/uapi/linux/msdos_fs.h'
  - 'Linux block/partitions/msdos.c: msdos_partition'
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
