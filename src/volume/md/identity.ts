// What a member says of itself, whether or not its array is read: no checksum is looked at, as blkid looks at none.
// References: util-linux libblkid/src/superblocks/linux_raid.c.
import {
  type GuestMdIdentity0,
  parseMdIdentity0,
  parseMdIdentity1,
} from '../../../generated/volume/md.js';
import { type ByteOrder, type GuestClaims, guestClaims } from '../../kaitai/index.js';
import { MD_TYPE, type MdPlace } from './places.js';

/** As far as an identity goes, whatever the version. */
export const IDENTITY_BYTES = 64;

/** @throws FormatError where the bytes are none of this version. */
export function readIdentity(
  version: MdPlace['version'],
  bytes: Uint8Array,
  order: ByteOrder | undefined,
): GuestClaims {
  if (version === '0.90') {
    const littleEndian = order === 'be' ? Buffer.from(bytes).swap32() : bytes;
    const identity = parseMdIdentity0(littleEndian);
    const uuid = uuid0Of(identity);
    return { ...guestClaims({ type: MD_TYPE }), version: identity.version, uuid };
  }
  const { name, uuid } = parseMdIdentity1(bytes);
  return { ...guestClaims({ type: MD_TYPE, version }), label: name, uuid };
}

/** Of metadata 0.90: it is stored as four numbers of the machine's byte order, and blkid and mdadm show their digits. */
export function uuid0Of({ uuid0, uuid1 }: GuestMdIdentity0): Uint8Array {
  return Buffer.concat([uuid0, uuid1]).swap32();
}
