meta:
  id: rar
  title: an archive (RAR)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `unrar x FILE` and read what it gives
    probe:
      - {at: 0, magic: ["Rar!", 0x1a, 7, 0]}
      - {at: 0, magic: ["Rar!", 0x1a, 7, 1, 0]}
    size: 8
doc: |
  An archive of files.
doc-ref: 'https://www.rarlab.com/technote.htm, "RAR 5.0 signature"'
seq:
  - id: magic
    size: 7
