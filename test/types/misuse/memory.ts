// A guest's number neither indexes nor allocates nor bounds a loop.
import { guest } from './values.js';

const table = [1, 2, 3];
const bytes = new Uint8Array(16);

// @ts-expect-error index
export const indexed = table[guest.count];
// @ts-expect-error index of bytes
export const indexedBytes = bytes[guest.count];
// @ts-expect-error at
export const at = table.at(guest.count);
// @ts-expect-error slice
export const slice = bytes.subarray(guest.count);
// @ts-expect-error typed array
export const allocated = new Uint8Array(guest.count);
// @ts-expect-error Buffer
export const buffer = Buffer.alloc(guest.count);
// @ts-expect-error array
export const array: unknown[] = new Array(guest.count);
// @ts-expect-error Array without new
export const arrayCalled: unknown[] = Array(guest.count);
// @ts-expect-error length of an array
export const filled = Array.from({ length: guest.count });
// @ts-expect-error repetition
export const repeated = 'x'.repeat(guest.count);
// @ts-expect-error padding
export const padded = 'x'.padEnd(guest.count);
// @ts-expect-error loop bound
for (let i = 0; i < guest.count; i++) bytes[0] = 1;
// @ts-expect-error loop bound of a bigint
for (let i = 0n; i < guest.size; i++) bytes[0] = 1;
// @ts-expect-error loop start
for (let i: number = guest.count; i < 5; i++) bytes[0] = 1;
// @ts-expect-error counting down
while (guest.count > 0) bytes[0] = 1;
// @ts-expect-error reading a view
export const viewed = new DataView(bytes.buffer).getUint8(guest.count);
// @ts-expect-error time
export const timer = setTimeout(() => undefined, guest.count);
