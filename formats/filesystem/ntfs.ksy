meta:
  id: ntfs
  title: NTFS filesystem
  license: CC0-1.0
  encoding: UTF-16LE
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 3, magic: 'NTFS    '}
      - {at: 3, magic: '-FVE-FS-'}
    offset: 0
    size: 0x200
doc: |
  The boot sector of an NTFS volume (or of one that BitLocker encrypts), and
  what is needed of its files: records of the master file table ($MFT), their
  attributes, maps of clusters, the head of the log and of the hibernation file.
doc-ref:
  - 'ntfs-3g include/ntfs-3g/layout.h'
  - 'Linux fs/ntfs3/ntfs.h'
  - 'util-linux libblkid/src/superblocks/ntfs.c'
seq:
  - id: jump
    size: 3
  - id: system_id
    -orig-id: oem_id
    size: 8
    doc: 'NTFS and four blanks, or -FVE-FS- where BitLocker encrypts the volume.'
  - id: len_sector
    -orig-id: bytes_per_sector
    type: u2
  - id: cluster_sectors
    -orig-id: sectors_per_cluster
    type: u1
    doc: A power of two up to 128; above that, 256 minus its logarithm.
  - id: num_reserved_sectors
    -orig-id: reserved_sectors
    type: u2
  - id: num_fats
    -orig-id: fats
    type: u1
    doc: Zero, which a FAT's is not.
  - id: num_root_entries
    -orig-id: root_entries
    type: u2
  - id: num_sectors_fat
    -orig-id: sectors
    type: u2
  - id: media
    -orig-id: media_type
    type: u1
  - id: len_fat
    -orig-id: sectors_per_fat
    type: u2
  - id: unused1
    size: 8
  - id: num_sectors_fat32
    -orig-id: large_sectors
    type: u4
  - id: unused2
    size: 4
  - id: num_sectors
    -orig-id: number_of_sectors
    type: u8
    doc: Without the last one, which is a copy of this one.
  - id: mft_cluster
    -orig-id: mft_lcn
    type: u8
  - id: mft_mirror_cluster
    -orig-id: mftmirr_lcn
    type: u8
  - id: record_clusters
    -orig-id: clusters_per_mft_record
    type: s1
    doc: A power of two of clusters, or the negative logarithm of bytes.
  - id: reserved1
    size: 3
  - id: index_clusters
    -orig-id: clusters_per_index_record
    type: s1
  - id: reserved2
    size: 3
  - id: serial
    -orig-id: volume_serial_number
    type: u8
