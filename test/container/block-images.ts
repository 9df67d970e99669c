// What the tests of images that are made of blocks share: opening one, comparing it, breaking it.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../../src/bytes/source.js';
import type { Disk } from '../../src/container/container.js';
import { type OpenOptions, openDisk } from '../../src/container/open.js';
import type { DiskExtent } from '../../src/container/tables/disk-extent.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { run } from '../run.js';

export const KIB = 1024;
export const MIB = 1024 * KIB;

const MAX_MILLISECONDS = 2000;
const MAX_MEMORY_BYTES = 400 * MIB;

/** A directory that is removed afterwards. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'virt-df-blocks-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Opens an image in a scope of its own. */
export async function opened<T>(
  path: string,
  work: (disk: Disk) => Promise<T> | T,
  options: Partial<OpenOptions> = {},
): Promise<T> {
  const scope = openScope();
  try {
    return await work(await openDisk(path, { format: 'auto', scope, ...options }));
  } finally {
    await scope.close();
  }
}

/** What QEMU reads in an image. */
export async function qemuReads(path: string, format: string): Promise<Buffer> {
  const raw = `${path}.raw`;
  await run('qemu-img', ['convert', '-f', format, '-O', 'raw', path, raw]);
  const bytes = await readFile(raw);
  await rm(raw);
  return bytes;
}

/** A disk with noise, text, zeros and holes, in runs of many sizes. */
export function diskContent(sizeBytes: number, seed: string): Buffer {
  const next = random(seed);
  const disk = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const length = Math.min(sizeBytes - at, 512 * (1 + next(next(3) === 0 ? 4000 : 60)));
    const kind = next(4);
    for (let i = 0; i < length && kind < 2; i++) {
      disk[at + i] = kind === 0 ? next(256) : 97 + (i % (1 + next(3)));
    }
    if (kind === 2) disk.fill(1 + next(255), at, at + length);
    at += length;
  }
  return disk;
}

/** The whole at once, then pieces of all sizes, and the same once more out of what the map says. */
export async function sameContent(disk: Disk, truth: Uint8Array, what: string): Promise<void> {
  const { content } = disk;
  assert.equal(content.sizeBytes, truth.length, what);
  assert.equal(disk.layer.capacityBytes, truth.length, what);
  assert.equal(Buffer.compare(await content.read(0, truth.length), truth), 0, `${what}: whole`);
  const next = random(what);
  for (let i = 0; i < 100 && truth.length > 0; i++) {
    const length = Math.min(truth.length, next(i % 4 === 0 ? 300_000 : 5000));
    const offset = next(truth.length - length + 1);
    const piece = await content.read(offset, length);
    const expected = truth.subarray(offset, offset + length);
    assert.equal(Buffer.compare(piece, expected), 0, `${what}: ${length} bytes at ${offset}`);
  }
}

/** All extents of a disk: that they follow each other without gaps is checked. */
export async function extentsOf({ content, layer }: Disk): Promise<readonly DiskExtent[]> {
  const extents: DiskExtent[] = [];
  for (let at = 0; at < content.sizeBytes; ) {
    for (const extent of (await layer.map?.(at, content.sizeBytes - at)) ?? []) {
      assert.equal(extent.offsetBytes, at);
      assert.ok(extent.lengthBytes > 0);
      at += extent.lengthBytes;
      extents.push(extent);
    }
    assert.ok(extents.length > 0, 'the map is empty');
  }
  return extents;
}

/** Where data are: offset on the disk, length, offset in the file. What follows each other there is one. */
export type Run = readonly [start: number, length: number, host: number];

export function joinedRuns(runs: readonly Run[]): readonly Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    const goesOn =
      last !== undefined && last[0] + last[1] === run[0] && last[2] + last[1] === run[2];
    if (goesOn) joined[joined.length - 1] = [last[0], last[1] + run[1], last[2]];
    else joined.push(run);
  }
  return joined;
}

export function dataRuns(extents: readonly DiskExtent[]): readonly Run[] {
  return joinedRuns(
    extents.flatMap((extent): readonly Run[] =>
      extent.kind === 'data'
        ? [[extent.offsetBytes, extent.lengthBytes, extent.hostOffsetBytes]]
        : [],
    ),
  );
}

/** The same by the word of qemu-img map, which also tells holes of the file within data. */
export async function qemuRuns(path: string, format: string): Promise<readonly Run[]> {
  const args = ['map', '--output=json', '-f', format, path];
  const map: readonly { start: number; length: number; offset?: number }[] = JSON.parse(
    (await run('qemu-img', args)).stdout,
  );
  return joinedRuns(
    map.flatMap(({ start, length, offset }): readonly Run[] =>
      offset === undefined ? [] : [[start, length, offset]],
    ),
  );
}

/** Opens an image, reads both ends of its disk and walks its tables: the code of the first error, or `read`. */
export async function outcomeOf(
  path: string,
  options: Partial<OpenOptions>,
): Promise<ErrorCode | 'read'> {
  const spentMs = cpuTime();
  try {
    await opened(path, ({ content, layer }) => readAll(content, layer.inspect), options);
    return 'read';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  } finally {
    assert.ok(spentMs() < MAX_MILLISECONDS, 'took too long');
    assert.ok(process.memoryUsage.rss() < MAX_MEMORY_BYTES, 'took too much memory');
  }
}

/** `outcomeOf` an image that is given as bytes, alone in a directory. */
export async function outcome(
  image: Uint8Array,
  format = 'auto',
  name = 'disk.img',
): Promise<ErrorCode | 'read'> {
  return inDirectory(async (directory) => {
    const path = join(directory, name);
    await writeFile(path, image);
    return outcomeOf(path, { format });
  });
}

async function readAll(disk: ByteSource, inspect: Disk['layer']['inspect']): Promise<void> {
  const last = Math.max(0, disk.sizeBytes - 65536);
  for (const offset of [0, last]) await disk.read(offset, Math.min(65536, disk.sizeBytes));
  await inspect?.();
}

/** The same image with some bytes changed, from a fixed seed. */
export function mutated(image: Uint8Array, seed: string, lastByte: number): Uint8Array {
  const next = random(seed);
  const bytes = Uint8Array.from(image);
  const count = 1 + next(6);
  for (let i = 0; i < count; i++) {
    const value = [0, 0xff, 0x7f, 0x80, next(256)][next(5)] ?? 0;
    const at = next(Math.min(lastByte, bytes.length));
    bytes.fill(value, at, at + ([1, 1, 2, 4, 8][next(5)] ?? 1));
  }
  return next(10) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
}
