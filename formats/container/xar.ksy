meta:
  id: xar
  title: an archive (xar), such as a package of macOS
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `xar -xf FILE` and read what it gives
    probe:
      - {at: 0, magic: ["xar!"]}
    size: 28
doc: |
  A compressed table of contents in XML, and files.
doc-ref: 'xar include/xar.h.in: struct xar_header'
seq:
  - id: magic
    contents: "xar!"
  - id: len_header
    -orig-id: size
    type: u2
    valid: {min: 28, max: 64}
  - id: version
    type: u2
    valid: {max: 1}
