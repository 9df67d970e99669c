meta:
  id: deb
  title: a package of Debian
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `dpkg-deb -x FILE DIRECTORY` and read what it gives
    probe:
      - {at: 0, magic: "!<arch>\ndebian-binary"}
    size: 68
doc: |
  An ar archive of a version and two tars.

  ### Making a test image

      dpkg-deb -b DIRECTORY package.deb
doc-ref: 'deb(5)'
seq:
  - id: magic
    size: 8
  - id: member
    contents: debian-binary
