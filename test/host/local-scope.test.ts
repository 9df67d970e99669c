// Files of the host: what may be opened, what reads give and cost, and when they end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FormatError, SourceError } from '../../src/errors.js';
import { searchEnd } from '../../src/host/device-size.js';
import { openHandle } from '../../src/host/host-handle.js';
import { openScope, type ScopeOptions } from '../../src/host/local-scope.js';
import type { Scope } from '../../src/host/scope.js';
import { MAX_READ_BYTES } from '../../src/limits.js';
import { random } from '../random.js';
import { missing } from '../tools.js';

const KIB = 1024;
const bytes = randomBytes(1_000_003);
let directory = '';
let file = '';

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'virt-df-source-'));
  file = join(directory, 'file');
  await writeFile(file, bytes);
});
after(() => rm(directory, { recursive: true, force: true }));

async function withScope(work: (scope: Scope) => Promise<void>, options: ScopeOptions = {}) {
  const scope = openScope(options);
  try {
    await work(scope);
  } finally {
    await scope.close();
  }
}

const withCode = (code: string) => (error: unknown) =>
  (error instanceof SourceError || error instanceof FormatError) && error.code === code;

test('what a read gives is a plain array: a slice of it is a copy', async () => {
  await withScope(async (scope) => {
    const { read } = await scope.open(file);
    for (const length of [10, 100 * KIB]) {
      const copy = (await read(1, length)).slice(1, 3);
      assert.deepEqual([copy.byteOffset, copy.buffer.byteLength], [0, 2]);
    }
  });
});

test('reads of all sizes and places give the bytes of the file, with cold and warm pages', async () => {
  for (const cacheBytes of [0, 100 * KIB, 64 * 1024 * KIB]) {
    await withScope(
      async (scope) => {
        const { read, sizeBytes } = await scope.open(file);
        assert.equal(sizeBytes, bytes.length);
        const next = random(`reads ${cacheBytes}`);
        for (let i = 0; i < 500; i++) {
          const length = next(i % 3 === 0 ? 200_000 : 3000);
          const offset = next(sizeBytes - length + 1);
          const expected = bytes.subarray(offset, offset + length);
          assert.equal(Buffer.compare(await read(offset, length), expected), 0);
        }
        assert.deepEqual(Buffer.from(await read(sizeBytes - 1, 1)), bytes.subarray(-1));
        assert.equal((await read(sizeBytes, 0)).length, 0);
      },
      { cacheBytes },
    );
  }
});

test('small reads in a neighbourhood cost one read of the host, and pages are views', async () => {
  await withScope(async (scope) => {
    const { read } = await scope.open(file);
    for (let offset = 0; offset + 512 <= 16 * KIB; offset += 512) await read(offset, 512);
    assert.deepEqual({ ...scope.statistics }, { readCount: 1, bytesRead: 16 * KIB });
    assert.equal((await read(0, 512)).buffer, (await read(512, 512)).buffer);
    // Over two pages, one of which is there: only the other is read. Over three new ones: one read.
    await read(16 * KIB - 8, 16);
    assert.deepEqual({ ...scope.statistics }, { readCount: 2, bytesRead: 32 * KIB });
    await read(100 * KIB, 33 * KIB);
    assert.equal(scope.statistics.readCount, 3);
    // A large read is as large as it says, and does not push pages out.
    await read(300 * KIB, 500_000);
    await read(0, 512);
    assert.equal(scope.statistics.readCount, 4);
  });
});

test('what lies outside of the file, and a read that no memory should hold, is an error', async () => {
  const sparse = join(directory, 'sparse');
  await writeFile(sparse, '');
  await truncate(sparse, 2 ** 42);
  await withScope(async (scope) => {
    const { read } = await scope.open(file);
    for (const [offset, length] of [
      [-1, 1],
      [0, -1],
      [bytes.length, 1],
      [1.5, 1],
      [2 ** 53, 1],
    ]) {
      await assert.rejects(read(offset ?? 0, length ?? 0), withCode('OUT_OF_BOUNDS'));
    }
    const huge = await scope.open(sparse);
    assert.equal(huge.sizeBytes, 2 ** 42);
    assert.equal(huge.allocationBytes, 0);
    assert.equal(
      (await huge.read(2 ** 42 - 4096, 4096)).every((b) => b === 0),
      true,
    );
    await assert.rejects(huge.read(0, MAX_READ_BYTES + 1), withCode('LIMIT'));
  });
});

test('a link that takes the place of a resolved path is not followed', async () => {
  const link = join(directory, 'replaced');
  await symlink(file, link);
  await assert.rejects(openHandle({ text: link, bytes: null }), withCode('NOT_FOUND'));
  await withScope(async (scope) => assert.equal((await scope.open(link)).path, file));
});

test('a file that another takes the place of is not settled', async () => {
  const path = join(directory, 'succeeded');
  await writeFile(path, bytes);
  execFileSync('touch', ['-d', '2001-01-01', path]);
  await withScope(async (scope) => {
    const { read } = await scope.open(path);
    await read(0, 10);
    assert.equal(await scope.isSettled(false), true);
    execFileSync('cp', ['-p', path, `${path}.new`]);
    execFileSync('mv', [`${path}.new`, path]);
    assert.equal(await scope.isSettled(false), false);
  });
});

test('a file that becomes shorter is TRUNCATED, with the numbers', async () => {
  const shrinking = join(directory, 'shrinking');
  await writeFile(shrinking, bytes);
  await withScope(async (scope) => {
    const { read } = await scope.open(shrinking);
    await truncate(shrinking, 100_000);
    await assert.rejects(read(98_304, 100), (error: unknown) => {
      assert.ok(error instanceof FormatError && error.code === 'TRUNCATED');
      assert.match(error.message, /read of 16384 bytes at 98304 got only 1696/u);
      return true;
    });
  });
});

