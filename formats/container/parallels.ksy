meta:
  id: parallels
  title: Parallels expandable disk image
  file-extension: hds
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: "WithoutFreeSpace"}
      - {at: 0, magic: "WithouFreSpacExt"}
    offset: 0
    size: 64
doc: |
  A disk image of clusters. Behind the header stands the block allocation
  table, whose entries say where in the file each cluster of the disk is. The
  file alone knows of no backing file: chains are told by the file
  DiskDescriptor.xml of the folder that it lies in.

  ### Making a test image

      qemu-img create -f parallels -o cluster_size=1M disk.hds 1G
      qemu-io -c 'write -P 7 64k 4k' disk.hds
doc-ref:
  - https://www.qemu.org/docs/master/interop/parallels.html
  - 'QEMU docs/interop/parallels.txt, block/parallels.c, block/parallels.h'
seq:
  - id: magic
    size: 16
    type: str
    valid:
      any-of:
        - '"WithoutFreeSpace"'
        - '"WithouFreSpacExt"'
    doc: |
      WithoutFreeSpace, whose table counts in sectors of 512 bytes, or
      WithouFreSpacExt, whose table counts in clusters.
  - id: version
    type: u4
  - id: num_heads
    -orig-id: heads
    type: u4
  - id: num_cylinders
    -orig-id: cylinders
    type: u4
  - id: len_cluster_sectors
    -orig-id: tracks
    type: u4
    doc: Size of a cluster, in sectors of 512 bytes.
  - id: num_entries
    -orig-id: bat_entries
    type: u4
  - id: len_disk_sectors
    -orig-id: nb_sectors
    type: u8
    doc: Only the lower 32 bits count with the first of the two magics.
  - id: in_use
    -orig-id: inuse
    type: u4
    enum: in_use
  - id: ofs_data_sectors
    -orig-id: data_off
    type: u4
    doc: Where clusters begin; 0 if they begin right behind the table.
  - id: flags
    type: u4
    doc: Bit 0 is set in an image that holds nothing.
  - id: ofs_extension_sectors
    -orig-id: ext_off
    type: u8
    doc: Where the format extension is; 0 if there is none.
types:
  entry:
    -export: records
    doc: Where a cluster of the disk is; 0 if it is not allocated.
    seq:
      - id: position
        type: u4
enums:
  in_use:
    0x746f6e59: in_use
    0x312e3276: closed
