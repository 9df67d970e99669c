meta:
  id: md
  title: Linux software array, its members' superblocks
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - {all: [{at: 0, magic: [0xfc, 0x4e, 0x2b, 0xa9]}, {at: 4, magic: [1, 0, 0, 0]}]}
      - {all: [{at: 0x1000, magic: [0xfc, 0x4e, 0x2b, 0xa9]}, {at: 0x1004, magic: [1, 0, 0, 0]}]}
      - all:
          - {at: -8192, align: 0x1000, magic: [0xfc, 0x4e, 0x2b, 0xa9]}
          - {at: -8188, align: 0x1000, magic: [1, 0, 0, 0]}
      - {order: le, at: -65536, align: 0x10000, magic: [0xfc, 0x4e, 0x2b, 0xa9]}
      - {order: be, at: -65536, align: 0x10000, magic: [0xa9, 0x2b, 0x4e, 0xfc]}
doc: |
  The superblock of metadata 1.0 (near the end of the device), 1.1 (at its
  beginning) and 1.2 (at 4 KiB), and the older one of metadata 0.90 in the last
  whole 64 KiB. Counts are of sectors of 512 bytes, in the older one of KiB. The
  older one is of words of 32 bits in the byte order of the machine that made it.
doc-ref:
  - 'Linux include/uapi/linux/raid/md_p.h: struct mdp_superblock_1, struct mdp_superblock_s'
  - 'Linux drivers/md/md.c: super_1_load, super_90_load'
  - 'util-linux libblkid/src/superblocks/linux_raid.c'
seq:
  - id: identity
    type: identity_1
  - id: created
    -orig-id: ctime
    type: u8
  - id: level
    -orig-id: level
    type: s4
  - id: layout
    -orig-id: layout
    type: u4
    doc: What it says depends on the level.
  - id: num_sectors
    -orig-id: size
    type: u8
    doc: Of the device that are in use; 0 where each device gives all that it has.
  - id: num_chunk_sectors
    -orig-id: chunksize
    type: u4
  - id: num_members
    -orig-id: raid_disks
    type: u4
  - id: bitmap_and_reshape
    size: 32
  - id: data_sector
    -orig-id: data_offset
    type: u8
  - id: num_data_sectors
    -orig-id: data_size
    type: u8
  - id: superblock_sector
    -orig-id: super_offset
    type: u8
  - id: recovery_sector
    -orig-id: recovery_offset
    type: u8
  - id: device_number
    -orig-id: dev_number
    type: u4
  - id: device
    size: 21
  - id: bad_blocks_shift
    -orig-id: bblog_shift
    type: u1
    doc: They are counted in sectors times 2 to the power of this.
  - id: num_bad_blocks_sectors
    -orig-id: bblog_size
    type: u2
  - id: bad_blocks_offset
    -orig-id: bblog_offset
    type: s4
    doc: Where their list lies, in sectors from the superblock on.
  - id: changed
    -orig-id: utime
    type: u8
  - id: num_events
    -orig-id: events
    type: u8
  - id: resync_sector
    -orig-id: resync_offset
    type: u8
  - id: checksum
    -orig-id: sb_csum
    type: u4
  - id: num_roles
    -orig-id: max_dev
    type: u4
    valid:
      max: 1920
  - id: pad3
    -orig-id: pad3
    size: 32
  - id: roles
    -orig-id: dev_roles
    type: u2
    repeat: expr
    repeat-expr: num_roles
    doc: By number of the device; 0xfffd is a journal, 0xfffe faulty, 0xffff a spare.
types:
  bad_blocks:
    -export: records
    doc: An entry of the list of bad blocks.
    seq:
      - id: sector_and_count
        type: u8
        doc: The count in the lower 10 bits; all ones behind the last entry.
  identity_1:
    -export: structure
    doc: What is read of members that are only recognised.
    seq:
      - id: magic
        -orig-id: magic
        contents: [0xfc, 0x4e, 0x2b, 0xa9]
      - id: major
        -orig-id: major_version
        type: u4
        valid: 1
      - id: features
        -orig-id: feature_map
        type: u4
        doc: >-
          Bit 1, the device is being rebuilt; 2, the array is being reshaped; 3, it has a list of
          bad blocks; 4, the device replaces another; 9, the array has a journal; 10 and 11, a log
          of parity; 12, the layout of RAID 0 is told.
      - id: pad
        -orig-id: pad0
        size: 4
      - id: uuid
        -orig-id: set_uuid
        size: 16
      - id: name
        -orig-id: set_name
        size: 32
        type: strz
  identity_0:
    -export: structure
    doc: What is read of members that are only recognised.
    seq:
      - id: magic
        -orig-id: md_magic
        contents: [0xfc, 0x4e, 0x2b, 0xa9]
      - id: major
        -orig-id: major_version
        type: u4
        valid: 0
      - id: minor
        -orig-id: minor_version
        type: u4
        valid:
          max: 255
        doc: 90, or 91 while the array is being reshaped.
      - id: patch
        -orig-id: patch_version
        type: u4
      - id: num_fixed_words
        -orig-id: gvalid_words
        type: u4
      - id: uuid0
        -orig-id: set_uuid0
        size: 4
      - id: created
        -orig-id: ctime
        type: u4
      - id: level
        -orig-id: level
        type: s4
      - id: num_kibibytes
        -orig-id: size
        type: u4
        doc: Of the device that are in use.
      - id: num_disks
        -orig-id: nr_disks
        type: u4
      - id: num_members
        -orig-id: raid_disks
        type: u4
      - id: preferred
        -orig-id: md_minor, not_persistent
        size: 8
      - id: uuid1
        -orig-id: set_uuid1, set_uuid2, set_uuid3
        size: 12
    instances:
      version:
        value: >-
          '0.' + minor.to_s + '.' + patch.to_s
        doc: As blkid shows it.
  superblock_0:
    -export: structure
    doc: The superblock of metadata 0.90.
    seq:
      - id: identity
        type: identity_0
      - id: constant
        size: 64
      - id: changed
        -orig-id: utime
        type: u4
      - id: state
        -orig-id: state
        type: u4
        doc: Bit 0, clean.
      - id: counts
        size: 16
      - id: checksum
        -orig-id: sb_csum
        type: u4
      - id: event_words
        -orig-id: events_lo, events_hi
        type: u4
        repeat: expr
        repeat-expr: 2
        doc: The lower one is first on a machine of little-endian order, and second on others.
      - id: checkpoint
        -orig-id: cp_events_lo, cp_events_hi
        size: 8
      - id: resync_sector
        -orig-id: recovery_cp
        type: u4
      - id: reshape
        size: 80
      - id: layout
        -orig-id: layout
        type: u4
      - id: num_chunk_bytes
        -orig-id: chunk_size
        type: u4
      - id: rest
        size: 3704
      - id: this_disk
        -orig-id: this_disk
        type: disk
  disk:
    seq:
      - id: number
        -orig-id: number
        type: u4
      - id: device
        -orig-id: major, minor
        size: 8
      - id: role
        -orig-id: raid_disk
        type: u4
      - id: state
        -orig-id: state
        type: u4
        doc: Bit 0, faulty; bit 1, active; bit 2, in sync.
