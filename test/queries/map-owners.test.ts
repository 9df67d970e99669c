// The owners of single bytes, as the format itself tells them (XFS's reverse map, btrfs's back references), beside a walk over all
// files, which is not made then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { btrfs } from '../../src/filesystem/btrfs.js';
import type { FileReader } from '../../src/filesystem/files.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { MIB } from '../../src/limits.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { noDoubts } from '../../src/queries/files/doubts.js';
import { claimsIn } from '../../src/queries/map/owned.js';
import { claimsOf } from '../../src/queries/map/owners.js';
import { merged, type Ranges } from '../../src/queries/map/ranges.js';
import { accountOf } from '../filesystem/files/account.js';
import { withFilesystems } from '../filesystem/files/images.js';

const CASES = [
  ['xfs-rmapbt', xfs],
  ['xfs-1k-rmapbt', xfs],
  ['btrfs-files', btrfs],
  ['btrfs-files-raid10', btrfs],
  ['btrfs-snapshots', btrfs],
] as const;
/** Of each image. */
const MAX_ASKED = 24;
const PART_BYTES = 2 ** 16;

async function ask(reader: FileReader, wanted: readonly Ranges[]) {
  const memory = memoryOf(64 * MIB);
  const work = { memory, doubts: noDoubts(), endBytes: null, onFiles: () => {} };
  return [...claimsIn(await claimsOf(reader, wanted, work))];
}

for (const [name, format] of CASES) {
  test(`${name}: the owners that a walk finds, without it`, () =>
    withFilesystems(name, format, async ({ filesystem }) => {
      const reader = await filesystem.files?.({ onDoubt: ({ error }) => assert.fail(error) });
      assert.ok(reader);
      const owned = (await accountOf(reader)).owned.filter(({ owner }) => owner.includes('/'));
      const step = Math.ceil(owned.length / MAX_ASKED);
      const asked = owned.filter((_, i) => i % step === 0);
      assert.ok(asked.length > 1);
      const wanted = reader.volumes.map((_, volume) =>
        merged(
          asked
            .filter(({ volumeIndex }) => volumeIndex === volume)
            .map(({ end }) => ({ offsetBytes: end - 1, lengthBytes: 1 })),
        ),
      );
      const { ownersOf: _, ...walking } = reader;
      const files = () => assert.fail('all files are gone through');
      assert.deepEqual(await ask({ ...reader, files }, wanted), await ask(walking, wanted));
    }));
}

test('leaves that refer to an extent are searched through, but not thousands of them', () =>
  withFilesystems('btrfs-half-raid1', btrfs, async ({ filesystem }) => {
    const reader = await filesystem.files?.({ onDoubt: ({ error }) => assert.fail(error) });
    const { sizeBytes: lengthBytes = 0 } = reader?.volumes[0] ?? {};
    const all = { volumeIndex: 0, offsetBytes: 0, lengthBytes };
    const owners = await reader?.ownersOf?.([all]);
    assert.ok(owners && owners.length > 1);
    // An extent's references are followed for each part of it that is asked about.
    const parts = Array.from({ length: Math.floor(lengthBytes / PART_BYTES) }, (_, i) => ({
      ...all,
      offsetBytes: i * PART_BYTES,
      lengthBytes: PART_BYTES,
    }));
    assert.equal(await reader?.ownersOf?.(parts), null);
  }));
