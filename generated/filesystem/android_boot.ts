// Generated from formats/filesystem/android_boot.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestAndroidBoot = Guest<AndroidBoot>;

/** `android_boot` from its bytes. @throws FormatError when they are none. */
export function parseAndroidBoot(bytes: Uint8Array): GuestAndroidBoot {
  return guest(new AndroidBoot(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new AndroidBoot(new SafeStream(bytes));
  return guestClaims({
    type: 'android_boot',
  });
}

/**
 * A kernel and a ramdisk that a phone's boot loader loads.
 *
 * ### Making a test image
 *
 *     mkbootimg --kernel kernel --ramdisk ramdisk -o boot.img
 * @see https://source.android.com/docs/core/architecture/bootloader/boot-image-header
 * @see AOSP system/tools/mkbootimg/include/bootimg/bootimg.h
 */
class AndroidBoot {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'AndroidBoot.magic');
  }
}
