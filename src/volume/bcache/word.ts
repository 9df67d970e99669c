// A word of bcache's blocks as it is: a key has flags and numbers in all of its bits.
// Reference: Linux drivers/md/bcache/bcache_ondisk.h: KEY_FIELD, PTR_FIELD.
import type { GuestBcacheWord } from '../../../generated/volume/bcache.js';
import { u64 } from '../../validation/guest.js';

export function wordOf(value: GuestBcacheWord['value']): bigint {
  return u64(value);
}
