meta:
  id: pbs_index
  title: an index of Proxmox Backup Server, without the chunks
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      restore the backup with `proxmox-backup-client restore`, or attach it with
      `proxmox-backup-client map`
    probe:
      - {at: 0, magic: [47, 127, 65, 237, 145, 253, 15, 205]}
    size: 4096
doc: |
  The list of the chunks of a disk (.fidx). The chunks themselves are files of the
  datastore.
doc-ref: 'proxmox-backup docs/file-formats.rst, "Fixed Index Format"'
seq:
  - id: magic
    contents: [47, 127, 65, 237, 145, 253, 15, 205]
  - id: uuid
    size: 16
  - id: created
    -orig-id: ctime
    type: u8
  - id: checksum
    -orig-id: index_csum
    size: 32
  - id: len_disk
    -orig-id: size
    type: u8
  - id: len_chunk
    -orig-id: chunk_size
    type: u8
    valid: {min: 4096, max: 0x4000000}
