meta:
  id: cpio
  title: an archive (cpio), such as an initramfs
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `cpio -idm < FILE` and read what it gives
    probe:
      - {at: 0, magic: "070701"}
      - {at: 0, magic: "070702"}
      - {at: 0, magic: "070707"}
    size: 76
doc: |
  Files one behind the other, each with a header of text.

  ### Making a test image

      find . | cpio -o -H newc > files.cpio
doc-ref:
  - 'POSIX pax, "cpio Interchange Format"'
  - 'Linux Documentation/driver-api/early-userspace/buffer-format.rst'
seq:
  - id: magic
    contents: '0707'
  - id: kind
    size: 2
