meta:
  id: dm_snapshot
  title: Snapshot of the device mapper, its store of changed chunks
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
doc: |
  What a snapshot of the older kind (dm-snapshot) stores. Chunk 0 has the header,
  and chunk 1 the first table of exceptions; so many data chunks follow as a table
  has entries, then comes the next table.
doc-ref: 'Linux drivers/md/dm-snap-persistent.c: struct disk_header, struct disk_exception'
seq:
  - id: magic
    -orig-id: magic
    contents: SnAp
  - id: is_valid
    -orig-id: valid
    type: u4
    doc: 0, a change found no room any more, and the snapshot is lost.
  - id: version
    -orig-id: version
    type: u4
  - id: num_chunk_sectors
    -orig-id: chunk_size
    type: u4
types:
  exception:
    -export: records
    doc: A chunk of the origin that was changed, and the chunk of the store that has it as it was.
    seq:
      - id: old_chunk
        type: u8
      - id: new_chunk
        type: u8
        doc: 0 behind the last one.
