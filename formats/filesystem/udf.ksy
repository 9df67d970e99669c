meta:
  id: udf
  title: UDF, the filesystem of DVDs
  license: CC0-1.0
  encoding: ISO-8859-1
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x8001, magic: BEA01}
      - {at: 0x8001, magic: CD001}
      - {at: 0x8001, magic: BOOT2}
      - {at: 0x8001, magic: CDW02}
      - {at: 0x8001, magic: NSR02}
      - {at: 0x8001, magic: NSR03}
    offset: 0x8000
    size: 7
doc: |
  A descriptor of the volume recognition sequence, which begins at byte 32768, and
  the descriptors that it leads to: the anchor at block 256 names the volume
  descriptors, these name the partitions, and the integrity descriptor has the
  counters. Every descriptor fits into one block and begins with a tag.
doc-ref:
  - ECMA-167 parts 2, 3 and 4
  - OSTA Universal Disk Format Specification 2.60
  - 'Linux fs/udf/ecma_167.h, fs/udf/osta_udf.h'
seq:
  - id: structure_type
    -orig-id: structType
    type: u1
  - id: magic
    -orig-id: stdIdent
    size: 5
    type: str
    doc: BEA01, NSR02, NSR03, TEA01, BOOT2, CDW02, or CD001 of ISO 9660.
  - id: structure_version
    -orig-id: structVersion
    type: u1
