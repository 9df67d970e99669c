meta:
  id: aff4
  title: an image of the Advanced Forensic Format 4
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      export its image with aff4imager (of c-aff4) or pyaff4 and read what it gives
    probe:
      - {all: [{at: 0, magic: [PK, 3, 4]}, {at: 30, magic: container.description}]}
      - {all: [{at: 0, magic: [PK, 3, 4]}, {at: 30, magic: information.turtle}]}
      - {all: [{at: 0, magic: [PK, 3, 4]}, {at: 30, magic: "aff4%3A"}]}
      - {all: [{at: 0, magic: [PK, 3, 4]},
         {at: -65, magic: [PK, 5, 6]},
         {at: -43, magic: "aff4://"}]}
    size: 30
doc: |
  A ZIP whose members are the compressed pieces of images and their description.
  The names of its members tell it from other archives, or its comment, which is
  the volume's URN.
doc-ref:
  - 'AFF4 Standard 1.0, sections 3 and 4 (volumes, ZIP)'
  - 'pyaff4 pyaff4/zip.py'
seq:
  - id: magic
    -orig-id: local file header signature
    contents: [0x50, 0x4b, 0x03, 0x04]
  - id: version_needed
    type: u2
  - id: flags
    type: u2
  - id: method
    type: u2
    valid: {max: 99}
