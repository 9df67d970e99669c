// Runs of equal records, told by comparing stretches of bytes: the same as one record compared after the other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qcow2TableEntryRecords } from '../../generated/container/qcow2.js';
import { random } from '../random.js';

function naive(bytes: Uint8Array, stride: number, index: number, end: number): number {
  const record = (i: number) => Buffer.from(bytes.subarray(i * stride, (i + 1) * stride));
  let next = index + 1;
  while (next < end && record(next).equals(record(index))) next++;
  return next - index;
}

test('sameFrom counts equal records up to the end that was given', () => {
  const next = random('records');
  for (let round = 0; round < 300; round++) {
    const count = 1 + next(400);
    const stride = next(2) === 0 ? 8 : 16;
    const bytes = new Uint8Array(count * stride);
    for (let changes = next(4); changes > 0; changes--) bytes[next(bytes.length)] = 1 + next(255);
    const entries = qcow2TableEntryRecords(bytes, stride);
    for (let i = 0; i < 20; i++) {
      const index = next(count);
      const end = index + 1 + next(count - index);
      assert.equal(entries.sameFrom(index, end), naive(bytes, stride, index, end));
    }
  }
});
