meta:
  id: wim
  title: a Windows image (WIM, ESD), files without a disk
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds files and no disk; run `wimapply FILE DIRECTORY` (of wimtools)
    probe:
      - {at: 0, magic: [MSWIM, 0, 0, 0, 0xd0, 0, 0, 0]}
      - {at: 0, magic: [WLPWM, 0, 0, 0, 0xd0, 0, 0, 0]}
    size: 16
doc: |
  The files of one volume or several, each stored once, as Windows Setup has them.

  ### Making a test image

      wimcapture DIRECTORY image.wim
doc-ref:
  - 'Microsoft, "Windows Imaging File Format (WIM)" white paper: WIMHEADER_V1_PACKED'
  - 'wimlib include/wimlib/header.h'
seq:
  - id: magic
    -orig-id: ImageTag
    size: 8
  - id: len_header
    -orig-id: cbSize
    type: u4
    valid: 208
  - id: version
    -orig-id: dwVersion
    type: u4
    valid: {min: 0xd00, max: 0xfffff}
