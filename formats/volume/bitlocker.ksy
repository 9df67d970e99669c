meta:
  id: bitlocker
  title: BitLocker, an encrypted volume of Windows
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - {at: 0, magic: [0xeb, 0x52, 0x90, 0x2d, 0x46, 0x56, 0x45, 0x2d, 0x46, 0x53, 0x2d]}
      - {at: 0, magic: [0xeb, 0x58, 0x90, 0x2d, 0x46, 0x56, 0x45, 0x2d, 0x46, 0x53, 0x2d]}
      - all:
          - {at: 3, magic: MSWIN4.1}
          - {at: 424, magic: [0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a, 0x83, 0x99, 0xf6,
             0xa3, 0x39, 0xe3, 0xd0, 0x01]}
      - all:
          - {at: 3, magic: MSWIN4.1}
          - {at: 424, magic: [0x3b, 0x4d, 0xa8, 0x92, 0x80, 0xdd, 0x0e, 0x4d, 0x9e, 0x4e, 0xb1,
             0xe3, 0x28, 0x4e, 0xae, 0xd8]}
    offset: 0
    size: 512
    name: BitLocker
doc: |
  The boot sector of a volume of Windows Vista, of Windows 7 and later, and of
  BitLocker To Go, whose boot sector is that of a FAT with programs that ask for
  the password. It says where three copies of the metadata lie. A copy is a list
  of entries, some of which hold entries in turn: the key of the volume, encrypted
  with a master key, and the master key, encrypted for each protector (a password,
  a recovery password, a file on a stick, a TPM).
doc-ref:
  - 'libbde documentation: BitLocker Drive Encryption (BDE) format'
  - 'cryptsetup lib/bitlk/bitlk.h, lib/bitlk/bitlk.c'
  - 'dissect.fve dissect/fve/bde/c_bde.py'
  - 'util-linux libblkid/src/superblocks/bitlocker.c'
seq:
  - id: jump
    size: 1
  - id: jump_offset
    type: u1
    doc: 0x52 is Windows Vista, whose format is version 1.
  - id: no_operation
    size: 1
  - id: magic
    size: 8
    type: strz
  - id: len_sector
    type: u2
    doc: 0 stands for 512.
  - id: num_cluster_sectors
    type: u1
  - id: parameters
    size: 42
  - id: metadata_cluster
    type: u8
    doc: Of Vista alone, where the first copy of the metadata lies.
  - id: program
    size: 96
  - id: places
    type: places
  - id: more_program
    size: 208
  - id: to_go_places
    type: places
    doc: The same of BitLocker To Go.
