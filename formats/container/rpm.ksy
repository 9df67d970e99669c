meta:
  id: rpm
  title: a package (RPM)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `rpm2cpio FILE | cpio -idm` and read what it gives
    probe:
      - {at: 0, magic: [0xed, 0xab, 0xee, 0xdb]}
    size: 96
doc: |
  A lead, signatures, headers, and a compressed cpio.
doc-ref: 'rpm lib/rpmlead.c: struct rpmlead_s'
seq:
  - id: magic
    contents: [0xed, 0xab, 0xee, 0xdb]
  - id: version_major
    -orig-id: major
    type: u1
    valid: {min: 2, max: 4}
  - id: version_minor
    -orig-id: minor
    type: u1
  - id: kind
    -orig-id: type
    type: u2
    valid: {max: 1}
