// A guest that reads the same bytes again and again, all of which are held, lets the other guests of its process run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { MIB } from '../../src/limits.js';
import { missing } from '../tools.js';

const DISK = Buffer.alloc(MIB, 'a');
const kinds = {
  raw: { skip: false, make: () => DISK },
  'raw.gz': { skip: false, make: () => gzipSync(DISK) },
  'raw.zst': {
    skip: missing({ zstd: 'zstd' }),
    make: () => execFileSync('zstd', ['-q', '-c'], { input: DISK }),
  },
};

for (const [name, { skip, make }] of Object.entries(kinds)) {
  test(`a reader of held bytes lets others run: ${name}`, { skip }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'virt-df-turns-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, `disk.${name}`);
    await writeFile(path, make());
    const scope = openScope({ deadlineMs: Date.now() + 3000 });
    t.after(() => scope.close());
    const { content } = await openDisk(path, { scope, format: 'auto' });
    let isOther = false;
    setTimeout(() => {
      isOther = true;
    }, 1);
    // Otherwise until the guest's time is up.
    while (!isOther) assert.equal((await content.read(512, 512)).length, 512);
  });
}
