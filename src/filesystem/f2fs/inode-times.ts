// The times of an inode.
// References: Linux 6.1 fs/f2fs/inode.c: do_read_inode; fs/f2fs/file.c: f2fs_getattr.
import type {
  GuestF2fsExtraAttributes,
  GuestF2fsInode,
} from '../../../generated/filesystem/f2fs.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { u32, u64 } from '../../validation/guest.js';
import type { FileStat } from '../files.js';
import type { Superblock } from './superblock.js';

/** Extra bytes up to the end of the time of birth. */
const WITH_BIRTH = 24;
const NS_PER_SECOND = 1_000_000_000n;

export type InodeTimes = Pick<FileStat, 'accessedNs' | 'modifiedNs' | 'changedNs' | 'createdNs'>;

export function inodeTimes(
  { features }: Superblock,
  guest: GuestF2fsInode,
  extra: GuestF2fsExtraAttributes,
  extraBytes: number,
): InodeTimes {
  const hasBirth = features.hasBirthTime && extraBytes >= WITH_BIRTH;
  return {
    accessedNs: nanoseconds(guest.accessed, guest.accessedNs),
    modifiedNs: nanoseconds(guest.modified, guest.modifiedNs),
    changedNs: nanoseconds(guest.changed, guest.changedNs),
    createdNs: hasBirth ? nanoseconds(extra.created, extra.createdNs) : null,
  };
}

/** The seconds have a sign. */
function nanoseconds(seconds: GuestInteger, rest: GuestInteger): bigint {
  return BigInt.asIntN(64, u64(seconds)) * NS_PER_SECOND + BigInt(u32(rest));
}
