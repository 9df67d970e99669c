// Structures of guests are read by the parsers that their specifications give. Where a file of a format reads or writes
// bytes by hand, the reason stands here.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const RAW =
  /\bDataView\b|\.(?!readInto\()(?:read|write)(?:Big)?U?Int\d*\w*\(|\.[gs]et(?:Big)?(?:Ui|I)nt\d+\(/u;

const TABLES =
  'tables of millions of entries, of which runs are sought: a record for each would cost several times as much';
const ARITHMETIC = 'no structure: arithmetic on words';
const FROM_OURS = 'no structure: a number of ours as the bytes that a checksum or cipher takes';

/** Each file with its reason. Before another comes in: can its specification say it? */
const REASONS: Readonly<Record<string, string>> = {
  'src/container/tables/two-levels.ts': TABLES,
  'src/container/qcow2/refcounts.ts': `${TABLES}; their entries have 1 to 64 bits, as the header says`,
  'src/container/cipher/sector.ts': ARITHMETIC,
  'src/container/cipher/vector.ts': FROM_OURS,
  'src/container/keys/stretch.ts': `${ARITHMETIC}: SHA-256`,
  'src/container/luks/stripes.ts': FROM_OURS,
  'src/container/xz/streams.ts': FROM_OURS,
  'src/filesystem/attributes.ts':
    'no structure of a disk: a list of access rights as getxattr(2) gives it is made',
  'src/filesystem/btrfs/checksum.ts': FROM_OURS,
  'src/filesystem/ext/checksum.ts': FROM_OURS,
  'src/filesystem/ext/jbd2/overlay.ts': FROM_OURS,
  'src/filesystem/xfs/stamps.ts': 'no structure: four letters of a magic as the number that it is',
  'src/volume/bitlocker/content.ts':
    'no structure: a number in the boot sector that Vista changed is put back',
  'src/volume/md/superblock.ts': `${ARITHMETIC}: the checksum of MD is the sum of them`,
};

test('raw reads and writes in the layers of formats have their reasons', () => {
  const found = ['container', 'volume', 'filesystem', 'declarative', 'stack']
    .flatMap((layer) =>
      readdirSync(join('src', layer), { recursive: true }).map((name) =>
        join('src', layer, String(name)),
      ),
    )
    .filter((path) => path.endsWith('.ts') && RAW.test(readFileSync(path, 'utf8')));
  assert.deepEqual(found.sort(), Object.keys(REASONS).sort());
});
