meta:
  id: dm_writecache
  title: Write cache of the device mapper
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
doc: |
  The head of a cache of writes alone: behind it lies an entry for each of its
  blocks, and behind these the blocks.
doc-ref: 'Linux drivers/md/dm-writecache.c: struct wc_memory_superblock, struct wc_memory_entry'
seq:
  - id: magic
    -orig-id: magic
    contents: [0x21, 0x93, 0x48, 0x23]
  - id: version
    -orig-id: version
    type: u4
  - id: num_block_bytes
    -orig-id: block_size
    type: u4
  - id: pad
    size: 4
  - id: num_blocks
    -orig-id: n_blocks
    type: u8
  - id: num_commits
    -orig-id: seq_count
    type: u8
    doc: Entries of this number, or of a later one, were not committed.
  - id: padding
    size: 32
types:
  entry:
    -export: records
    seq:
      - id: sector
        -orig-id: original_sector
        type: u8
        doc: All ones where the block holds nothing.
      - id: commit
        -orig-id: seq_count
        type: u8
