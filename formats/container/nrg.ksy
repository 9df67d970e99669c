meta:
  id: nrg
  title: Disc image of Nero Burning ROM
  file-extension: nrg
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: -12, magic: NER5}
      - {at: -8, magic: NERO}
    offset: 0
    size: 12
doc: |
  The sectors of the tracks, and behind them chunks that say where each track
  is. The last bytes of the file say where the first chunk is: 12 bytes in the
  second version, which has offsets of 64 bits, and 8 in the first.

  ### Making a test image

      nero (the program is not sold any more)
doc-ref:
  - https://en.wikipedia.org/wiki/NRG_(file_format)
  - 'libcdio lib/driver/image/nrg.h'
seq:
  - id: signature5
    size: 4
    doc: '"NER5" in the second version.'
  - id: high_or_signature
    type: u4
    doc: The upper half of the offset, or "NERO" in the first version.
  - id: ofs_chunks
    type: u4
types:
  chunk:
    -export: structure
    doc: The head of a chunk; its content follows.
    seq:
      - id: kind
        size: 4
        type: str
      - id: len_content
        type: u4
  disc_track:
    -export: records
    doc: |
      A track of DAOI, which describes a disc that was written at once. 22 bytes
      stand before the first one: catalog number, first and last track.
    seq:
      - id: isrc
        size: 12
      - id: len_sector
        type: u2
      - id: mode
        type: u1
      - id: unknown
        size: 3
      - id: ofs_gap
        type: u4
      - id: ofs_track
        type: u4
      - id: ofs_end
        type: u4
  disc_track64:
    -export: records
    doc: A track of DAOX.
    seq:
      - id: isrc
        size: 12
      - id: len_sector
        type: u2
      - id: mode
        type: u1
      - id: unknown
        size: 3
      - id: ofs_gap
        type: u8
      - id: ofs_track
        type: u8
      - id: ofs_end
        type: u8
  track:
    -export: records
    doc: A track of ETNF, which has those of a disc that was written track by track.
    seq:
      - id: ofs_track
        type: u4
      - id: len_track
        type: u4
      - id: mode
        type: u4
      - id: first_sector
        type: u4
        doc: On the disc.
      - id: unknown
        type: u4
  track64:
    -export: records
    doc: A track of ETN2.
    seq:
      - id: ofs_track
        type: u8
      - id: len_track
        type: u8
      - id: mode
        type: u4
      - id: first_sector
        type: u4
      - id: unknown
        type: u8
