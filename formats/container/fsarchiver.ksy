meta:
  id: fsarchiver
  title: an archive of filesystems, of fsarchiver
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      run `fsarchiver restfs FILE id=0,dest=DEVICE` and read the device
    probe:
      - {all: [{at: 0, magic: FsA0}, {at: 8, magic: [0xff, 0xff]}]}
    size: 10
doc: |
  The files of filesystems, with what is needed to make the filesystems again.

  ### Making a test image

      fsarchiver savedir image.fsa DIRECTORY
doc-ref: 'fsarchiver src/fsarchiver.h: FSA_MAGIC_VOLH; src/writebuf.c: writebuf_add_header'
seq:
  - id: magic
    -orig-id: FSA_MAGIC_VOLH
    contents: FsA0
  - id: archive
    -orig-id: archid
    type: u4
  - id: filesystem
    -orig-id: fsid
    contents: [0xff, 0xff]
