meta:
  id: zfs_send
  title: a stream of `zfs send`
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `zfs receive`, and read the dataset
    probe:
      - {all: [{at: 0, magic: [0, 0, 0, 0]},
         {at: 8, magic: [0xac, 0xcb, 0xba, 0xf5, 2, 0, 0, 0]}]}
      - {all: [{at: 0, magic: [0, 0, 0, 0]},
         {at: 8, magic: [0, 0, 0, 2, 0xf5, 0xba, 0xcb, 0xac]}]}
    size: 16
doc: |
  The changes of a dataset, as records in the byte order of the machine that wrote
  them. The first has its kind, four zeros, its length and the magic number.
doc-ref: 'OpenZFS include/sys/zfs_ioctl.h: dmu_replay_record_t, DMU_BACKUP_MAGIC'
seq:
  - id: head
    size: 16
