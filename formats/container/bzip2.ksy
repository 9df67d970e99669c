meta:
  id: bzip2
  title: bzip2, a compressed file
  file-extension: bz2
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: run `bunzip2 -k FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x42, 0x5a, 0x68]}
    offset: 0
    size: 10
doc: |
  Blocks of up to 900 KB that begin at any bit; nothing says where, so it
  cannot be read at random.

  ### Making a test image

      bzip2 -k disk.raw
doc-ref: https://en.wikipedia.org/wiki/Bzip2#File_format
seq:
  - id: magic
    contents: BZh
  - id: level
    type: u1
    valid: {min: 0x31, max: 0x39}
    doc: A digit, the size of a block in units of 100,000 bytes.
  - id: block_magic
    contents: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
    doc: Of the first block.
