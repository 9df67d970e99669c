meta:
  id: qcow2
  title: QEMU copy-on-write disk image, versions 2 and 3
  file-extension: qcow2
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 0, magic: [0x51, 0x46, 0x49, 0xfb]}
    offset: 0
    size: 72
doc: |
  A disk image that stores only the clusters that were written. An L1 table
  points to L2 tables, whose entries say for each cluster of the disk where its
  bytes are: in this file, compressed in this file, in the backing file, or
  nowhere because they are zeros.

  ### Making a test image

      qemu-img create -f qcow2 -o cluster_size=64k disk.qcow2 1G
      qemu-io -c 'write -P 7 64k 4k' disk.qcow2
doc-ref:
  - https://www.qemu.org/docs/master/interop/qcow2.html
  - 'QEMU docs/interop/qcow2.rst, block/qcow2.c, block/qcow2.h'
seq:
  - id: magic
    contents: [0x51, 0x46, 0x49, 0xfb]
  - id: version
    type: u4
    doc: 1 is the older format qcow, whose header goes on otherwise.
  - id: ofs_backing_file
    -orig-id: backing_file_offset
    type: u8
    doc: Where the name of the backing file is in this file; 0 if there is none.
  - id: len_backing_file
    -orig-id: backing_file_size
    type: u4
    doc: Undefined without a backing file.
  - id: cluster_bits
    type: u4
    doc: A cluster has two to the power of this bytes.
  - id: len_disk
    -orig-id: size
    type: u8
  - id: crypt_method
    type: u4
    enum: crypt_method
  - id: num_l1_entries
    -orig-id: l1_size
    type: u4
  - id: ofs_l1_table
    -orig-id: l1_table_offset
    type: u8
  - id: ofs_refcount_table
    -orig-id: refcount_table_offset
    type: u8
  - id: num_refcount_table_clusters
    -orig-id: refcount_table_clusters
    type: u4
  - id: num_snapshots
    -orig-id: nb_snapshots
    type: u4
  - id: ofs_snapshots
    -orig-id: snapshots_offset
    type: u8
