meta:
  id: rawcd
  title: Raw sectors of a compact disc
  file-extension: bin
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]}
    offset: 0
    size: 20
doc: |
  What a program keeps of a disc that reads its sectors as they are, in a .bin
  beside a .cue, or an .img beside a .ccd: 2352 bytes each, of which 2048 are
  the sector. Before these stand a pattern, the sector's address and mode and, in
  mode 2, what its content is; behind them codes that correct errors.

  ### Making a test image

      cdrdao read-cd --read-raw --datafile disc.bin disc.toc
doc-ref:
  - 'ECMA-130, section 14 (sectors of mode 0 and 1)'
  - 'Linux include/uapi/linux/cdrom.h: CD_FRAMESIZE_RAW, CD_SYNC_SIZE, CD_XA_HEAD'
seq:
  - id: sync
    contents: [0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]
  - id: address
    size: 3
    doc: Minutes, seconds and frames as decimal digits.
  - id: mode
    type: u1
  - id: file_number
    type: u1
    doc: In mode 2, and so are the next ones; they stand there twice.
  - id: channel
    type: u1
  - id: submode_high
    type: b2
  - id: is_form2
    type: b1
    doc: Whether the sector has 2324 bytes that are not corrected, of a film.
  - id: submode_low
    type: b5
  - id: coding
    type: u1
