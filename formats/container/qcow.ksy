meta:
  id: qcow
  title: QEMU copy-on-write disk image, version 1
  file-extension: qcow
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 1]}
    offset: 0
    size: 48
doc: |
  The predecessor of qcow2, without reference counts, snapshots and
  extensions. An L1 table points to L2 tables, whose entries say where each
  cluster of the disk is.

  ### Making a test image

      qemu-img create -f qcow disk.qcow 1G
      qemu-io -c 'write -P 7 64k 4k' disk.qcow
doc-ref: 'QEMU block/qcow.c'
seq:
  - id: magic
    contents: [0x51, 0x46, 0x49, 0xfb]
  - id: version
    type: u4
    doc: 2 and 3 are qcow2, whose header goes on otherwise.
  - id: ofs_backing_file
    -orig-id: backing_file_offset
    type: u8
    doc: Where the name of the backing file is in this file; 0 if there is none.
  - id: len_backing_file
    -orig-id: backing_file_size
    type: u4
  - id: modified_seconds
    -orig-id: mtime
    type: u4
  - id: len_disk
    -orig-id: size
    type: u8
  - id: cluster_bits
    type: u1
    doc: A cluster has two to the power of this bytes.
  - id: l2_bits
    type: u1
    doc: An L2 table has two to the power of this entries.
  - id: padding
    type: u2
  - id: crypt_method
    type: u4
    enum: crypt_method
  - id: ofs_l1_table
    -orig-id: l1_table_offset
    type: u8
types:
  file_name:
    -export: structure
    doc: A name that fills its space, without a terminator.
    seq:
      - id: value
        size-eos: true
        type: str
        encoding: UTF-8
enums:
  crypt_method:
    0: none
    1: aes