types:
  features:
    -export: structure
    doc: Bytes 72 to 103 of the header, which version 2 does not have.
    seq:
      - id: incompatible
        -orig-id: incompatible_features
        type: u8
        doc: An image with a bit that a reader does not know must not be opened.
      - id: compatible
        -orig-id: compatible_features
        type: u8
      - id: autoclear
        -orig-id: autoclear_features
        type: u8
      - id: refcount_order
        type: u4
      - id: len_header
        -orig-id: header_length
        type: u4
  additional_fields:
    -export: structure
    doc: Bytes from 104 of the header, each there if the header is long enough.
    seq:
      - id: compression_type
        type: u1
        enum: compression_type
  extension:
    -export: structure
    doc: |
      The head of a header extension. The first follows the header; after the
      head come the data, and padding to a multiple of 8 bytes.
    seq:
      - id: code
        -orig-id: header_extension_type
        type: u4
        enum: extension_code
      - id: len_data
        type: u4
  file_name:
    -export: structure
    doc: A name that fills its space, without a terminator.
    seq:
      - id: value
        size-eos: true
        type: str
        encoding: UTF-8
  feature_name:
    -export: records
    doc: What the writer of the image calls a feature bit, for messages.
    seq:
      - id: kind
        type: u1
        doc: 0 for incompatible, 1 for compatible, 2 for autoclear features.
      - id: bit_number
        type: u1
      - id: value
        size: 46
        type: strz
        encoding: UTF-8
  encryption_header:
    -export: structure
    doc: Where the LUKS header is, which is data of a header extension.
    doc-ref: 'QEMU docs/interop/qcow2.rst "Full disk encryption header pointer"'
    seq:
      - id: ofs_header
        -orig-id: offset
        type: u8
      - id: len_header
        -orig-id: length
        type: u8
  bitmaps:
    -export: structure
    doc: |
      Where the directory of the dirty bitmaps is, which is data of a header
      extension. Only valid while the autoclear feature bit 0 is set.
    doc-ref: 'QEMU docs/interop/qcow2.rst "Bitmaps extension"'
    seq:
      - id: num_bitmaps
        -orig-id: nb_bitmaps
        type: u4
      - id: reserved
        type: u4
      - id: len_directory
        -orig-id: bitmap_directory_size
        type: u8
      - id: ofs_directory
        -orig-id: bitmap_directory_offset
        type: u8
  bitmap_directory_entry:
    -export: structure
    doc: |
      One bitmap. Extra data and the name follow, then padding to a multiple of
      8 bytes.
    seq:
      - id: ofs_table
        -orig-id: bitmap_table_offset
        type: u8
      - id: num_table_entries
        -orig-id: bitmap_table_size
        type: u4
      - id: flags
        type: u4
      - id: kind
        -orig-id: type
        type: u1
      - id: granularity_bits
        type: u1
      - id: len_name
        -orig-id: name_size
        type: u2
      - id: len_extra
        -orig-id: extra_data_size
        type: u4
  snapshot:
    -export: structure
    doc: |
      One entry of the snapshot table. Extra data, the id and the name follow,
      then padding to a multiple of 8 bytes.
    doc-ref: 'QEMU docs/interop/qcow2.rst "Snapshots"'
    seq:
      - id: ofs_l1_table
        -orig-id: l1_table_offset
        type: u8
      - id: num_l1_entries
        -orig-id: l1_size
        type: u4
      - id: len_id
        -orig-id: id_str_size
        type: u2
      - id: len_name
        -orig-id: name_size
        type: u2
      - id: date_seconds
        -orig-id: date_sec
        type: u4
      - id: date_nanoseconds
        -orig-id: date_nsec
        type: u4
      - id: vm_clock_nanoseconds
        -orig-id: vm_clock_nsec
        type: u8
      - id: len_vm_state
        -orig-id: vm_state_size
        type: u4
        doc: The lower half; extra data have all of it.
      - id: len_extra
        -orig-id: extra_data_size
        type: u4
  snapshot_extra:
    -export: structure
    doc: Extra data of a snapshot; version 3 always has these, version 2 may.
    seq:
      - id: len_vm_state
        -orig-id: vm_state_size_large
        type: u8
      - id: len_disk
        -orig-id: disk_size
        type: u8
        doc: Of the disk when the snapshot was made.
  table_entry:
    -export: records
    doc: |
      Where an L2 table, a cluster or a refcount block is: an entry of an L1
      table, an L2 table or the refcount table. Above are the flags of
      entry_flag and 6 reserved bits, below them 47 bits of the offset in units
      of 512 bytes, 0 if there is none; then reserved bits, and the flag of
      entry_low_flag. It is read in halves, for tables have millions of entries,
      and a number of 47 bits is slow.

      With entry_flag::compressed the lowest 62 - (cluster_bits - 8) bits are
      the offset of the stream in bytes, and those above, up to the flags, the
      number of 512-byte sectors that it goes on into.
    doc-ref: QEMU docs/interop/qcow2.rst "Cluster mapping"
    seq:
      - id: high
        type: u4
      - id: low
        type: u4
  l2_extended_entry:
    -export: records
    doc: |
      Where a cluster is, and what each of its 32 subclusters is. Compressed
      clusters have no subclusters.
    doc-ref: QEMU docs/interop/qcow2.rst "Extended L2 Entries"
    seq:
      - id: high
        type: u4
        doc: As in table_entry.
      - id: low
        type: u4
      - id: zero_subclusters
        type: u4
        doc: Bit i says that subcluster i reads as zeros.
      - id: allocated_subclusters
        type: u4
        doc: Bit i says that subcluster i is in the cluster.
enums:
  crypt_method:
    0: none
    1: aes
    2: luks
  compression_type:
    0: deflate
    1: zstd
  extension_code:
    0x00000000: end
    0x6803f857: feature_names
    0x44415441: data_file_name
    0xe2792aca: backing_format
    0x23852875: bitmaps
    0x0537be77: encryption_header
  entry_flag:
    0x80000000:
      id: copied
      -orig-id: QCOW_OFLAG_COPIED
      doc: |
        With an external data file, whose first cluster is at 0, this says that
        an offset of 0 is one.
    0x40000000:
      id: compressed
      -orig-id: QCOW_OFLAG_COMPRESSED
  entry_low_flag:
    1:
      id: zero
      -orig-id: QCOW_OFLAG_ZERO
      doc: The cluster reads as zeros. Reserved in extended entries.
