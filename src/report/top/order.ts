// The guests of `virt-df top` in an order, and the numbers that they are ordered by.
import type {
  DiskCounters,
  NetCounters,
  TopFilesystem,
  TopGuest,
} from '../../queries/top/record.js';
import { naturalOrder } from '../natural-order.js';

export const ORDERS = [
  'cpu',
  'memory',
  'read',
  'write',
  'received',
  'sent',
  'full',
  'time',
  'name',
] as const;

export type Order = (typeof ORDERS)[number];

/** The largest first, or by name; unknown last. */
export function ordered(guests: readonly TopGuest[], order: Order): readonly TopGuest[] {
  const byName = (a: TopGuest, b: TopGuest) => naturalOrder(a.guest, b.guest);
  if (order === 'name') return [...guests].sort(byName);
  const value = VALUES[order];
  return [...guests].sort((a, b) => (value(b) ?? -1) - (value(a) ?? -1) || byName(a, b));
}

const VALUES: Readonly<Record<Exclude<Order, 'name'>, (guest: TopGuest) => number | null>> = {
  cpu: ({ cpuPercent }) => cpuPercent,
  memory: ({ memoryBytes }) => memoryBytes,
  read: ({ disks }) => sumOf(disks, 'readBytes'),
  write: ({ disks }) => sumOf(disks, 'writeBytes'),
  received: ({ nets }) => sumOf(nets, 'receivedBytes'),
  sent: ({ nets }) => sumOf(nets, 'sentBytes'),
  full: (guest) => fullest(guest)?.usePercent ?? null,
  time: ({ cpuSeconds }) => cpuSeconds,
};

/** null: none of them is known. */
export function sumOf<T extends DiskCounters | NetCounters>(
  all: readonly T[],
  name: { [K in keyof T]: T[K] extends number | null ? K : never }[keyof T],
): number | null {
  const known = all.map((one) => one[name]).filter((one) => typeof one === 'number');
  return known.length === 0 ? null : known.reduce<number>((sum, one) => sum + Number(one), 0);
}

export function fullest({ filesystems }: TopGuest): TopFilesystem | null {
  return filesystems?.[0] ?? null;
}