types:
  tag:
    -export: structure
    doc: Begins every descriptor.
    seq:
      - id: ident
        -orig-id: tagIdent
        type: u2
      - id: version
        -orig-id: descVersion
        type: u2
        doc: 2 up to UDF 1.50, 3 since.
      - id: checksum
        -orig-id: tagChecksum
        type: u1
        doc: The sum of the other bytes of the tag.
      - id: reserved
        size: 1
      - id: serial
        -orig-id: tagSerialNum
        type: u2
      - id: crc
        -orig-id: descCRC
        type: u2
        doc: CRC-16 (0x1021) of what follows the tag.
      - id: len_crc
        -orig-id: descCRCLength
        type: u2
      - id: location
        -orig-id: tagLocation
        type: u4
        doc: The block that the descriptor is in, counted as it is addressed.
  extent:
    doc: Blocks of the volume.
    seq:
      - id: len_extent
        -orig-id: extLength
        type: u4
      - id: block
        -orig-id: extLocation
        type: u4
  short_extent:
    doc: Blocks of the partition that the extent is named in.
    seq:
      - id: len_extent
        -orig-id: extLength
        type: u4
      - id: block
        -orig-id: extPosition
        type: u4
  long_extent:
    doc: Blocks of any partition of the logical volume.
    seq:
      - id: len_extent
        -orig-id: extLength
        type: u4
      - id: block
        -orig-id: logicalBlockNum
        type: u4
      - id: partition_reference
        -orig-id: partitionReferenceNum
        type: u2
        doc: The number of a partition map.
      - id: implementation_use
        -orig-id: impUse
        size: 6
  entity:
    doc: Who or what something is of.
    seq:
      - id: flags
        type: u1
      - id: name
        -orig-id: ident
        size: 23
        type: strz
      - id: suffix
        -orig-id: identSuffix
        type: suffix
  suffix:
    seq:
      - id: revision
        -orig-id: UDFRevision
        type: u2
        doc: 'As hexadecimal digits: 0x0250 is 2.50.'
      - id: domain_flags
        -orig-id: domainFlags
        type: u1
        doc: 1 and 2 for a volume that must not be written to.
      - id: reserved
        size: 5
  name32:
    doc: A d-string, one byte or two (16-bit, most significant first) a character.
    seq:
      - id: width
        -orig-id: compressionID
        type: u1
        doc: 8 or 16.
      - id: narrow
        size: 30
        type: str
        if: width == 8
      - id: wide
        size: 30
        type: str
        encoding: UTF-16BE
        if: width == 16
      - id: other
        size: 30
        if: width != 8 and width != 16
      - id: len_used
        type: u1
        doc: With the byte that is the width.
  name128:
    doc: The same, and longer.
    seq:
      - id: width
        -orig-id: compressionID
        type: u1
      - id: narrow
        size: 126
        type: str
        if: width == 8
      - id: wide
        size: 126
        type: str
        encoding: UTF-16BE
        if: width == 16
      - id: other
        size: 126
        if: width != 8 and width != 16
      - id: len_used
        type: u1
  descriptor_head:
    -export: structure
    doc: What the descriptors of a volume descriptor sequence have in common.
    seq:
      - id: tag
        type: tag
      - id: sequence_number
        -orig-id: volDescSeqNum
        type: u4
        doc: Of several of one kind, the one with the highest number counts.
  anchor:
    -export: structure
    doc: Tag 2, where the volume descriptors are, twice.
    seq:
      - id: tag
        type: tag
      - id: main
        -orig-id: mainVolDescSeqExt
        type: extent
      - id: reserve
        -orig-id: reserveVolDescSeqExt
        type: extent
  volume_pointer:
    -export: structure
    doc: Tag 3, where the sequence goes on.
    seq:
      - id: tag
        type: tag
      - id: sequence_number
        -orig-id: volDescSeqNum
        type: u4
      - id: next
        -orig-id: nextVolDescSeqExt
        type: extent
  primary:
    -export: structure
    doc: Tag 1, the volume.
    seq:
      - id: tag
        type: tag
      - id: sequence_number
        -orig-id: volDescSeqNum
        type: u4
      - id: number
        -orig-id: primaryVolDescNum
        type: u4
      - id: volume_name
        -orig-id: volIdent
        type: name32
      - id: volume_number
        -orig-id: volSeqNum
        type: u2
      - id: max_volume_number
        -orig-id: maxVolSeqNum
        type: u2
      - id: interchange_level
        -orig-id: interchangeLvl
        type: u2
      - id: max_interchange_level
        -orig-id: maxInterchangeLvl
        type: u2
      - id: character_sets
        -orig-id: charSetList
        type: u4
      - id: max_character_sets
        -orig-id: maxCharSetList
        type: u4
      - id: set_name
        -orig-id: volSetIdent
        type: name128
        doc: Begins with 16 characters that no other volume set has.
  logical:
    -export: structure
    doc: Tag 6, the logical volume. Its partition maps follow.
    seq:
      - id: tag
        type: tag
      - id: sequence_number
        -orig-id: volDescSeqNum
        type: u4
      - id: character_set
        -orig-id: descCharSet
        size: 64
      - id: name
        -orig-id: logicalVolIdent
        type: name128
      - id: len_block
        -orig-id: logicalBlockSize
        type: u4
      - id: domain
        -orig-id: domainIdent
        type: entity
      - id: file_set
        -orig-id: logicalVolContentsUse
        type: long_extent
      - id: len_maps
        -orig-id: mapTableLength
        type: u4
      - id: num_maps
        -orig-id: numPartitionMaps
        type: u4
      - id: implementation
        -orig-id: impIdent
        size: 32
      - id: implementation_use
        -orig-id: impUse
        size: 128
      - id: integrity
        -orig-id: integritySeqExt
        type: extent
  map_head:
    -export: structure
    doc: How every partition map begins.
    seq:
      - id: type
        -orig-id: partitionMapType
        type: u1
      - id: len_map
        -orig-id: partitionMapLength
        type: u1
  plain_map:
    -export: structure
    doc: A map of type 1, a partition as it is.
    seq:
      - id: head
        type: map_head
      - id: volume_number
        -orig-id: volSeqNum
        type: u2
      - id: partition_number
        -orig-id: partitionNum
        type: u2
  special_map:
    -export: structure
    doc: |
      A map of type 2. The fields behind the partition's number have their meaning
      in those of the sparable and of the metadata partition only.
    seq:
      - id: head
        type: map_head
      - id: reserved
        size: 2
      - id: entity
        -orig-id: partIdent
        type: entity
      - id: volume_number
        -orig-id: volSeqNum
        type: u2
      - id: partition_number
        -orig-id: partitionNum
        type: u2
      - id: use
        size: 24
  sparable_use:
    -export: structure
    doc: From byte 40 of the map of a sparable partition.
    seq:
      - id: packet_blocks
        -orig-id: packetLength
        type: u2
      - id: num_tables
        -orig-id: numSparingTables
        type: u1
      - id: reserved
        size: 1
      - id: len_table
        -orig-id: sizeSparingTable
        type: u4
  metadata_use:
    -export: structure
    doc: From byte 40 of the map of a metadata partition.
    seq:
      - id: main_block
        -orig-id: metadataFileLoc
        type: u4
      - id: mirror_block
        -orig-id: metadataMirrorFileLoc
        type: u4
      - id: bitmap_block
        -orig-id: metadataBitmapFileLoc
        type: u4
      - id: unit_blocks
        -orig-id: allocUnitSize
        type: u4
      - id: alignment_blocks
        -orig-id: alignUnitSize
        type: u2
      - id: flags
        type: u1
  partition:
    -export: structure
    doc: Tag 5, a partition.
    seq:
      - id: tag
        type: tag
      - id: sequence_number
        -orig-id: volDescSeqNum
        type: u4
      - id: flags
        -orig-id: partitionFlags
        type: u2
      - id: number
        -orig-id: partitionNumber
        type: u2
      - id: contents
        -orig-id: partitionContents
        type: entity
      - id: unallocated_table
        -orig-id: unallocSpaceTable
        type: short_extent
      - id: unallocated_bitmap
        -orig-id: unallocSpaceBitmap
        type: short_extent
      - id: integrity_table
        -orig-id: partitionIntegrityTable
        type: short_extent
      - id: freed_table
        -orig-id: freedSpaceTable
        type: short_extent
      - id: freed_bitmap
        -orig-id: freedSpaceBitmap
        type: short_extent
      - id: contents_reserved
        size: 88
      - id: access
        -orig-id: accessType
        type: u4
        doc: 1 read-only, 2 write-once, 3 rewritable, 4 overwritable.
      - id: first_block
        -orig-id: partitionStartingLocation
        type: u4
      - id: num_blocks
        -orig-id: partitionLength
        type: u4
  integrity:
    -export: structure
    doc: |
      Tag 9, the counters of the logical volume. The free blocks of each partition,
      its size, and the implementation's use follow.
    seq:
      - id: tag
        type: tag
      - id: recorded
        -orig-id: recordingDateAndTime
        size: 12
      - id: state
        -orig-id: integrityType
        type: u4
        doc: 0 open, 1 closed.
      - id: next
        -orig-id: nextIntegrityExt
        type: extent
      - id: contents_use
        -orig-id: logicalVolContentsUse
        size: 32
      - id: num_partitions
        -orig-id: numOfPartitions
        type: u4
      - id: len_use
        -orig-id: lengthOfImpUse
        type: u4
  integrity_use:
    -export: structure
    doc: Behind the tables of an integrity descriptor.
    seq:
      - id: entity
        -orig-id: impIdent
        size: 32
      - id: num_files
        -orig-id: numFiles
        type: u4
      - id: num_directories
        -orig-id: numDirs
        type: u4
      - id: read_revision
        -orig-id: minUDFReadRev
        type: u2
      - id: write_revision
        -orig-id: minUDFWriteRev
        type: u2
      - id: max_write_revision
        -orig-id: maxUDFWriteRev
        type: u2
  sparing_table:
    -export: structure
    doc: Its entries follow, in the order of the packets that they replace.
    seq:
      - id: tag
        type: tag
      - id: entity
        -orig-id: sparingIdent
        type: entity
      - id: num_entries
        -orig-id: reallocationTableLen
        type: u2
      - id: reserved
        size: 2
      - id: sequence_number
        -orig-id: sequenceNum
        type: u4
  sparing_entry:
    -export: records
    seq:
      - id: packet
        -orig-id: origLocation
        type: u4
        doc: Its first block in the partition; from 0xfffffff0 on there is none.
      - id: replacement
        -orig-id: mappedLocation
        type: u4
        doc: The first block in the volume.
  icb_tag:
    doc: What every file entry has behind its tag.
    seq:
      - id: num_prior_entries
        -orig-id: priorRecordedNumDirectEntries
        type: u4
      - id: strategy
        -orig-id: strategyType
        type: u2
        doc: 4, or 4096 where a newer entry may be named in the next block.
      - id: strategy_parameter
        -orig-id: strategyParameter
        type: u2
      - id: num_entries
        -orig-id: numEntries
        type: u2
      - id: reserved
        size: 1
      - id: file_type
        -orig-id: fileType
        type: u1
      - id: parent_block
        -orig-id: parentICBLocation.logicalBlockNum
        type: u4
      - id: parent_partition
        -orig-id: parentICBLocation.partitionReferenceNum
        type: u2
      - id: flags
        type: u2
        doc: The lowest three bits say what kind of allocation descriptors follow.
  identity:
    seq:
      - id: owner
        -orig-id: uid
        type: u4
      - id: group
        -orig-id: gid
        type: u4
      - id: permissions
        type: u4
        doc: Five bits for others, for the group and for the owner.
      - id: num_links
        -orig-id: fileLinkCount
        type: u2
      - id: record
        size: 6
        doc: The form of its records, which no writer uses.
  timestamp:
    seq:
      - id: zone
        -orig-id: typeAndTimezone
        type: u2
        doc: Four bits of a type, and minutes east of Greenwich in twelve.
      - id: year
        type: u2
      - id: month
        type: u1
      - id: day
        type: u1
      - id: hour
        type: u1
      - id: minute
        type: u1
      - id: second
        type: u1
      - id: centiseconds
        type: u1
      - id: hundreds_of_microseconds
        -orig-id: hundredsOfMicroseconds
        type: u1
      - id: microseconds
        type: u1
  file_set:
    -export: structure
    doc: Tag 256, where the root directory is.
    seq:
      - id: tag
        type: tag
      - id: recorded
        -orig-id: recordingDateAndTime
        type: timestamp
      - id: numbers
        size: 20
        doc: Levels, sets of characters, and its own number.
      - id: names
        size: 352
        doc: Of the volume, of itself, and of files with a copyright and an abstract.
      - id: root
        -orig-id: rootDirectoryICB
        type: long_extent
      - id: domain
        -orig-id: domainIdent
        type: entity
      - id: next
        -orig-id: nextExt
        type: long_extent
      - id: streams
        -orig-id: streamDirectoryICB
        type: long_extent
        doc: The streams of the volume, since UDF 2.00.
  file_id:
    -export: structure
    doc: Tag 257, a directory's entry. Bytes of the implementation, then the name, follow.
    seq:
      - id: tag
        type: tag
      - id: version_number
        -orig-id: fileVersionNum
        type: u2
      - id: flags
        -orig-id: fileCharacteristics
        type: u1
        doc: 1 hidden, 2 a directory, 4 deleted, 8 the directory above.
      - id: len_name
        -orig-id: lengthFileIdent
        type: u1
      - id: icb
        type: long_extent
      - id: len_use
        -orig-id: lengthOfImpUse
        type: u2
  path_component:
    -export: structure
    doc: A part of a link's target. Its name follows.
    seq:
      - id: type
        -orig-id: componentType
        type: u1
        doc: 1 and 2 the root, 3 the directory above, 4 this directory, 5 a name.
      - id: len_name
        -orig-id: lengthComponentIdent
        type: u1
      - id: version_number
        -orig-id: componentFileVersionNum
        type: u2
  icb_head:
    -export: structure
    doc: How every kind of file entry begins.
    seq:
      - id: tag
        type: tag
      - id: icb
        type: icb_tag
  file_entry:
    -export: structure
    doc: Tag 261, a file. Its extended attributes and allocation descriptors follow.
    seq:
      - id: tag
        type: tag
      - id: icb
        type: icb_tag
      - id: identity
        type: identity
      - id: len_file
        -orig-id: informationLength
        type: u8
      - id: num_blocks
        -orig-id: logicalBlocksRecorded
        type: u8
      - id: accessed
        -orig-id: accessTime
        type: timestamp
      - id: modified
        -orig-id: modificationTime
        type: timestamp
      - id: changed
        -orig-id: attrTime
        type: timestamp
      - id: checkpoint
        type: u4
      - id: attributes
        -orig-id: extendedAttrICB
        type: long_extent
      - id: implementation
        -orig-id: impIdent
        size: 32
      - id: unique_id
        -orig-id: uniqueID
        type: u8
      - id: len_attributes
        -orig-id: lengthExtendedAttr
        type: u4
      - id: len_descriptors
        -orig-id: lengthAllocDescs
        type: u4
  extended_file_entry:
    -export: structure
    doc: Tag 266, a file since UDF 2.00.
    seq:
      - id: tag
        type: tag
      - id: icb
        type: icb_tag
      - id: identity
        type: identity
      - id: len_file
        -orig-id: informationLength
        type: u8
      - id: len_object
        -orig-id: objectSize
        type: u8
      - id: num_blocks
        -orig-id: logicalBlocksRecorded
        type: u8
      - id: accessed
        -orig-id: accessTime
        type: timestamp
      - id: modified
        -orig-id: modificationTime
        type: timestamp
      - id: created
        -orig-id: createTime
        type: timestamp
      - id: changed
        -orig-id: attrTime
        type: timestamp
      - id: checkpoint
        type: u4
      - id: reserved
        size: 4
      - id: attributes
        -orig-id: extendedAttrICB
        type: long_extent
      - id: streams
        -orig-id: streamDirectoryICB
        type: long_extent
      - id: implementation
        -orig-id: impIdent
        size: 32
      - id: unique_id
        -orig-id: uniqueID
        type: u8
      - id: len_attributes
        -orig-id: lengthExtendedAttr
        type: u4
      - id: len_descriptors
        -orig-id: lengthAllocDescs
        type: u4
  space_entry:
    -export: structure
    doc: Tag 263, a table of free extents. Its allocation descriptors follow.
    seq:
      - id: tag
        type: tag
      - id: icb
        type: icb_tag
      - id: len_descriptors
        -orig-id: lengthAllocDescs
        type: u4
  indirect_entry:
    -export: structure
    doc: Tag 259, where a newer file entry is.
    seq:
      - id: tag
        type: tag
      - id: icb
        type: icb_tag
      - id: newer
        -orig-id: indirectICB
        type: long_extent
  descriptors_head:
    -export: structure
    doc: Tag 258, a block of more allocation descriptors, which follow.
    seq:
      - id: tag
        type: tag
      - id: previous_block
        -orig-id: previousAllocExtLocation
        type: u4
      - id: len_descriptors
        -orig-id: lengthAllocDescs
        type: u4
  short_descriptor:
    -export: records
    doc: The two highest bits of the length say what kind of extent it is.
    seq:
      - id: len_extent
        -orig-id: extLength
        type: u4
      - id: block
        -orig-id: extPosition
        type: u4
  long_descriptor:
    -export: records
    seq:
      - id: len_extent
        -orig-id: extLength
        type: u4
      - id: block
        -orig-id: logicalBlockNum
        type: u4
      - id: partition_reference
        -orig-id: partitionReferenceNum
        type: u2
      - id: implementation_use
        -orig-id: impUse
        size: 6
  space_bitmap:
    -export: structure
    doc: Tag 264. The bitmap follows, a set bit for each free block.
    seq:
      - id: tag
        type: tag
      - id: num_bits
        -orig-id: numOfBits
        type: u4
      - id: len_bitmap
        -orig-id: numOfBytes
        type: u4
  vat_head:
    -export: structure
    doc: How the virtual allocation table of UDF 2.00 begins; its entries follow.
    seq:
      - id: len_head
        -orig-id: lengthHeader
        type: u2
  word:
    -export: records
    doc: A block's number, or a number of blocks.
    seq:
      - id: value
        type: u4
