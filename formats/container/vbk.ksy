meta:
  id: vbk
  title: a backup of Veeam (VBK, VIB)
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    holds-disk: true
    opened-by: >-
      restore it with Veeam, or run its `extract` utility, and read the disks that it gives
    probe:
      - {at: 4, magic: [1, 0, 0, 0, 3, 0, 0, 0, md5, 0]}
      - {at: 4, magic: [1, 0, 0, 0, 6, 0, 0, 0, sha256, 0]}
    size: 272
doc: |
  Blocks of files that were backed up, each stored once, and two slots with trees
  of pages that say where they are.
doc-ref: 'dissect.hypervisor dissect/hypervisor/backup/c_vbk.py: struct StorageHeader'
seq:
  - id: version
    -orig-id: FormatVersion
    type: u4
    valid: {min: 1, max: 255}
  - id: is_initialized
    -orig-id: Initialized
    type: u4
    valid: 1
  - id: len_digest_name
    -orig-id: DigestTypeLength
    type: u4
    valid: {min: 3, max: 250}
  - id: digest_name
    -orig-id: DigestType
    size: 251
    type: strz
  - id: slot_format
    -orig-id: SnapshotSlotFormat
    type: u4
    valid: {max: 255}
