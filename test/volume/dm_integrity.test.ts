// dm-integrity: what each volume holds is what the kernel read of it, also what is in its journal alone.
// References: scripts/images/layers.py (integrity), which recorded the kernel's SHA-256 of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writtenChanges } from '../../src/bytes/changes.js';
import { overlay } from '../../src/bytes/overlay.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { VirtDfError } from '../../src/errors.js';
import { dmIntegrity } from '../../src/volume/dm_integrity.js';
import { gpt } from '../../src/volume/gpt.js';
import type { MemberDevice } from '../../src/volume/volume.js';
import { bytesOf } from './support/outcome.js';
import { assertRecorded, recordedDisks } from './support/recorded.js';

async function members(): Promise<readonly MemberDevice[]> {
  const [disk] = await recordedDisks('integrity');
  assert.ok(disk);
  const { partitions } = await gpt.open(disk.source);
  return partitions.flatMap(({ number, source }) =>
    source instanceof VirtDfError ? [] : [{ device: `/dev/sda${number}`, source }],
  );
}

test('the data are read without the tags between them, and what is in a journal from there', async () => {
  const { volumes, problems } = await dmIntegrity.join(await members());
  assert.deepEqual(problems, []);
  await assertRecorded('integrity', volumes);
});

const SECTORS = 8;

/** As it is when the volume was made smaller while its journal had blocks of the part that is gone. */
function smaller(device: ByteSource): ByteSource {
  const content = Buffer.alloc(8);
  content.writeBigUInt64LE(BigInt(SECTORS));
  return overlay(device, writtenChanges([{ offsetBytes: 16, lengthBytes: 8, content }]));
}

test('what a journal has of sectors behind the end is passed over', async () => {
  const cut = (await members()).map(({ device, source }) => ({ device, source: smaller(source) }));
  for (const { source } of (await dmIntegrity.join(cut)).volumes) {
    assert.equal(bytesOf(source)?.sizeBytes, SECTORS * 512);
  }
});
