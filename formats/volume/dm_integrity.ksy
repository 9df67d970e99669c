meta:
  id: dm_integrity
  title: Volume of dm-integrity
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - {at: 0, magic: [0x69, 0x6e, 0x74, 0x65, 0x67, 0x72, 0x74, 0]}
    size: 512
    name: DM_integrity
doc: |
  The superblock. Behind it lie the journal, in sections of eight sectors with
  entries and the blocks that these are of, and the data with a run of tags
  before each stretch of them.
doc-ref:
  - 'Linux drivers/md/dm-integrity.c: struct superblock, struct journal_entry'
  - 'util-linux libblkid/src/superblocks/lvm.c'
seq:
  - id: magic
    -orig-id: magic
    contents: [0x69, 0x6e, 0x74, 0x65, 0x67, 0x72, 0x74, 0]
  - id: version
    -orig-id: version
    type: u1
  - id: interleave_shift
    -orig-id: log2_interleave_sectors
    type: u1
    doc: So many sectors of data lie together.
  - id: num_tag_bytes
    -orig-id: integrity_tag_size
    type: u2
  - id: num_journal_sections
    -orig-id: journal_sections
    type: u4
  - id: num_sectors
    -orig-id: provided_data_sectors
    type: u8
  - id: flags
    -orig-id: flags
    type: u4
    doc: |
      1, the journal has authentication; 4, a bitmap lies in its place; 8, runs of tags
      are padded to 8 sectors only; 32, tags lie beside the data.
  - id: block_shift
    -orig-id: log2_sectors_per_block
    type: u1
types:
  entry:
    -export: records
    doc: The sector of an entry; its upper half says as well that the entry is in no use.
    seq:
      - id: sector_low
        -orig-id: sector_lo
        type: u4
      - id: sector_high
        -orig-id: sector_hi
        type: u4
  word:
    -export: records
    doc: The sector of an entry, or what ends a sector of the journal.
    seq:
      - id: value
        type: u8
