meta:
  id: luks2
  title: LUKS2 encrypted volume
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - all: [{at: 0, magic: [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]}, {at: 6, magic: [0, 2]}]
    offset: 0
    size: 512
doc: |
  The binary header of a volume whose payload is encrypted. A JSON text follows
  it at byte 4096 and says what the key slots, the payload and the digests are.
  The pair is there twice, the second one with a magic of its own, directly
  behind the first; of two sound ones the higher sequence number counts.

  ### Making a test image

      truncate -s 32M volume
      echo -n secret | cryptsetup luksFormat --type luks2 -q volume -
doc-ref:
  - 'LUKS2 On-Disk Format Specification, version 1.1.1, 2'
  - 'cryptsetup lib/luks2/luks2.h: struct luks2_hdr_disk'
seq:
  - id: magic
    size: 6
  - id: version
    contents: [0, 2]
  - id: len_header
    -orig-id: hdr_size
    type: u8
    doc: Of the binary header and the JSON area together.
  - id: sequence_id
    -orig-id: seqid
    type: u8
  - id: label
    size: 48
    type: strz
  - id: checksum_algorithm
    -orig-id: checksum_alg
    size: 32
    type: strz
  - id: salt
    size: 64
  - id: uuid
    size: 40
    type: strz
  - id: subsystem
    size: 48
    type: strz
  - id: ofs_header
    -orig-id: hdr_offset
    type: u8
    doc: Where this header itself is.
  - id: reserved1
    -orig-id: _padding
    size: 184
  - id: checksum
    -orig-id: csum
    size: 64
    doc: Of header and JSON area, with this field as zeros.