types:
  file_record:
    -export: structure
    doc: |
      The head of a record of the master file table. The last two bytes of each
      stretch of 512 bytes are kept in the update sequence, and stand there in
      their place the sequence's number.
    seq:
      - id: magic
        contents: FILE
      - id: ofs_sequence
        -orig-id: usa_ofs
        type: u2
      - id: num_sequence
        -orig-id: usa_count
        type: u2
      - id: log_sequence_number
        -orig-id: lsn
        type: u8
      - id: sequence_number
        type: u2
      - id: num_links
        -orig-id: link_count
        type: u2
      - id: ofs_attributes
        -orig-id: attrs_offset
        type: u2
      - id: flags
        type: u2
      - id: len_used
        -orig-id: bytes_in_use
        type: u4
      - id: len_allocated
        -orig-id: bytes_allocated
        type: u4
      - id: base
        -orig-id: base_mft_record
        type: u8
        doc: Number and sequence number of the record that this one goes on from.
  attribute:
    -export: structure
    doc: A part of a file; its value is in the record, or in clusters.
    seq:
      - id: type
        type: u4
      - id: len_attribute
        -orig-id: length
        type: u4
      - id: non_resident
        type: u1
        valid:
          max: 1
      - id: num_name
        -orig-id: name_length
        type: u1
        doc: In units of two bytes.
      - id: ofs_name
        -orig-id: name_offset
        type: u2
      - id: flags
        type: u2
      - id: instance
        type: u2
      - id: resident
        type: resident
        if: non_resident == 0
      - id: clusters
        type: clusters
        if: non_resident == 1
  resident:
    seq:
      - id: len_value
        -orig-id: value_length
        type: u4
      - id: ofs_value
        -orig-id: value_offset
        type: u2
  clusters:
    seq:
      - id: first_cluster
        -orig-id: lowest_vcn
        type: u8
      - id: last_cluster
        -orig-id: highest_vcn
        type: u8
      - id: ofs_runs
        -orig-id: mapping_pairs_offset
        type: u2
      - id: compression_unit
        type: u1
      - id: reserved
        size: 5
      - id: len_allocated
        -orig-id: allocated_size
        type: u8
        doc: This and what follows hold only where the first cluster is 0.
      - id: len_data
        -orig-id: data_size
        type: u8
      - id: len_initialized
        -orig-id: initialized_size
        type: u8
        doc: Behind this, the value is zeros, whatever the clusters hold.
  runs:
    -export: structure
    -orig-id: mapping_pairs
    doc: Where the clusters of a value lie, up to a byte of zero.
    seq:
      - id: runs
        type: run
        repeat: until
        repeat-until: _.num_cluster_bytes == 0 and _.num_move_bytes == 0
  run:
    seq:
      - id: num_move_bytes
        type: b4
        doc: Zero for a stretch that has no clusters, and is zeros.
      - id: num_cluster_bytes
        type: b4
      - id: num_clusters
        size: num_cluster_bytes
        doc: A signed little-endian number.
      - id: move
        size: num_move_bytes
        doc: |
          A signed little-endian number: first cluster of this run, less that of
          the one before it.
  list_entry:
    -export: structure
    -orig-id: attr_list_entry
    doc: Which record holds an attribute, or a part of it.
    seq:
      - id: type
        type: u4
      - id: len_entry
        -orig-id: length
        type: u2
      - id: num_name
        -orig-id: name_length
        type: u1
      - id: ofs_name
        -orig-id: name_offset
        type: u1
      - id: first_cluster
        -orig-id: lowest_vcn
        type: u8
      - id: record
        -orig-id: mft_reference
        type: u8
      - id: instance
        type: u2
  volume_name:
    -export: structure
    seq:
      - id: name
        size-eos: true
        type: str
  volume_information:
    -export: structure
    seq:
      - id: reserved
        size: 8
      - id: major_version
        -orig-id: major_ver
        type: u1
      - id: minor_version
        -orig-id: minor_ver
        type: u1
      - id: flags
        type: u2
  restart_page:
    -export: structure
    -orig-id: restart_page_header
    doc: The beginning of $LogFile; a second one follows.
    seq:
      - id: magic
        size: 4
      - id: ofs_sequence
        -orig-id: usa_ofs
        type: u2
      - id: num_sequence
        -orig-id: usa_count
        type: u2
      - id: check_disk_lsn
        -orig-id: chkdsk_lsn
        type: u8
      - id: len_system_page
        -orig-id: system_page_size
        type: u4
      - id: len_log_page
        -orig-id: log_page_size
        type: u4
      - id: ofs_area
        -orig-id: restart_area_offset
        type: u2
  restart_area:
    -export: structure
    seq:
      - id: current_lsn
        type: u8
      - id: num_clients
        -orig-id: log_clients
        type: u2
      - id: first_free_client
        -orig-id: client_free_list
        type: u2
      - id: first_client
        -orig-id: client_in_use_list
        type: u2
        doc: 0xffff if nobody writes to the log.
      - id: flags
        type: u2
  index_root:
    -export: structure
    doc: The root of a directory's tree of names; an index_header follows.
    seq:
      - id: type
        type: u4
      - id: collation
        -orig-id: collation_rule
        type: u4
      - id: len_block
        -orig-id: index_block_size
        type: u4
      - id: reserved
        size: 4
  index_block:
    -export: structure
    doc: Another node, protected as a file record; an index_header follows.
    seq:
      - id: magic
        contents: INDX
      - id: ofs_sequence
        -orig-id: usa_ofs
        type: u2
      - id: num_sequence
        -orig-id: usa_count
        type: u2
      - id: reserved
        size: 16
  index_header:
    -export: structure
    seq:
      - id: ofs_entries
        -orig-id: entries_offset
        type: u4
        doc: Counted from this header.
      - id: len_used
        -orig-id: index_length
        type: u4
  index_entry:
    -export: structure
    doc: A name; where bit 0 of the flags is set, the last 8 bytes are a child.
    seq:
      - id: file
        -orig-id: indexed_file
        type: u8
      - id: len_entry
        -orig-id: length
        type: u2
      - id: len_key
        -orig-id: key_length
        type: u2
      - id: flags
        type: u2
      - id: reserved
        size: 2
      - id: key
        type: index_key
        if: len_key > 0
  index_key:
    seq:
      - id: reserved
        size: 64
        doc: The directory, dates and sizes.
      - id: num_name
        -orig-id: file_name_length
        type: u1
      - id: namespace
        -orig-id: file_name_type
        type: u1
      - id: name
        size: num_name * 2
        type: str
  index_child:
    -export: structure
    seq:
      - id: cluster
        -orig-id: vcn
        type: u8
  standard_information:
    -export: records
    doc: Times in units of 100 ns since 1601, UTC.
    seq:
      - id: created
        -orig-id: creation_time
        type: u8
      - id: modified
        -orig-id: last_data_change_time
        type: u8
      - id: changed
        -orig-id: last_mft_change_time
        type: u8
      - id: accessed
        -orig-id: last_access_time
        type: u8
      - id: attributes
        -orig-id: file_attributes
        type: u4
  file_name:
    -export: records
    -orig-id: FILE_NAME_ATTR
    doc: |
      A name of a file, in its record and as the key of its directory's index;
      the characters follow.
    seq:
      - id: parent
        -orig-id: parent_directory
        type: u8
      - id: times
        size: 32
      - id: len_allocated
        -orig-id: allocated_size
        type: u8
      - id: len_data
        -orig-id: data_size
        type: u8
      - id: attributes
        -orig-id: file_attributes
        type: u4
      - id: reparse
        -orig-id: reparse_point_tag
        type: u4
      - id: num_name
        -orig-id: file_name_length
        type: u1
        doc: In units of UTF-16.
      - id: namespace
        -orig-id: file_name_type
        type: u1
        doc: 2 if it is the short name of a file that has another one too.
  index_entry_head:
    -export: records
    -orig-id: INDEX_ENTRY_HEADER
    doc: As index_entry, without the key that follows.
    seq:
      - id: file
        -orig-id: indexed_file
        type: u8
      - id: len_entry
        -orig-id: length
        type: u2
      - id: len_key
        -orig-id: key_length
        type: u2
      - id: flags
        type: u2
      - id: reserved
        size: 2
  stored_size:
    -export: records
    doc: |
      Behind the head of the first attribute of a compressed or sparse value: how
      much its clusters have.
    seq:
      - id: len_stored
        -orig-id: compressed_size
        type: u8
  reparse_point:
    -export: records
    seq:
      - id: tag
        -orig-id: reparse_tag
        type: u4
      - id: len_data
        -orig-id: reparse_data_length
        type: u2
      - id: reserved
        size: 2
  link_names:
    -export: records
    doc: |
      Of a symbolic link or a junction: where its target lies among the names that
      follow, behind four bytes more for a symbolic link.
    seq:
      - id: ofs_target
        -orig-id: SubstituteNameOffset
        type: u2
      - id: len_target
        -orig-id: SubstituteNameLength
        type: u2
      - id: ofs_shown
        -orig-id: PrintNameOffset
        type: u2
      - id: len_shown
        -orig-id: PrintNameLength
        type: u2
  ea_head:
    -export: records
    -orig-id: EA_ATTR
    doc: An extended attribute; its name, a zero and its value follow.
    seq:
      - id: ofs_next
        -orig-id: next_entry_offset
        type: u4
      - id: flags
        type: u1
      - id: num_name
        -orig-id: name_length
        type: u1
      - id: len_value
        -orig-id: value_length
        type: u2
  ea_number:
    -export: records
    doc: What WSL keeps as a mode, a user or a group.
    seq:
      - id: value
        type: u4
