// A line about what was asked of one libvirt, for whoever looks for a fault.
import { accessOfUrl, type GuestDefinition } from '../guest.js';
import type { LibvirtConnection } from './client.js';
import type { Calls } from './helper.js';

/** `qemu:///system: 6 calls in 0.31 s (open 0.21, domains 0.02, 3 xml 0.08); 4 disks by a path, 1 by nbd, 1 not` */
export function askedNote(
  where: string,
  { calls }: LibvirtConnection,
  guests: readonly Pick<GuestDefinition, 'disks'>[],
): string {
  return `${where}: ${callsNote(calls ?? new Map())}; ${disksNote(guests)}`;
}

/** `6 calls in 0.31 s (open 0.21, domains 0.02, 3 xml 0.08)` */
export function callsNote(calls: Calls): string {
  const all = [...calls];
  const count = all.reduce((sum, [, one]) => sum + one.count, 0);
  const tookMs = all.reduce((sum, [, one]) => sum + one.tookMs, 0);
  const kinds = all.map(([op, one]) => {
    return `${one.count === 1 ? '' : `${one.count} `}${op} ${seconds(one.tookMs)}`;
  });
  return `${count} calls in ${seconds(tookMs)} s (${kinds.join(', ')})`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function disksNote(guests: readonly Pick<GuestDefinition, 'disks'>[]): string {
  const counts = new Map<string, number>();
  for (const { path } of guests.flatMap(({ disks }) => disks)) {
    const by = path === null ? 'not' : `by ${accessOfUrl(path) ?? 'a path'}`;
    counts.set(by, (counts.get(by) ?? 0) + 1);
  }
  if (counts.size === 0) return 'no disks';
  const [[first, count], ...others] = [...counts] as [[string, number], ...[string, number][]];
  const disks = count === 1 ? 'disk' : 'disks';
  return [`${count} ${disks} ${first}`, ...others.map(([by, n]) => `${n} ${by}`)].join(', ');
}
