meta:
  id: hfsplus
  title: HFS+ and HFSX, filesystems of Apple
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x400, magic: [0x48, 0x2b, 0, 4]}
      - {at: 0x400, magic: [0x48, 0x58, 0, 5]}
    offset: 0x400
    size: 112
    name: hfsplus
    version: version.to_s
doc: |
  The volume header. The name of the volume is the one of its root folder, in a
  tree, and is not read.
doc-ref:
  - 'Apple Technical Note TN1150: HFS Plus Volume Format'
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
    size: 28
  - id: finder_info
    -orig-id: finderInfo
    size: 32
