meta:
  id: bochs
  title: Bochs growing disk image
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: "Bochs Virtual HD Image"}
    offset: 0
    size: 512
doc: |
  A disk image of extents, the redolog of the Bochs emulator. Behind the header
  stands the catalog, which says for each extent of the disk which extent of
  the file holds it. Each extent of the file begins with a bitmap that tells
  which of its sectors were written.

  ### Making a test image

      bximage -q -func=convert -imgmode=growing disk.raw disk.bochs
doc-ref:
  - 'Bochs docs: https://bochs.sourceforge.io/doc/docbook/development/harddisk-redologs.html'
  - 'Bochs iodev/hdimage/hdimage.h redolog_header_t, QEMU block/bochs.c'
seq:
  - id: magic
    contents: "Bochs Virtual HD Image"
  - id: magic_rest
    size: 10
  - id: kind
    -orig-id: type
    size: 16
    type: strz
  - id: subkind
    -orig-id: subtype
    size: 16
    type: strz
    doc: Growing, or Undoable or Volatile, which lie over another image.
  - id: version
    type: u4
  - id: len_header
    -orig-id: header
    type: u4
  - id: num_entries
    -orig-id: catalog
    type: u4
  - id: len_bitmap
    -orig-id: bitmap
    type: u4
  - id: len_extent
    -orig-id: extent
    type: u4
types:
  size_v1:
    -export: structure
    doc: Bytes 84 to 91 of the header of version 0x00010000.
    seq:
      - id: len_disk
        -orig-id: disk
        type: u8
  size_v2:
    -export: structure
    doc: Bytes 84 to 95 of the header of version 0x00020000.
    seq:
      - id: modified_time
        -orig-id: timestamp
        type: u4
        doc: When the base image was written to last, in the packing of FAT.
      - id: len_disk
        -orig-id: disk
        type: u8
  entry:
    -export: records
    doc: Which extent of the file holds an extent of the disk.
    seq:
      - id: index
        type: u4
        doc: 0xffffffff if nothing was written to the extent.
