meta:
  id: mfs
  title: MFS, the first filesystem of the Macintosh
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: filesystem
    understood: detected
    opened-by: >-
      run `mfsdump` or System 7 to copy the files
    probe:
      - {at: 1024, magic: [0xd2, 0xd7]}
    offset: 1024
    size: 64
    name: mfs
    label: label
doc: |
  The volume of a floppy disk of 400 KiB, without folders.
doc-ref: 'Inside Macintosh II, "The File Manager", Volume Information'
seq:
  - id: magic
    -orig-id: drSigWord
    contents: [0xd2, 0xd7]
  - id: created
    -orig-id: drCrDate
    type: u4
  - id: backed_up
    -orig-id: drLsBkUp
    type: u4
  - id: attributes
    -orig-id: drAtrb
    type: u2
  - id: num_files
    -orig-id: drNmFls
    type: u2
    valid: {max: 4096}
  - id: first_directory_block
    -orig-id: drDirSt
    type: u2
    valid: {min: 3, max: 64}
  - id: num_directory_blocks
    -orig-id: drBlLen
    type: u2
    valid: {min: 1, max: 4096}
  - id: num_blocks
    -orig-id: drNmAlBlks
    type: u2
    valid: {min: 1, max: 4094}
  - id: len_block
    -orig-id: drAlBlkSiz
    type: u4
    valid: {min: 512, max: 0x100000}
  - id: len_clump
    -orig-id: drClpSiz
    type: u4
  - id: first_block
    -orig-id: drAlBlSt
    type: u2
    valid: {min: 4, max: 4096}
  - id: next_file
    -orig-id: drNxtFNum
    type: u4
  - id: num_free_blocks
    -orig-id: drFreeBks
    type: u2
    valid: {max: 4094}
  - id: len_label
    type: u1
    valid: {max: 27}
  - id: label
    -orig-id: drVN
    size: len_label
    type: str
