meta:
  id: partimage
  title: an image of a partition, of partimage
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `partimage restore` to a file of the partition's size and read that
    probe:
      - {at: 0, magic: PaRtImAgE-VoLuMe}
    size: 32
doc: |
  The blocks of a partition that are in use, behind its headers and a bitmap.
doc-ref: 'partimage src/shared/partimage.h: CVolumeHeader'
seq:
  - id: magic
    -orig-id: szMagicString
    contents: ["PaRtImAgE-VoLuMe", 0]
