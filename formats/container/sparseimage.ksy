meta:
  id: sparseimage
  title: a sparse disk image of macOS
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `hdiutil convert -format UDRW -o disk FILE` on a Mac and read disk.dmg
    probe:
      - {at: 0, magic: [sprs, 0, 0, 0, 3]}
    size: 64
doc: |
  A disk in bands, with a table of those that are stored.
doc-ref: 'libmodi documentation, "Mac OS sparse image (.sparseimage) format"'
seq:
  - id: magic
    -orig-id: signature
    contents: sprs
  - id: version
    type: u4
    valid: {min: 1, max: 3}
  - id: sectors_per_band
    type: u4
    valid: {min: 1, max: 0x100000}
