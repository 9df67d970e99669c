// Runs of sources made of other sources, down to files: what lies where they say is what the sources read.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writtenChanges } from '../../src/bytes/changes.js';
import { concat } from '../../src/bytes/concat.js';
import { hostIndex } from '../../src/bytes/host-index.js';
import { overlay } from '../../src/bytes/overlay.js';
import { resize } from '../../src/bytes/resize.js';
import { resolve } from '../../src/bytes/runs.js';
import { slice } from '../../src/bytes/slice.js';
import { type ByteSource, MAX_RUNS, type SourceRun } from '../../src/bytes/source.js';
import { openScope } from '../../src/host/local-scope.js';
import { raidSource } from '../../src/volume/raid/source.js';
import { stripeLayout } from '../../src/volume/raid/stripe.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { compareResolved, runReader } from './read-by-runs.js';

const FILE_BYTES = 300;
const folder = mkdtempSync(join(tmpdir(), 'virt-df-runs-'));
const paths = ['a', 'b', 'c'].map((name, i) => {
  const path = join(folder, name);
  // No byte is zero, and those of two files are not the same.
  writeFileSync(
    path,
    Uint8Array.from({ length: FILE_BYTES }, (_, at) => 1 + i * 80 + (at % 79)),
  );
  return path;
});
const scope = openScope();
const files = await Promise.all(paths.map((path) => scope.open(path)));
after(async () => {
  await scope.close();
  rmSync(folder, { recursive: true });
});

type Next = (limit: number) => number;

/** Sources upon sources, of any kinds and sizes. */
function made(next: Next, depth: number): ByteSource {
  if (depth === 0) return files[next(files.length)] ?? memorySource(new Uint8Array(10).fill(7));
  const below = made(next, depth - 1);
  switch (next(5)) {
    case 0:
      return sliced(below, next);
    case 1:
      return resize(below, 1 + next(2 * below.sizeBytes));
    case 2:
      return concat([sliced(below, next), made(next, depth - 1), sliced(below, next)]);
    case 3:
      return changed(below, next);
    default:
      return striped(below, made(next, depth - 1), next);
  }
}

function sliced(below: ByteSource, next: Next): ByteSource {
  const offset = next(below.sizeBytes);
  return slice(below, offset, 1 + next(below.sizeBytes - offset));
}

function changed(below: ByteSource, next: Next): ByteSource {
  const sizeBytes = below.sizeBytes + next(2) * 20;
  const changes = Array.from({ length: 1 + next(4) }, () => {
    const offsetBytes = next(sizeBytes);
    const lengthBytes = 1 + next(Math.min(sizeBytes - offsetBytes, FILE_BYTES));
    const range = { offsetBytes, lengthBytes };
    const kind = next(3);
    if (kind === 0) return { ...range, content: null };
    if (kind === 1) return { ...range, content: new Uint8Array(lengthBytes).fill(next(256)) };
    const [file] = files;
    assert.ok(file);
    const content = () => file.read(0, lengthBytes);
    return { ...range, content, place: { source: file, offsetBytes: 0 } };
  });
  return overlay(below, writtenChanges(changes), { sizeBytes });
}

/** A volume of a linear run and one of stripes. */
function striped(one: ByteSource, two: ByteSource, next: Next): ByteSource {
  const stripeBytes = 8 + next(40);
  const rows = Math.floor(Math.min(one.sizeBytes, two.sizeBytes) / stripeBytes);
  if (rows === 0) return one;
  const columns = [one, two, one].map((source) => ({ source, offsetBytes: 0, unsound: [] }));
  const areaBytes = rows * stripeBytes;
  const layout = stripeLayout([areaBytes, areaBytes, areaBytes], stripeBytes);
  return concat([one, raidSource({ layout, columns, lost: () => assert.fail() })]);
}

test('bytes read by runs are those that are read, through sources of all kinds', async () => {
  const next = random('runs');
  const { read, counts } = runReader(new Map(), async function* () {});
  for (let round = 0; round < 150; round++) {
    const source = made(next, 1 + next(3));
    for (let i = 0; i < 6; i++) {
      const offset = next(source.sizeBytes + 1);
      const length = i === 0 ? source.sizeBytes - offset : next(source.sizeBytes - offset + 1);
      const bytes = await source.read(offset, length);
      assert.equal(Buffer.compare(await read(source, offset, length), bytes), 0);
      await compareResolved(source, offset, bytes);
    }
    assert.deepEqual(await source.runs(0, 0), []);
    await assert.rejects(async () => source.runs(1, source.sizeBytes), { code: 'OUT_OF_BOUNDS' });
  }
  for (const kind of ['host', 'zero', 'memory', 'data'] as const) {
    assert.ok((counts.get(kind) ?? 0) > 2000, `${kind}: ${counts.get(kind)} bytes`);
  }
});

