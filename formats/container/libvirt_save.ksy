meta:
  id: libvirt_save
  title: the saved state of a domain of libvirt
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: container
    understood: detected
    opened-by: >-
      it holds memory and no disk; `virsh save-image-dumpxml FILE` names the disks
    probe:
      - {at: 0, magic: LibvirtQemudSave}
      - {at: 0, magic: LibvirtQemudPart}
    size: 20
doc: |
  The domain's XML and its memory.

  ### Making a test image

      virsh save DOMAIN FILE
doc-ref: 'libvirt src/qemu/qemu_saveimage.h: QEMU_SAVE_MAGIC'
seq:
  - id: magic
    size: 16
  - id: version
    type: u4
