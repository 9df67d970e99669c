meta:
  id: luks
  title: LUKS1 encrypted volume
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - all: [{at: 0, magic: [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]}, {at: 6, magic: [0, 1]}]
    offset: 0
    size: 592
doc: |
  The header of a volume whose payload is encrypted with one key. Each of eight
  slots holds that key, split into stripes and encrypted with a key that a
  passphrase gives. Whether the key that came out is the right one, a digest
  tells.

  ### Making a test image

      truncate -s 16M volume
      echo -n secret | cryptsetup luksFormat --type luks1 -q volume -
doc-ref:
  - 'LUKS1 On-Disk Format Specification, version 1.2.3, 3 and 6'
  - 'cryptsetup lib/luks1/luks.h: struct luks_phdr'
seq:
  - id: magic
    contents: [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]
  - id: version
    contents: [0, 1]
  - id: cipher_name
    -orig-id: cipherName
    size: 32
    type: strz
    doc: As the kernel calls it, aes for example.
  - id: cipher_mode
    -orig-id: cipherMode
    size: 32
    type: strz
    doc: The chaining mode and how the initial vectors are made, xts-plain64 for example.
  - id: hash_spec
    -orig-id: hashSpec
    size: 32
    type: strz
  - id: payload_sector
    -orig-id: payloadOffset
    type: u4
    doc: In sectors of 512 bytes; 0 where the header lies in a file of its own.
  - id: len_key
    -orig-id: keyBytes
    type: u4
  - id: key_digest
    -orig-id: mkDigest
    size: 20
    doc: PBKDF2 of the key of the payload.
  - id: key_digest_salt
    -orig-id: mkDigestSalt
    size: 32
  - id: num_key_digest_iterations
    -orig-id: mkDigestIterations
    type: u4
  - id: uuid
    size: 40
    type: strz
  - id: key_slots
    -orig-id: keyblock
    type: key_slot
    repeat: expr
    repeat-expr: 8
types:
  key_slot:
    -orig-id: keyslot
    seq:
      - id: state
        -orig-id: active
        type: u4
        enum: slot_state
      - id: num_iterations
        -orig-id: passwordIterations
        type: u4
      - id: salt
        -orig-id: passwordSalt
        size: 32
      - id: material_sector
        -orig-id: keyMaterialOffset
        type: u4
        doc: In sectors of 512 bytes from the start of the header.
      - id: num_stripes
        -orig-id: stripes
        type: u4
enums:
  slot_state:
    0x0000dead: disabled
    0x00ac71f3: enabled
