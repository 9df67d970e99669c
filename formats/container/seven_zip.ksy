meta:
  id: seven_zip
  title: 7z, an archive
  file-extension: 7z
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: run `7z x FILE` and read what it gives
    probe:
      - {at: 0, magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]}
    offset: 0
    size: 32
doc: |
  An archive of files, compressed together from its beginning. It is
  recognised, and not read.

  ### Making a test image

      7z a disk.7z disk.raw
doc-ref: 7zFormat.txt of 7-Zip, SignatureHeader
seq:
  - id: magic
    -orig-id: kSignature
    contents: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]
  - id: version_major
    -orig-id: ArchiveVersion.Major
    contents: [0]
  - id: version_minor
    -orig-id: ArchiveVersion.Minor
    type: u1
