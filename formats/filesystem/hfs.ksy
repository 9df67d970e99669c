meta:
  id: hfs
  title: HFS, the old filesystem of Apple
  license: CC0-1.0
  encoding: ISO-8859-1
  endian: be
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0x400, magic: BD}
    offset: 0x400
    size: 130
    name:
      - {when: has_hfsplus, value: hfsplus}
      - {value: hfs}
    label: label
    counted-if: has_hfsplus == false
    stale: (attributes & 0x100) == 0 or (attributes & 0x800) != 0
    end: first_block_sector * 512 + num_blocks * len_block
    block-size: len_unit
    blocks: num_blocks * (len_block / len_unit)
    free: num_free_blocks * (len_block / len_unit)
    inodes: num_blocks
    inodes-free: num_free_blocks
doc: |
  The master directory block; it may be the wrapper of an HFS+ volume.
doc-ref:
  - 'Linux fs/hfs/super.c: hfs_statfs; fs/hfs/mdb.c: hfs_mdb_get'
  - 'Inside Macintosh: Files, Volume information'
  - 'util-linux libblkid/src/superblocks/hfs.c'
seq:
  - id: magic
    -orig-id: drSigWord
    type: u2
  - id: created
    -orig-id: drCrDate
    type: u4
  - id: modified
    -orig-id: drLsMod
    type: u4
  - id: attributes
    -orig-id: drAtrb
    type: u2
  - id: num_root_files
    -orig-id: drNmFls
    type: u2
  - id: first_bitmap_sector
    -orig-id: drVBMSt
    type: u2
    valid:
      min: 3
      max: 65535
  - id: next_allocation
    -orig-id: drAllocPtr
    type: u2
  - id: num_blocks
    -orig-id: drNmAlBlks
    type: u2
    valid:
      min: 1
      max: 65535
  - id: len_block
    -orig-id: drAlBlkSiz
    type: u4
    valid:
      min: 512
      max: 0x7fffffff
  - id: len_clump
    -orig-id: drClpSiz
    type: u4
  - id: first_block_sector
    -orig-id: drAlBlSt
    type: u2
  - id: next_file_id
    -orig-id: drNxtCNID
    type: u4
  - id: num_free_blocks
    -orig-id: drFreeBks
    type: u2
  - id: len_label
    type: u1
    valid:
      min: 0
      max: 27
  - id: label
    -orig-id: drVN
    size: len_label
    type: str
  - id: label_rest
    size: 27 - len_label
  - id: times
    size: 12
  - id: counts
    size: 16
  - id: other_finder_info
    -orig-id: drFndrInfo[0..5]
    size: 24
  - id: volume_id
    -orig-id: drFndrInfo[6..7]
    size: 8
  - id: embedded_magic
    -orig-id: drEmbedSigWord
    type: u2
  - id: embedded_first_block
    -orig-id: drEmbedExtent.startBlock
    type: u2
  - id: num_embedded_blocks
    -orig-id: drEmbedExtent.blockCount
    type: u2
instances:
  num_unit_sectors:
    value: >-
      len_block % 4096 == 0 and first_block_sector % 8 == 0 ? 8 :
      len_block % 2048 == 0 and first_block_sector % 4 == 0 ? 4 :
      len_block % 1024 == 0 and first_block_sector % 2 == 0 ? 2 : 1
    doc: Linux counts in blocks that fit into a page and begin with one.
  len_unit:
    value: num_unit_sectors * 512
  has_hfsplus:
    value: embedded_magic == 0x482b or embedded_magic == 0x4858
