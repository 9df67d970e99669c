// dm-integrity: what each volume holds is what the kernel read of it, also what is in its journal alone.
// References: scripts/images/layers.py (integrity), which recorded the kernel's SHA-256 of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { dmIntegrity } from '../../src/volume/dm_integrity.js';
import { gpt } from '../../src/volume/gpt.js';
import { assertRecorded, recordedDisks } from './support/recorded.js';

test('the data are read without the tags between them, and what is in a journal from there', async () => {
  const [disk] = await recordedDisks('integrity');
  assert.ok(disk);
  const { partitions } = await gpt.open(disk.source);
  const members = partitions.flatMap(({ number, source }) =>
    source instanceof VirtDfError ? [] : [{ device: `/dev/sda${number}`, source }],
  );
  const { volumes, problems } = await dmIntegrity.join(members);
  assert.deepEqual(problems, []);
  await assertRecorded('integrity', volumes);
});
