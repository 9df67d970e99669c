// Generated from formats/container/libvirt_save.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestLibvirtSave = Guest<LibvirtSave>;

/** `libvirt_save` from its bytes. @throws FormatError when they are none. */
export function parseLibvirtSave(bytes: Uint8Array): GuestLibvirtSave {
  return guest(new LibvirtSave(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new LibvirtSave(new SafeStream(bytes));
  return guestClaims({
    type: 'libvirt_save',
  });
}

/**
 * The domain's XML and its memory.
 *
 * ### Making a test image
 *
 *     virsh save DOMAIN FILE
 * @see libvirt src/qemu/qemu_saveimage.h: QEMU_SAVE_MAGIC
 */
class LibvirtSave {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(16, 'LibvirtSave.magic');
    this.version = io.readU4le('LibvirtSave.version');
  }
}
