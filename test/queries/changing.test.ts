// A disk that never holds still and looks empty while it is read: no row can say so, and a problem does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import { imageGuest } from '../../src/guests/images.js';
import { ask } from '../../src/queries/ask.js';
import { df } from '../../src/queries/df.js';

const folder = mkdtempSync(join(tmpdir(), 'virt-df-changing-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a disk that changes each time and looks empty is no disk without filesystems', async () => {
  const path = join(folder, 'disk.raw');
  const query = df('guest');
  /** Empty when it is read, and something else when it is looked at again. */
  const read: typeof query.read = async (found, stack) => {
    writeFileSync(path, Buffer.alloc(1024 * 1024));
    await query.read(found, stack);
    writeFileSync(path, Buffer.alloc(1024 * 1024, 1));
  };
  writeFileSync(path, Buffer.alloc(1024 * 1024));
  const guest = imageGuest([path], 'raw');
  const options = { filesystems, timeoutSeconds: null };
  assert.deepEqual((await ask(guest, query, options)).problems, []);
  const report = await ask(guest, { ...query, read }, options);
  assert.deepEqual(report.filesystems, []);
  assert.deepEqual(
    report.problems.map(({ device, code }) => [device, code]),
    [['/dev/sda', 'CHANGING']],
  );
});
