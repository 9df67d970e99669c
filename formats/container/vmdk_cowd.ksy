meta:
  id: vmdk_cowd
  title: VMware virtual disk, sparse extent of ESX Server
  file-extension: vmdk
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x43, 0x4f, 0x57, 0x44, 1, 0, 0, 0]}
    offset: 0
    size: 32
doc: |
  The extent of ESX's snapshots on VMFS before seSparse, and of VMware's first
  programs: as the hosted sparse extent, with 4096 entries in each grain table
  and 32-bit fields. A descriptor names it with the type VMFSSPARSE.

  ### Making a test image

  Only VMware writes it: `vmkfstools -c 1g disk.vmdk` on ESXi, and a snapshot of
  the virtual machine. What the tests write is read by QEMU.
doc-ref:
  - 'VMware, Virtual Disk Format 5.0 (technical note, 2011), "ESX Server Sparse Extents"'
  - 'QEMU block/vmdk.c vmdk_open_vmfs_sparse()'
seq:
  - id: magic
    -orig-id: magicNumber
    contents: COWD
  - id: version
    type: u4
  - id: flags
    type: u4
  - id: num_sectors
    -orig-id: numSectors
    type: u4
  - id: grain_sectors
    -orig-id: grainSize
    type: u4
  - id: directory_sector
    -orig-id: gdOffset
    type: u4
  - id: num_directory_entries
    -orig-id: numGDEntries
    type: u4
  - id: free_sector
    -orig-id: freeSector
    type: u4
    doc: The next grain will be written here.
types:
  state:
    -export: structure
    doc: From byte 1648 of the header.
    seq:
      - id: is_unclean
        -orig-id: uncleanShutdown
        type: u4
