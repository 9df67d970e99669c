meta:
  id: cab
  title: a cabinet of Windows
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `cabextract FILE` and read what it gives
    probe:
      - {at: 0, magic: [MSCF, 0, 0, 0, 0]}
    size: 36
doc: |
  An archive of files.
doc-ref: '[MS-CAB] section 2.1, CFHEADER'
seq:
  - id: magic
    contents: [MSCF, 0, 0, 0, 0]
