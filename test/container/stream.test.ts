// Large gzip and zstd streams: what gzip, pigz and zstd made of a disk has the rows of the disk, and reads as it does, in memory
// that does not grow with it (hostile-image class S10).
import assert from 'node:assert/strict';
import { copyFile, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { type GzipMark, gzipCursor } from '../../src/container/gzip/cursor.js';
import { openScope } from '../../src/host/local-scope.js';
import { scanImages } from '../../src/index.js';
import { MIB } from '../../src/limits.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { missing, toolEnv } from '../tools.js';
import { qemuReads } from './block-images.js';
import { content, type Folder, inFolder, outcome, withDisks } from './wrapper-files.js';

const GIB = 1024 * MIB;
const noTools = missing({ 'qemu-img': 'qemu-utils', sfdisk: 'fdisk', pigz: 'pigz', zstd: 'zstd' });

/** A recorded image in each partition, the last one far behind the others. */
const PARTS = [
  { image: 'ext4-default', startBytes: MIB },
  { image: 'ntfs-default', startBytes: 80 * MIB },
  { image: 'xfs-small', startBytes: 160 * MIB },
] as const;

async function makeDisk({ path, write }: Folder, name: string, sizeBytes: number): Promise<void> {
  await write(name, '');
  await truncate(path(name), sizeBytes);
  const lines: string[] = [];
  const disk = await open(path(name), 'r+');
  for (const { image, startBytes } of PARTS) {
    const copy = path(`${image}.qcow2`);
    await copyFile(resolve('images', `${image}.qcow2`), copy);
    const bytes = await qemuReads(copy, 'qcow2');
    for (let at = 0; at < bytes.length; at += MIB) {
      const piece = bytes.subarray(at, at + MIB);
      if (piece.some((byte) => byte !== 0))
        await disk.write(piece, 0, piece.length, startBytes + at);
    }
    lines.push(`start=${startBytes / 512}, size=${bytes.length / 512}`);
  }
  await disk.close();
  const input = `label: gpt\n${lines.join('\n')}\n`;
  await run('sfdisk', ['-q', path(name)], { env: toolEnv, input });
}

async function rowsOf(path: string) {
  const [report] = await scanImages([path]);
  assert.ok(report !== undefined);
  return {
    rows: report.filesystems.map(
      ({ device, type, label, fsUuid, sizeBytes, freeBytes, problem }) => [
        ...[device, type, label, fsUuid, sizeBytes, freeBytes, problem?.code ?? null],
      ],
    ),
    problems: report.problems.map(({ device, code, message }) => ({ device, code, message })),
    capacityBytes: report.disks[0]?.capacityBytes,
  };
}

async function kernelRows() {
  const rows: unknown[] = [];
  for (const [i, { image }] of PARTS.entries()) {
    const { filesystems } = JSON.parse(await readFile(`images/${image}.expected.json`, 'utf8'));
    const { type, label, uuid, guest } = filesystems[0];
    const [size, free] = [guest.f_blocks * guest.f_frsize, guest.f_bfree * guest.f_frsize];
    rows.push([`/dev/sda${i + 1}`, type, label, uuid, size, free, null]);
  }
  return rows;
}

test('a disk that was compressed whole has its rows', { skip: noTools }, () =>
  inFolder(async (folder) => {
    const { path, shell } = folder;
    await makeDisk(folder, 'disk', 500 * MIB);
    const whole = await rowsOf(path('disk'));
    assert.deepEqual(whole.rows, await kernelRows());
    await shell('gzip -1 -c disk > a.gz; pigz -p 2 -1 -c disk > b.gz; zstd -q -1 disk -o c.zst');
    await shell('head -c 200M disk | gzip -1 > d.gz; tail -c +209715201 disk | gzip -1 >> d.gz');
    await shell('zstd -q -1 -c < disk > e.zst');
    for (const name of ['a.gz', 'b.gz', 'c.zst', 'd.gz', 'e.zst']) {
      assert.deepEqual(await rowsOf(path(name)), whole, name);
    }
    // What is there of a stream that is cut keeps its rows; the end of its disk is not there.
    const bytes = await readFile(path('a.gz'));
    // The last four bytes are then any; here they would say that it is too long to be read to its end, were they a disk's size.
    let size = bytes.length - 1000;
    const claimed = () => bytes.readUInt32LE(size - 4);
    while (claimed() <= GIB || claimed() % 512 === 0) size -= 1;
    await truncate(path('a.gz'), size);
    const { rows, problems } = await rowsOf(path('a.gz'));
    assert.deepEqual(rows, whole.rows);
    assert.deepEqual(
      problems.map(({ device, code }) => [device, code]),
      [['/dev/sda', 'TRUNCATED']],
    );
  }),
);

test(
  'of a stream that is too long only the part that is asked for is read',
  { skip: noTools },
  () =>
    inFolder(async (folder) => {
      const { path, shell, write } = folder;
      await makeDisk(folder, 'disk', 500 * MIB);
      const whole = await rowsOf(path('disk'));
      await write('zeros.gz', gzipSync(Buffer.alloc(64 * MIB), { level: 9 }));
      await shell('gzip -1 -c disk > a.gz; for i in {1..40}; do cat zeros.gz; done >> a.gz');
      const { rows, problems, capacityBytes } = await rowsOf(path('a.gz'));
      assert.deepEqual([rows, problems, capacityBytes], [whole.rows, [], null]);
      await withDisks(path('a.gz'), async ([disk]) => {
        assert.ok(disk !== undefined);
        const { content: source } = disk;
        assert.equal(source.isFar?.(2 * GIB), true);
        const end = 500 * MIB + 40 * 64 * MIB;
        assert.deepEqual([...(await source.read(end - 4, 4))], [0, 0, 0, 0]);
        await assert.rejects(source.read(end - 4, 5), { code: 'TRUNCATED' });
        const last = await source.read(PARTS[0].startBytes + 1024, 1024);
        const raw = await open(path('disk'));
        const { buffer } = await raw.read(Buffer.alloc(1024), 0, 1024, PARTS[0].startBytes + 1024);
        await raw.close();
        assert.equal(Buffer.compare(last, buffer), 0);
      });
      const start = PARTS[0].startBytes + 1;
      await shell(`tail -c +${start} disk | head -c 64M | gzip -1 > one.gz`);
      await shell('for i in {1..20}; do cat zeros.gz; done >> one.gz');
      const [one] = await scanImages([path('one.gz')]);
      const [row] = one?.filesystems ?? [];
      assert.deepEqual([row?.sizeBytes, row?.volumeBytes], [whole.rows[0]?.[4], null]);
      assert.equal(row?.remark, 'its end was not looked at');
      const [late] = await scanImages([path('a.gz')], { timeoutSeconds: 0.01 });
      const [problem] = late?.problems ?? [];
      assert.equal(problem?.code, 'TIMEOUT');
    }),
);

/** As gzip writes them; `gzip` itself has no blocks that are stored or have fixed codes alone. */
const KINDS = {
  'level 1': { level: 1 },
  'level 6': { level: 6 },
  stored: { level: 0 },
  'fixed codes': { strategy: constants.Z_FIXED },
  'small blocks': { memLevel: 1 },
} as const;

for (const [name, options] of Object.entries(KINDS)) {
  test(`gzip, ${name}: marks in the middle give the same bytes`, () =>
    inFolder(async ({ path, write }) => {
      const next = random(`marks ${name}`);
      const disk = content(3 * MIB, next);
      await write('disk.gz', Buffer.concat([gzipSync(disk, options), gzipSync(disk, options)]));
      const all = Buffer.concat([disk, disk]);
      const scope = openScope();
      try {
        const file = await scope.open(path('disk.gz'));
        const marks = await marksOf(() => gzipCursor(file, scope, null), all);
        assert.ok(marks.length > 20, `${marks.length} marks`);
        for (const mark of marks.filter((_, i) => i % Math.ceil(marks.length / 12) === 0)) {
          const cursor = gzipCursor(file, scope, mark);
          for (let at = mark.offsetBytes; at < Math.min(all.length, mark.offsetBytes + MIB); ) {
            const step = await cursor.next(false);
            assert.ok(step !== null);
            const expected = all.subarray(at, at + step.bytes.length);
            assert.equal(
              Buffer.compare(step.bytes, expected),
              0,
              `from ${mark.offsetBytes} at ${at}`,
            );
            at += step.bytes.length;
          }
          cursor.close();
        }
      } finally {
        await scope.close();
      }
    }));
}

/** All marks that can be made; what comes out is `all`. */
async function marksOf(openCursor: () => ReturnType<typeof gzipCursor>, all: Uint8Array) {
  const marks: GzipMark[] = [];
  const cursor = openCursor();
  let at = 0;
  for (;;) {
    const step = await cursor.next(true);
    if (step === null) break;
    assert.equal(Buffer.compare(step.bytes, all.subarray(at, at + step.bytes.length)), 0);
    if (step.mark !== null) {
      assert.equal(step.mark.offsetBytes, at);
      marks.push(step.mark);
    }
    at += step.bytes.length;
  }
  assert.equal(at, all.length);
  return marks;
}

test('reads back and forth are those of the disk, and cost little', { skip: noTools }, () =>
  inFolder(async ({ path, write, shell }) => {
    const next = random('back and forth');
    const disk = content(72 * MIB, next);
    await write('disk', disk);
    await shell('gzip -1 -k disk; zstd -q -1 disk');
    for (const [name, count] of [
      ['disk.gz', 60],
      ['disk.zst', 6],
    ] as const) {
      await withDisks(path(name), async ([one]) => {
        assert.equal(one?.content.sizeBytes, disk.length);
        for (let i = 0; i < count; i++) {
          const length = next(600_000);
          const offset = next(disk.length - length);
          const bytes: Uint8Array = await one.content.read(offset, length);
          assert.equal(Buffer.compare(bytes, disk.subarray(offset, offset + length)), 0);
        }
      });
    }
    const scope = openScope();
    const { openDisk } = await import('../../src/container/open.js');
    const { content: source } = await openDisk(path('disk.gz'), { format: 'auto', scope });
    const before = scope.statistics.bytesRead;
    await source.read(70 * MIB, 512);
    await source.read(10 * MIB, 512);
    assert.ok(scope.statistics.bytesRead - before < 3 * MIB, 'a few MiB of the file are read');
    await scope.close();
  }),
);

test('streams that are damaged or lie', () =>
  inFolder(async ({ path, write }) => {
    const zeros = gzipSync(Buffer.alloc(66 * MIB), { level: 9 });
    const of = async (bytes: Uint8Array): Promise<string> => {
      await write('a.gz', bytes);
      return outcome(path('a.gz'));
    };
    assert.equal(await of(zeros), 'read');
    assert.equal(await of(Buffer.concat([zeros, Buffer.alloc(1000)])), 'read');
    const changed = (at: number): Uint8Array => {
      const bytes = Buffer.from(zeros);
      bytes[bytes.length + at] = (bytes.at(at) ?? 0) ^ 1;
      return bytes;
    };
    assert.equal(await of(changed(-8)), 'BAD_CHECKSUM');
    assert.equal(await of(changed(-4)), 'BAD_CHECKSUM');
    assert.equal(await of(zeros.subarray(0, -1)), 'TRUNCATED');
    assert.equal(await of(zeros.subarray(0, -20)), 'TRUNCATED');
    const invalid = Buffer.from(zeros);
    invalid.fill(0, 30_000, 30_100);
    assert.equal(await of(invalid), 'INVALID');
    const header = Buffer.concat([zeros, zeros.subarray(0, 5)]);
    assert.equal(await of(header), 'TRUNCATED');
  }));

test('a bomb in one block, and members by the million, end with the time', () =>
  inFolder(async ({ path, write }) => {
    // Fixed codes, one literal and then matches of 258 bytes: no border of blocks until the end.
    const one = deflateRawSync(Buffer.alloc(258 * 4096), {
      strategy: constants.Z_FIXED,
      memLevel: 9,
    });
    const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    await write('bomb.gz', Buffer.concat([head, one, Buffer.alloc(8)]));
    assert.equal(await outcome(path('bomb.gz')), 'INVALID');
    const empty = gzipSync(Buffer.alloc(0));
    const many = Buffer.concat(Array.from({ length: 200_000 }, () => empty));
    const last = gzipSync(Buffer.alloc(70 * MIB));
    await writeFile(path('many.gz'), Buffer.concat([many, last]));
    const spentMs = cpuTime();
    const [report] = await scanImages([path('many.gz')], { timeoutSeconds: 1 });
    assert.equal(report?.filesystems[0]?.problem?.code, 'TIMEOUT');
    assert.ok(spentMs() < 10_000, `${spentMs()} ms of CPU time`);
  }));
