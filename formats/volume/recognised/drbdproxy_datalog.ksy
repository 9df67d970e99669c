meta:
  id: drbdproxy_datalog
  title: Data log of DRBD Proxy
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: DRBDdlh*}
    size: 32
    name: drbdproxy_datalog
    uuid: uuid
    version: "'v' + version.to_s"
doc: |
  What a proxy has not sent yet to another machine.
doc-ref: 'util-linux libblkid/src/superblocks/drbdproxy_datalog.c'
seq:
  - id: magic
    -orig-id: magic
    size: 8
  - id: version
    -orig-id: version
    type: u8
  - id: uuid
    -orig-id: uuid
    size: 16
