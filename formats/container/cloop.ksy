meta:
  id: cloop
  title: Compressed loop device, version 2
  file-extension: cloop
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: "#!/bin/sh\n#V2.0 Format\n"}
    offset: 0
    size: 136
doc: |
  A read-only disk image of blocks, each compressed with zlib. It begins with
  the text of a shell script. Behind the header stand the offsets of the
  blocks, and one more where the last block ends.

  ### Making a test image

      create_compressed_fs -B 65536 disk.raw disk.cloop
doc-ref:
  - 'cloop compressed_loop.h struct cloop_head'
  - 'QEMU block/cloop.c'
seq:
  - id: preamble
    size: 128
  - id: len_block
    -orig-id: block_size
    type: u4
  - id: num_blocks
    type: u4
types:
  block_offset:
    -export: records
    doc: Where a block's stream begins, counted from the start of the file.
    seq:
      - id: value
        type: u8
