meta:
  id: android_boot
  title: a boot image of Android
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: other
    understood: detected
    opened-by: >-
      run `unpack_bootimg --boot_img` (of mkbootimg) on it
    probe:
      - {at: 0, magic: "ANDROID!"}
      - {at: 0, magic: VNDRBOOT}
    size: 48
    name: android_boot
doc: |
  A kernel and a ramdisk that a phone's boot loader loads.

  ### Making a test image

      mkbootimg --kernel kernel --ramdisk ramdisk -o boot.img
doc-ref:
  - 'https://source.android.com/docs/core/architecture/bootloader/boot-image-header'
  - 'AOSP system/tools/mkbootimg/include/bootimg/bootimg.h'
seq:
  - id: magic
    -orig-id: magic
    size: 8