test('only regular files and block devices are opened; the message says what it is', async () => {
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const cases: [string, string, RegExp][] = [
    [directory, 'NOT_ALLOWED', /is a directory/u],
    [fifo, 'NOT_ALLOWED', /is a FIFO/u],
    ['/dev/zero', 'NOT_ALLOWED', /is a character device/u],
    [join(directory, 'none'), 'NOT_FOUND', /does not exist/u],
    [join(file, 'none'), 'NOT_FOUND', /not a directory/u],
    [join(directory, 'x'.repeat(300)), 'NOT_FOUND', /too long/u],
    ['nul\0name', 'IO', /cannot be read/u],
  ];
  await withScope(async (scope) => {
    for (const [path, code, message] of cases) {
      await assert.rejects(scope.open(path), (error: unknown) => {
        assert.ok(error instanceof SourceError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      });
    }
    assert.equal(scope.statistics.readCount, 0);
  });
});

test('the same file by two names is one file; its path is the real one', async () => {
  const link = join(directory, 'link');
  await symlink('file', link);
  await withScope(async (scope) => {
    const [direct, linked] = [await scope.open(file), await scope.open(link)];
    assert.equal(direct, linked);
    assert.equal(linked.path, file);
    assert.equal(linked.physicalBytes, bytes.length);
    assert.ok((linked.allocationBytes ?? 0) >= bytes.length);
  });
});

test('reads of pages that are cached count too', async () => {
  await withScope(
    async (scope) => {
      const { read } = await scope.open(file);
      for (let i = 0; i < 100; i++) await read(0, KIB);
      await assert.rejects(read(0, KIB), withCode('LIMIT'));
      assert.equal(scope.statistics.readCount, 1);
    },
    { maxReadBytes: 100 * KIB },
  );
});

test('a deadline ends reads of pages that are cached', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const deadlineMs = 1_000_200;
  await withScope(
    async (scope) => {
      const { read } = await scope.open(file);
      await read(0, 10);
      t.mock.timers.tick(200);
      await read(0, 10);
      t.mock.timers.tick(1);
      await assert.rejects(read(0, 10), withCode('TIMEOUT'));
    },
    { deadlineMs },
  );
});

test('a guest whose pages are all cached lets others have their turn', async () => {
  await withScope(async (scope) => {
    const source = await scope.open(file);
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    // So many reads take minutes; the first turn of another comes long before.
    for (let reads = 0; !hadTurn && reads < 50_000_000; reads++) await source.read(0, 1);
    assert.ok(hadTurn);
  });
});

test('a deadline that has passed and a budget that is spent end the reads', async () => {
  await withScope(
    async (scope) => {
      assert.throws(() => scope.check(), withCode('TIMEOUT'));
      await assert.rejects(scope.open(file), withCode('TIMEOUT'));
    },
    { deadlineMs: Date.now() - 5 },
  );
  await withScope(
    async (scope) => {
      const { read } = await scope.open(file);
      await read(0, 1);
      await read(1, 1);
      await read(100 * KIB, 1);
      await assert.rejects(read(200 * KIB, 1), withCode('LIMIT'));
      await read(0, 1); // What is in memory is no read.
    },
    { maxReadCount: 2 },
  );
  await withScope(
    async (scope) => {
      const { read } = await scope.open(file);
      await read(0, 1);
      await assert.rejects(read(100 * KIB, 1), withCode('LIMIT'));
      scope.spend(20 * KIB);
      assert.throws(() => scope.spend(20 * KIB), withCode('LIMIT'));
    },
    { maxReadBytes: 30 * KIB },
  );
});

test('closing ends reads that come later, lets those under way end, and leaves no file open', async () => {
  const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const countBefore = await openFiles();
  const scope = openScope();
  const { read } = await scope.open(file);
  const reads = [read(0, 200_000), read(300_000, 200_000)];
  await scope.close();
  assert.equal(Buffer.compare((await reads[0]) ?? bytes, bytes.subarray(0, 200_000)), 0);
  await Promise.all(reads);
  await assert.rejects(read(0, 200_000), withCode('TIMEOUT'));
  await assert.rejects(scope.open(file), withCode('TIMEOUT'));
  assert.equal(await openFiles(), countBefore);
});

test('the end of a device is found by reads, where nothing else tells it', async () => {
  for (const sectors of [0, 1, 2, 3, 1000, 2 ** 33 + 7]) {
    let reads = 0;
    const end = await searchEnd(async (offset, length) => {
      reads++;
      return offset + length <= sectors * 512;
    });
    assert.equal(end, sectors * 512);
    assert.ok(reads < 100, `${reads} reads`);
  }
});

/** A loop device is a block device that can be made without hardware. */
function loopDevice(): string | null {
  if (missing({ losetup: 'mount' }) !== false) return null;
  try {
    const args = ['--find', '--show', '--read-only', file];
    return execFileSync('losetup', args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return null;
  }
}

test('a block device has its size and its bytes, and no allocation', async (t) => {
  const device = loopDevice();
  if (device === null)
    return t.skip('needs the right to make a loop device (root, /dev/loop-control)');
  try {
    await withScope(async (scope) => {
      const opened = await scope.open(device);
      const size = Math.floor(bytes.length / 512) * 512;
      assert.deepEqual([opened.sizeBytes, opened.allocationBytes], [size, null]);
      assert.deepEqual(
        Buffer.from(await opened.read(size - 700, 700)),
        bytes.subarray(size - 700, size),
      );
    });
  } finally {
    execFileSync('losetup', ['--detach', device]);
  }
});
