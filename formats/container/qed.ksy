meta:
  id: qed
  title: QEMU enhanced disk image
  file-extension: qed
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x51, 0x45, 0x44, 0x00]}
    offset: 0
    size: 64
doc: |
  A disk image with tables of two levels and without reference counts, which
  qcow2 version 3 has replaced. Entries of its tables are offsets of clusters
  in the file; 0 is a cluster that is not there, 1 one of zeros.

  ### Making a test image

      qemu-img create -f qed disk.qed 1G
      qemu-io -c 'write -P 7 64k 4k' disk.qed
doc-ref: 'QEMU docs/interop/qed_spec.txt, block/qed.c, block/qed.h'
seq:
  - id: magic
    contents: [0x51, 0x45, 0x44, 0x00]
  - id: len_cluster
    -orig-id: cluster_size
    type: u4
  - id: num_table_clusters
    -orig-id: table_size
    type: u4
    doc: Size of the L1 table and of each L2 table, in clusters.
  - id: num_header_clusters
    -orig-id: header_size
    type: u4
  - id: features
    type: u8
    doc: |
      Bit 0: there is a backing file; bit 1: the tables may be inconsistent
      and want a check; bit 2: the backing file is raw.
  - id: compatible_features
    -orig-id: compat_features
    type: u8
  - id: autoclear_features
    type: u8
  - id: ofs_l1_table
    -orig-id: l1_table_offset
    type: u8
  - id: len_disk
    -orig-id: image_size
    type: u8
  - id: ofs_backing_file
    -orig-id: backing_filename_offset
    type: u4
    doc: From the file's begin; within the header's clusters.
  - id: len_backing_file
    -orig-id: backing_filename_size
    type: u4
types:
  file_name:
    -export: structure
    doc: A name that fills its space, without a terminator.
    seq:
      - id: value
        size-eos: true
        type: str
        encoding: UTF-8
