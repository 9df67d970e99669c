// What the slices of Solaris and SunOS are for.
// References: illumos usr/src/uts/common/sys/vtoc.h (V_BOOT to V_RESERVED).
import type { Partition } from '../volume.js';

const WHOLE = 5;
/** Swap, alternate sectors, the cache of a filesystem, the private and public part of a volume manager, reserved. */
const RESERVED: ReadonlySet<number> = new Set([3, 9, 10, 11]);
/** The first cylinder of a disk of x86, with its boot program. */
const BOOT = 1;

export function vtocRole(tag: number): Partition['role'] {
  if (tag === WHOLE) return 'whole';
  return RESERVED.has(tag) || tag === BOOT ? 'reserved' : 'data';
}
