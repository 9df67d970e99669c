meta:
  id: uimage
  title: an image for U-Boot (uImage)
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds no disk; run `dumpimage -T kernel -p 0 -o part FILE` (of u-boot-tools) and read
      what it gives
    probe:
      - {at: 0, magic: [0x27, 0x05, 0x19, 0x56]}
    size: 64
doc: |
  A kernel, a ramdisk or the like behind a header.

  ### Making a test image

      mkimage -T ramdisk -d disk.raw image
doc-ref: 'U-Boot include/image.h: struct legacy_img_hdr'
seq:
  - id: magic
    -orig-id: ih_magic
    contents: [0x27, 0x05, 0x19, 0x56]
  - id: checksums
    size: 24
  - id: os
    -orig-id: ih_os
    type: u1
    valid: {max: 40}
  - id: architecture
    -orig-id: ih_arch
    type: u1
    valid: {max: 40}
  - id: kind
    -orig-id: ih_type
    type: u1
    valid: {max: 60}
  - id: compression
    -orig-id: ih_comp
    type: u1
    valid: {max: 10}
