meta:
  id: rbd_diff
  title: an export of a Ceph RBD image, or the difference of two
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `rbd import-diff` or `rbd import --export-format 2`, and read the image with `rbd
      export`
    probe:
      - {at: 0, magic: "rbd image v2\n"}
      - {at: 0, magic: "rbd diff v1\n"}
      - {at: 0, magic: "rbd diff v2\n"}
    size: 12
doc: |
  The ranges of an image that hold data, one behind the other.
doc-ref: 'Ceph doc/dev/rbd-diff.rst, doc/dev/rbd-export.rst'
seq:
  - id: magic
    size: 12
