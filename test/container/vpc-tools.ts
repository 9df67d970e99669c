// Makes VHD and VHDX images with QEMU, asks QEMU and 7-Zip (which knows parents) what their disks hold, and writes to them.
import { copyFile, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk } from '../../src/container/container.js';
import type { OpenOptions } from '../../src/container/open.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { toolEnv } from '../tools.js';
import { inDirectory, opened, outcomeOf } from './block-images.js';

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

/** Opens an image that is given as bytes, alone in a directory. */
export function withImage<T>(
  image: Uint8Array,
  work: (disk: Disk) => Promise<T> | T,
  options: Partial<OpenOptions> = {},
): Promise<T> {
  return inDirectory(async (folder) => {
    await writeFile(join(folder, 'disk'), image);
    return opened(join(folder, 'disk'), work, options);
  });
}

/** Whether the disk is the raw file: at once, and in pieces of all sizes. */
export async function isDisk(path: string, truth: string, format = 'auto'): Promise<boolean> {
  const bytes = await readFile(truth);
  return opened(
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
  await inDirectory(async (folder) => {
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
      outcomes.add(await outcomeOf(path, { format }));
    }
  });
  return outcomes;
}
