meta:
  id: ntfsclone
  title: an image of an NTFS volume, of ntfsclone
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `ntfsclone --restore-image --overwrite disk.raw FILE` and read disk.raw
    probe:
      - {at: 0, magic: [0, ntfsclone-image]}
    size: 18
doc: |
  The clusters of an NTFS volume that are in use, and how many are left out
  between them.

  ### Making a test image

      ntfsclone --save-image -o image volume.raw
doc-ref: 'ntfs-3g ntfsprogs/ntfsclone.c: struct image_hdr'
seq:
  - id: magic
    contents: [0, "ntfsclone-image"]
  - id: version_major
    -orig-id: major_ver
    type: u1
    valid: {max: 10}
  - id: version_minor
    -orig-id: minor_ver
    type: u1
