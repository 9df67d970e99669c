meta:
  id: vma
  title: a backup of Proxmox (VMA)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      run `vma extract FILE DIRECTORY` (of pve-qemu) and read the disks that it gives
    probe:
      - {at: 0, magic: ["VMA", 0, 0, 0, 0, 1]}
    size: 12
doc: |
  A backup of a virtual machine: its settings and its disks in one stream of
  clusters of 64 KiB.
doc-ref:
  - 'pve-qemu vma.h: struct VmaHeader'
  - 'pve-qemu docs/specs/vma_spec.txt'
seq:
  - id: magic
    -orig-id: magic
    contents: ["VMA", 0]
  - id: version
    -orig-id: version
    type: u4
    valid: 1
  - id: uuid_start
    size: 4
    doc: The first bytes of the backup's UUID.