types:
  places:
    doc: Where the copies of the metadata lie, behind a number that is the same in every volume.
    seq:
      - id: kind
        size: 16
      - id: ofs_metadata
        type: u8
        repeat: expr
        repeat-expr: 3
      - id: ofs_conversion
        type: u8
        repeat: expr
        repeat-expr: 2
        doc: Where the kind is that of encryption while the volume is written to.
  metadata:
    -export: structure
    doc: How a copy of the metadata begins; the entries follow.
    seq:
      - id: magic
        contents: '-FVE-FS-'
      - id: len_metadata
        type: u2
        doc: Of version 1 in bytes, of version 2 in units of 16 bytes.
      - id: version
        type: u2
      - id: state
        type: u2
        enum: state
      - id: next_state
        type: u2
      - id: ofs_state
        type: u8
        doc: What lies behind is not encrypted, or no more. Of most volumes their size.
      - id: len_state
        type: u4
        doc: Of the log of an encryption that was interrupted, which lies at ofs_state.
      - id: num_header_sectors
        type: u4
      - id: ofs_copies
        type: u8
        repeat: expr
        repeat-expr: 3
      - id: ofs_header
        type: u8
        doc: |
          Where the volume's first sectors lie, encrypted. Of version 1 the cluster of
          NTFS's second MFT, whose place in the boot sector the metadata's cluster took.
      - id: len_entries
        type: u4
        doc: With the 48 bytes from this field to the first entry.
      - id: entries_version
        type: u4
      - id: ofs_entries
        type: u4
        doc: From len_entries on.
      - id: ofs_entries_end
        type: u4
      - id: guid
        size: 16
      - id: next_nonce
        type: u4
      - id: encryption
        type: u2
      - id: preferred_encryption
        type: u2
      - id: created
        type: u8
  validation:
    -export: structure
    doc: What lies behind a copy of the metadata.
    seq:
      - id: len_validation
        type: u2
      - id: version
        type: u2
      - id: checksum
        type: u4
        doc: CRC-32 of the copy.
  entry:
    -export: structure
    seq:
      - id: len_entry
        type: u2
        doc: With these 8 bytes.
      - id: role
        type: u2
        enum: role
      - id: type
        type: u2
        enum: type
      - id: flags
        type: u2
  protector:
    -export: structure
    doc: What an entry of type `protector` begins with; entries follow.
    seq:
      - id: guid
        size: 16
      - id: modified
        type: u8
      - id: hints
        type: u2
      - id: protection
        type: u2
  key:
    -export: structure
    doc: |
      What an entry of type `key` begins with; the key follows. `stretch_key`
      begins so too, and a salt of 16 bytes follows.
    seq:
      - id: encryption
        type: u2
      - id: flags
        type: u2
  sealed:
    -export: structure
    doc: |
      What an entry of type `sealed` begins with; an entry of type `key`
      follows, encrypted with AES in CCM.
    seq:
      - id: nonce
        size: 12
      - id: tag
        size: 16
  volume_header:
    -export: structure
    doc: An entry of type `volume_header`, where the volume's first sectors lie.
    seq:
      - id: ofs_header
        type: u8
      - id: len_header
        type: u8
  startup_key:
    -export: structure
    doc: |
      What an entry of type `external_key` begins with, which is all that a
      .BEK file has; entries follow.
    seq:
      - id: guid
        size: 16
      - id: modified
        type: u8
  conversion:
    -export: structure
    doc: |
      Of a volume that is encrypted while it is written to, where it says
      which parts are. Offsets of a bitmap for each region follow.
    seq:
      - id: magic
        contents: [0x46, 0x56, 0x45, 0x2d, 0x45, 0x4f, 0x57, 0]
      - id: len_header
        type: u2
      - id: len_conversion
        type: u2
        doc: With the offsets that follow.
      - id: len_sector
        type: u4
      - id: alignment
        type: u4
      - id: len_chunk
        type: u4
      - id: len_log
        type: u4
      - id: len_log_record
        type: u4
      - id: num_regions
        type: u4
      - id: checksum
        type: u4
        doc: CRC-32 of the header and the offsets, this field taken for zeros.
      - id: ofs_copies
        type: u8
        repeat: expr
        repeat-expr: 2
  bitmap_place:
    -export: records
    seq:
      - id: ofs_bitmap
        type: u8
  bitmap:
    -export: structure
    doc: The two records of a region's bitmap, of which the one that was written last counts.
    seq:
      - id: magic
        contents: [0x46, 0x56, 0x45, 0x2d, 0x45, 0x4f, 0x57, 0x42, 0x4d, 0]
      - id: len_header
        type: u2
      - id: len_bitmap
        type: u4
        doc: With the records.
      - id: index
        type: u4
      - id: ofs_region
        type: u8
      - id: len_region
        type: u8
      - id: ofs_log
        type: u8
      - id: ofs_records
        type: u4
        repeat: expr
        repeat-expr: 2
      - id: len_record
        type: u4
      - id: checksum
        type: u4
        doc: CRC-32 of what lies before the first record, this field taken for zeros.
  bits:
    -export: structure
    doc: A bit for each chunk of the region follows, set where it is encrypted.
    seq:
      - id: magic
        contents: [0x46, 0x56, 0x45, 0x2d, 0x45, 0x4f, 0x57, 0x42, 0x52, 0]
      - id: len_header
        type: u2
      - id: len_record
        type: u4
        doc: With the bits.
      - id: num_bits
        type: u4
      - id: sequence
        type: u8
      - id: flags
        type: u4
      - id: checksum
        type: u4
        doc: CRC-32 of the record, this field taken for zeros.
enums:
  state:
    1: decrypted
    2: switching_dirty
    3: paused
    4: encrypted
    5: switching
  role:
    0: property
    2: protector
    3: volume_key
    6: startup_key
    15: volume_header
  type:
    0: erased
    1: key
    2: text
    3: stretch_key
    5: sealed
    8: protector
    9: external_key
    15: volume_header
