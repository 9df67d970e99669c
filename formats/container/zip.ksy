meta:
  id: zip
  title: ZIP, an archive
  file-extension: zip
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: run `unzip FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x50, 0x4b, 0x03, 0x04]}
    offset: 0
    size: 30
doc: |
  An archive of files, most of them compressed from their beginning. It is
  recognised, and not read.

  ### Making a test image

      7z a -tzip disk.zip disk.raw
doc-ref: APPNOTE.TXT 6.3.10, section 4.3.7 "Local file header"
seq:
  - id: magic
    -orig-id: local file header signature
    contents: [0x50, 0x4b, 0x03, 0x04]
  - id: version_needed
    -orig-id: version needed to extract
    type: u2
    doc: Ten times the version of the specification, with the host system above.
  - id: flags
    -orig-id: general purpose bit flag
    type: u2
  - id: method
    -orig-id: compression method
    type: u2