test('the index of a source finds each range by its place in a file, and nothing else', async () => {
  const next = random('index');
  for (let round = 0; round < 40; round++) {
    const source = made(next, 1 + next(3));
    const bytes = await source.read(0, source.sizeBytes);
    const runs = await compareResolved(source, 0, bytes);
    const { rangesAt } = await hostIndex(source);
    for (const path of paths) {
      const wanted = new Set<number>();
      const [from, length] = [next(FILE_BYTES), 1 + next(20)];
      for (const run of runs) {
        if (run.kind !== 'data' || run.path !== path) continue;
        for (let i = 0; i < run.lengthBytes; i++) {
          const host = run.hostOffsetBytes + i;
          if (host >= from && host < from + length) wanted.add(run.offsetBytes + i);
        }
      }
      const found = rangesAt(path, from, length).flatMap(({ offsetBytes, lengthBytes }) =>
        Array.from({ length: lengthBytes }, (_, i) => offsetBytes + i),
      );
      assert.deepEqual(new Set(found), wanted);
      assert.equal(found.length, wanted.size, 'each once');
    }
    assert.deepEqual(rangesAt('/elsewhere', 0, 100), []);
  }
});

test('a stream is found from any part of it, and gives its whole block', async () => {
  const [file] = files;
  assert.ok(file);
  const parent = slice(file, 100, 100);
  const stream = {
    kind: 'compressed',
    parent,
    parentOffsetBytes: 10,
    parentLengthBytes: 5,
  } as const;
  const source: ByteSource = {
    ...memorySource(new Uint8Array(64)),
    async runs(offset, length) {
      const range = { offsetBytes: offset, lengthBytes: Math.min(length, 64 - offset) };
      return [{ ...range, ...stream, blockBytes: 64, skippedBytes: offset }];
    },
  };
  const disk = slice(source, 16, 40);
  const place = { kind: 'data', path: file.path, isEncrypted: false } as const;
  assert.deepEqual(await resolve(disk, 4, 8), [
    {
      kind: 'compressed',
      offsetBytes: 4,
      lengthBytes: 8,
      isEncrypted: false,
      blockBytes: 64,
      skippedBytes: 20,
      stream: [{ ...place, offsetBytes: 10, lengthBytes: 5, hostOffsetBytes: 110 }],
    },
  ]);
  const { rangesAt } = await hostIndex(disk);
  assert.deepEqual(rangesAt(file.path, 114, 1), [{ offsetBytes: 0, lengthBytes: 40 }]);
  assert.deepEqual(rangesAt(file.path, 115, 1), []);
});

test('one answer is bounded, however many runs a source and its streams have', async () => {
  let calls = 0;
  const bits: ByteSource = {
    sizeBytes: 2 ** 40,
    read: () => assert.fail('nothing may be read'),
    async runs(offset, length) {
      calls++;
      return Array.from({ length: Math.min(length, MAX_RUNS) }, (_, i): SourceRun => {
        const range = { offsetBytes: offset + i, lengthBytes: 1 };
        return { kind: i % 2 === 0 ? 'zero' : 'memory', ...range };
      });
    },
  };
  const streams: ByteSource = {
    ...bits,
    async runs(offset, length) {
      return Array.from({ length: Math.min(length, MAX_RUNS) }, (_, i) => ({
        kind: 'compressed',
        offsetBytes: offset + i,
        lengthBytes: 1,
        parent: bits,
        parentOffsetBytes: 0,
        parentLengthBytes: 2 ** 30,
        blockBytes: 1,
        skippedBytes: 0,
      }));
    },
  };
  assert.equal((await resolve(slice(bits, 5, 2 ** 30), 0, 2 ** 30)).length, MAX_RUNS);
  calls = 0;
  const found = await resolve(slice(streams, 5, 2 ** 30), 0, 2 ** 30);
  const pieces = found.map((run) => (run.kind === 'compressed' ? run.stream.length : 0));
  assert.ok(pieces.reduce((total, count) => total + count, found.length) <= 2 * MAX_RUNS);
  assert.ok(calls < 3);
});
