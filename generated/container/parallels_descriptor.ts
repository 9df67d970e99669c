// Generated from formats/container/parallels_descriptor.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  guest,
  type Guest,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestParallelsDescriptor = Guest<ParallelsDescriptor>;

/** `parallels_descriptor` from its bytes. @throws FormatError when they are none. */
export function parseParallelsDescriptor(bytes: Uint8Array): GuestParallelsDescriptor {
  return guest(new ParallelsDescriptor(new SafeStream(bytes)));
}

/**
 * The file DiskDescriptor.xml in the folder of a Parallels disk. It names the
 * files that hold the disk's parts, and tells which of them are snapshots of
 * which.
 *
 * ### Making a test image
 *
 * Parallels' own programs write it, and OpenVZ's:
 *
 *     ploop init -s 64M disk.hdd
 * @see QEMU docs/interop/prl-xml.txt
 */
class ParallelsDescriptor {
  readonly _io: SafeStream;
  readonly document: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.document = decode(io.readBytesFull('ParallelsDescriptor.document'), 'UTF-8');
  }
}
