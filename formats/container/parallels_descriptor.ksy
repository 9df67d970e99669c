meta:
  id: parallels_descriptor
  title: Descriptor of a Parallels disk
  file-extension: xml
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: "<?xml"}
      - {at: 0, magic: "<Parallels_disk_image"}
    offset: 0
    size: 4096
doc: |
  The file DiskDescriptor.xml in the folder of a Parallels disk. It names the
  files that hold the disk's parts, and tells which of them are snapshots of
  which.

  ### Making a test image

  Parallels' own programs write it, and OpenVZ's:

      ploop init -s 64M disk.hdd
doc-ref: 'QEMU docs/interop/prl-xml.txt'
seq:
  - id: document
    size-eos: true
    type: str
