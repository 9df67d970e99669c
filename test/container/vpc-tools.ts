// Makes VHD and VHDX images with QEMU, asks QEMU and 7-Zip (which knows parents) what their disks hold, and writes to them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Disk } from '../../src/container/container.js';
import { type OpenOptions, openDisk } from '../../src/container/open.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/source/local-scope.js';
import { random } from '../random.js';
import { toolEnv } from '../tools.js';

export const run = promisify(execFile);

export const QEMU = { 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' };
export const SEVEN_ZIP = { ...QEMU, '7zz': '7zip' };
export const STRACE = { ...QEMU, strace: 'strace' };

export type Kind = 'vpc' | 'vhdx';

/** What QEMU reads in the image, as a raw file beside it. */
export async function qemuTruth(format: Kind, image: string): Promise<string> {
  const truth = `${image}.truth`;
  await run('qemu-img', ['convert', '-f', format, '-O', 'raw', image, truth]);
  return truth;
}

/** What QEMU reads in a copy whose log it was allowed to apply. */
export async function repairedTruth(image: string): Promise<string> {
  const copy = `${image}.repaired`;
  await copyFile(image, copy);
  await run('qemu-img', ['check', '-q', '-f', 'vhdx', '-r', 'all', copy]);
  return qemuTruth('vhdx', copy);
}

/** What 7-Zip reads in the image and its parents, which it finds by their names. */
export async function sevenZipTruth(image: string): Promise<string> {
  const folder = await mkdtemp(join(dirname(image), 'out-'));
  await run('7zz', ['x', `-o${folder}`, image], { env: toolEnv });
  const [name] = await readdir(folder);
  const truth = `${image}.truth`;
  await rename(join(folder, name ?? ''), truth);
  return truth;
}

/** Writes by qemu-io at places that the seed tells, of patterns that it tells. */
export async function scribble(format: Kind, image: string, sizeBytes: number, seed: string) {
  const next = random(seed);
  const commands = Array.from({ length: 15 }, (_, i) => {
    const length = 512 * (1 + next(i % 3 === 0 ? 600 : 9));
    return `write -P ${1 + next(255)} ${512 * next((sizeBytes - length) / 512)} ${length}`;
  });
  const args = ['-t', 'unsafe', '-f', format, ...commands.flatMap((one) => ['-c', one]), image];
  await run('qemu-io', args);
}

/** Bytes that differ from sector to sector. */
export function pattern(lengthBytes: number, seed: string): Buffer {
  const next = random(seed);
  const bytes = Buffer.alloc(lengthBytes);
  for (let i = 0; i < lengthBytes; i += 512) bytes.fill(1 + next(255), i, i + 512);
  return bytes;
}

/** Bits of all kinds: single ones, runs that end within a byte, whole bytes of both kinds. */
export function bitmapOf(lengthBytes: number, seed: string): Buffer {
  const next = random(seed);
  const kinds = [0, 0xff, 0x0f, 0xf0, 0x35, 0x80, 0x01];
  return Buffer.from(Array.from({ length: lengthBytes }, () => kinds[next(kinds.length)] ?? 0));
}

/** A directory for images that is removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-vhd-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function withOpened<T>(
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

/** Opens an image that is given as bytes, alone in a directory. */
export function withImage<T>(
  image: Uint8Array,
  work: (disk: Disk) => Promise<T> | T,
  options: Partial<OpenOptions> = {},
): Promise<T> {
  return inFolder(async (folder) => {
    await writeFile(join(folder, 'disk'), image);
    return withOpened(join(folder, 'disk'), work, options);
  });
}

/** Whether the disk is the raw file: at once, and in pieces of all sizes. */
export async function isDisk(path: string, truth: string, format = 'auto'): Promise<boolean> {
  const bytes = await readFile(truth);
  return withOpened(
    path,
    async ({ content }) => {
      if (content.sizeBytes !== bytes.length) return false;
      if (Buffer.compare(await content.read(0, bytes.length), bytes) !== 0) return false;
      const next = random(path.slice(-8));
      for (let i = 0; i < 100; i++) {
        const length = next(Math.min(bytes.length, i % 4 === 0 ? 300_000 : 5000));
        const offset = next(bytes.length - length);
        const piece = await content.read(offset, length);
        if (Buffer.compare(piece, bytes.subarray(offset, offset + length)) !== 0) return false;
      }
      return true;
    },
    { format },
  );
}

const MAX_MILLISECONDS = 2000;
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Opens the image, reads both ends of its disk and walks its tables: the code of the first error, or `read`. */
export async function outcome(
  path: string,
  options: Partial<OpenOptions>,
): Promise<ErrorCode | 'read'> {
  const start = performance.now();
  try {
    await withOpened(
      path,
      async ({ content, layer }) => {
        const last = Math.max(0, content.sizeBytes - 65_536);
        for (const offset of [0, last])
          await content.read(offset, Math.min(65_536, content.sizeBytes));
        await layer.inspect?.();
      },
      options,
    );
    return 'read';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  } finally {
    assert.ok(performance.now() - start < MAX_MILLISECONDS, 'took too long');
    assert.ok(process.memoryUsage.rss() < MAX_MEMORY_BYTES, 'took too much memory');
  }
}

/** `outcome` of an image that is given as bytes, alone in a directory. */
export function outcomeOfBytes(image: Uint8Array, format: Kind): Promise<ErrorCode | 'read'> {
  return inFolder(async (folder) => {
    await writeFile(join(folder, 'disk'), image);
    return outcome(join(folder, 'disk'), { format });
  });
}

/** Bytes changed at random near these places, and cut off: only errors with codes, or content. */
export async function mutationOutcomes(
  image: Uint8Array,
  format: Kind,
  places: readonly number[],
  count: number,
  repair: (bytes: Buffer) => void,
): Promise<ReadonlySet<string>> {
  const next = random(`${format} mutations`);
  const outcomes = new Set<string>();
  await inFolder(async (folder) => {
    const path = join(folder, 'disk');
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(image);
      for (let changes = 1 + next(3); changes > 0; changes--) {
        const at = (places[next(places.length)] ?? 0) + next(120);
        bytes[Math.min(at, bytes.length - 1)] = [0, 0xff, next(256)][next(3)] ?? 0;
      }
      // Most checks lie behind the checksums.
      if (i % 3 !== 0) repair(bytes);
      await writeFile(path, i % 10 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes);
      outcomes.add(await outcome(path, { format }));
    }
  });
  return outcomes;
}
