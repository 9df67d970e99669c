meta:
  id: btrfs_send
  title: a stream of `btrfs send`
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `btrfs receive`, and read the filesystem
    probe:
      - {at: 0, magic: [btrfs-stream, 0]}
    size: 17
doc: |
  The commands that make a subvolume again.
doc-ref: 'Linux fs/btrfs/send.h: struct btrfs_stream_header'
seq:
  - id: magic
    contents: [btrfs-stream, 0]
  - id: version
    type: u4
    valid: {min: 1, max: 16}
