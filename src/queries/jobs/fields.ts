// Numbers among the fields that libvirt gives by name.
import type { Fields } from '../../guests/libvirt/job-protocol.js';

/** A field that is a number; null: it is not there. */
export function bytes(fields: Fields, name: string): number | null {
  const value = fields[name];
  if (typeof value === 'bigint') return exact(value);
  return typeof value === 'number' ? value : null;
}

/** No disk has as many bytes as no number can count. */
export function exact(value: bigint): number {
  return Number(value);
}
