meta:
  id: hfsplus
  title: HFS+ and HFSX, filesystems of Apple
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x400, magic: [0x48, 0x2b, 0, 4]}
      - {at: 0x400, magic: [0x48, 0x58, 0, 5]}
    offset: 0x400
    size: 512
    name: hfsplus
    version: version_text
    stale: (attributes & 0x100) == 0 or (attributes & 0x800) != 0
    block-size: 'is_block_sound ? len_unit : len_block'
    blocks: num_blocks * (len_block / len_unit)
    free: num_free_blocks * (len_block / len_unit)
    inodes: 0xffffffff
    inodes-free: 0xffffffff - next_id
doc: |
  The volume header. The name of the volume is the one of its root folder: the
  first entry of the first leaf of the catalog, a tree of nodes of equal size.
doc-ref:
  - 'Linux fs/hfsplus/super.c: hfsplus_statfs'
  - 'Apple Technical Note TN1150: HFS Plus Volume Format'
  - 'Apple hfs, hfs_util: the UUID is a digest of what finder_info ends with'
  - 'util-linux libblkid/src/superblocks/hfs.c'
seq:
  - id: magic
    -orig-id: signature
    type: u2
  - id: version
    -orig-id: version
    type: u2
  - id: attributes
    -orig-id: attributes
    type: u4
  - id: last_mounter
    -orig-id: lastMountedVersion
    size: 4
    type: strz
  - id: journal_block
    -orig-id: journalInfoBlock
    type: u4
  - id: times
    size: 16
  - id: num_files
    -orig-id: fileCount
    type: u4
  - id: num_folders
    -orig-id: folderCount
    type: u4
  - id: len_block
    -orig-id: blockSize
    type: u4
  - id: num_blocks
    -orig-id: totalBlocks
    type: u4
  - id: num_free_blocks
    -orig-id: freeBlocks
    type: u4
  - id: allocation
    -orig-id: nextAllocation, rsrcClumpSize, dataClumpSize
    size: 12
  - id: next_id
    -orig-id: nextCatalogID
    type: u4
  - id: more_counts
    -orig-id: writeCount, encodingsBitmap
    size: 12
  - id: other_finder_info
    -orig-id: finderInfo[0..5]
    size: 24
  - id: volume_id
    -orig-id: finderInfo[6..7]
    size: 8
  - id: allocation_file
    -orig-id: allocationFile
    type: fork
  - id: extents_file
    -orig-id: extentsFile
    type: fork
  - id: catalog_file
    -orig-id: catalogFile
    type: fork
instances:
  version_text:
    value: version.to_s
  is_block_sound:
    value: len_block >= 512 and (len_block & (len_block - 1)) == 0
  len_unit:
    value: 'is_block_sound and len_block < 4096 ? len_block : 4096'
    doc: Linux counts in blocks that fit into a page.
types:
  fork:
    doc: A file of the filesystem's own, with its first extents.
    seq:
      - id: len_bytes
        -orig-id: logicalSize
        type: u8
      - id: len_clump
        -orig-id: clumpSize
        type: u4
      - id: num_blocks
        -orig-id: totalBlocks
        type: u4
      - id: extents
        -orig-id: extents
        type: extent
        repeat: expr
        repeat-expr: 8
  extent:
    seq:
      - id: first_block
        -orig-id: startBlock
        type: u4
      - id: num_blocks
        -orig-id: blockCount
        type: u4
  node_head:
    doc: Begins every node of a tree.
    seq:
      - id: links
        -orig-id: fLink, bLink
        size: 8
      - id: kind
        -orig-id: kind
        type: s1
        doc: 1 in the tree's first node, -1 in a leaf.
      - id: height
        -orig-id: height
        type: u1
      - id: num_records
        -orig-id: numRecords
        type: u2
      - id: reserved
        size: 2
  tree_head:
    -export: structure
    doc: The first node of a tree.
    seq:
      - id: node
        type: node_head
      - id: depth
        -orig-id: treeDepth
        type: u2
      - id: root_node
        -orig-id: rootNode
        type: u4
      - id: num_leaf_records
        -orig-id: leafRecords
        type: u4
      - id: first_leaf_node
        -orig-id: firstLeafNode
        type: u4
      - id: last_leaf_node
        -orig-id: lastLeafNode
        type: u4
      - id: len_node
        -orig-id: nodeSize
        type: u2
  first_entry:
    -export: structure
    doc: A leaf of the catalog as far as the key of its first entry goes.
    seq:
      - id: node
        type: node_head
      - id: len_key
        -orig-id: keyLength
        type: u2
      - id: parent
        -orig-id: parentID
        type: u4
        doc: 1 of the root folder.
      - id: len_name
        -orig-id: nodeName.length
        type: u2
        valid:
          max: 255
      - id: name
        -orig-id: nodeName.unicode
        size: len_name * 2
        type: str
        encoding: UTF-16BE
