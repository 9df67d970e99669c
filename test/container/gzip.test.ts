// gzip: what is refused and how, how little is read, and hostile files (hostile-image class S10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { openDisks } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { random } from '../random.js';
import { missing } from '../tools.js';
import { content, inFolder, mutations, outcome, withDisks } from './wrapper-files.js';

const noBgzip = missing({ bgzip: 'tabix', dictzip: 'dictzip' });
const MIB = 1024 * 1024;

test('a file that is cut says so, whatever its last bytes are', () =>
  inFolder(async ({ path, write }) => {
    const next = random('cut');
    const whole = gzipSync(Buffer.from(Array.from({ length: 100_000 }, () => next(200))));
    for (let round = 0; round < 40; round++) {
      await write('disk.gz', whole.subarray(0, 1000 + next(whole.length - 1001)));
      assert.equal(await outcome(path('disk.gz')), 'TRUNCATED');
    }
  }));

test('bombs are read forward, whatever the last member says, and files in files are not too deep', () =>
  inFolder(async ({ path, write }) => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB), { level: 9 });
    await write('a.gz', bomb);
    assert.equal(await outcome(path('a.gz')), 'read');
    const lie = Buffer.from(bomb);
    lie.writeUInt32LE(10, lie.length - 4);
    await write('a.gz', lie);
    assert.equal(await outcome(path('a.gz')), 'BAD_CHECKSUM');
    await write('a.gz', Buffer.concat([bomb, gzipSync(Buffer.alloc(9))]));
    assert.equal(await outcome(path('a.gz')), 'read');
    let nested: Uint8Array = Buffer.alloc(4096, 'disk');
    const outcomes: string[] = [];
    for (let depth = 1; depth <= 6; depth++) {
      nested = gzipSync(nested);
      await write('a.gz', nested);
      outcomes.push(await outcome(path('a.gz')));
    }
    assert.deepEqual(outcomes, ['read', 'read', 'read', 'read', 'LIMIT', 'LIMIT']);
  }));

/** What lies in buffers after all that nothing holds was let go. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc === 'function') gc();
  return process.memoryUsage().arrayBuffers;
}

test(
  'many compressed disks of one archive do not lie in memory together',
  {
    skip: missing({ tar: 'tar' }),
  },
  () =>
    inFolder(async ({ path, write, shell }) => {
      const disk = gzipSync(Buffer.alloc(48 * MIB));
      for (let i = 0; i < 10; i++) await write(`disk${i}.raw.gz`, disk);
      await shell('tar -cf a.ova *.gz');
      const before = heldBytes();
      await withDisks(path('a.ova'), async (disks) => {
        assert.equal(disks.length, 10);
        for (const { content: one } of disks) await one.read(40 * MIB, 512);
        assert.ok(heldBytes() - before < 200 * MIB, `${heldBytes() - before} bytes`);
      });
    }),
);

/** A member of BGZF with a size of its own content and of itself as given. */
function member(data: Uint8Array, fields: { size?: number; isize?: number; crc?: number } = {}) {
  const stream = deflateRawSync(data);
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 0, 0]);
  head.writeUInt16LE((fields.size ?? head.length + stream.length + 8) - 1, 16);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(fields.crc ?? crc32(data), 0);
  tail.writeUInt32LE(fields.isize ?? data.length, 4);
  return Buffer.concat([head, stream, tail]);
}

test('members of BGZF that lie', () =>
  inFolder(async ({ path, write }) => {
    const data = Buffer.alloc(5000, 'data');
    const of = async (...members: readonly Uint8Array[]): Promise<string> => {
      await write('a.gz', Buffer.concat(members));
      return outcome(path('a.gz'));
    };
    const good = member(data);
    assert.equal(await of(good, good), 'read');
    assert.equal(await of(good, member(data, { isize: 4999 })), 'INVALID');
    assert.equal(await of(good, member(data, { isize: 5001 })), 'INVALID');
    assert.equal(await of(good, member(data, { isize: 2 ** 32 - 1 })), 'OUT_OF_BOUNDS');
    assert.equal(await of(good, member(data, { crc: 1 })), 'BAD_CHECKSUM');
    assert.equal(await of(good, member(data, { size: 10 })), 'OUT_OF_BOUNDS');
    assert.equal(await of(good, member(data, { size: 60_000 })), 'OUT_OF_BOUNDS');
    assert.equal(await of(good, gzipSync(data)), 'UNSUPPORTED_FORMAT');
    assert.equal(await of(good, good.subarray(0, 9)), 'TRUNCATED');
  }));

test('a read of a few bytes takes a few blocks', { skip: noBgzip }, () =>
  inFolder(async ({ path, write, shell }) => {
    const disk = content(8 * MIB, random('blocks'));
    await write('disk', disk);
    await shell('bgzip -k disk; dictzip -k disk');
    for (const name of ['disk.gz', 'disk.dz']) {
      const scope = openScope();
      const [only] = await openDisks(path(name), { format: 'auto', scope });
      const before = scope.statistics.bytesRead;
      for (let i = 0; i < 10; i++) {
        const bytes = await only?.content.read(5 * MIB + i, 100);
        assert.ok(bytes !== undefined);
        assert.equal(Buffer.compare(bytes, disk.subarray(5 * MIB + i, 5 * MIB + i + 100)), 0);
      }
      assert.ok(scope.statistics.bytesRead - before < 256 * 1024);
      await scope.close();
    }
  }),
);

test('bytes changed at random give errors with codes, or content', { skip: noBgzip }, () =>
  inFolder(async ({ path, write, shell }) => {
    const next = random('gzip mutations');
    await write('disk', content(300_000, next));
    await shell('bgzip -k disk; dictzip -k disk; gzip -k -c disk > plain.gz');
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    const outcomes = new Set<string>();
    for (const name of ['disk.gz', 'disk.dz', 'plain.gz']) {
      for (const bytes of mutations(await readFile(path(name)), 100, next)) {
        await write('changed', bytes);
        outcomes.add(await outcome(path('changed')));
      }
    }
    assert.ok(outcomes.has('read') && outcomes.has('INVALID'), [...outcomes].join(', '));
  }),
);
