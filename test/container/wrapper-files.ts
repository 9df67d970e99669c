// Files in a directory of their own, opened as images: for tests of what wraps images, and of those that are hostile.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '../../src/container/container.js';
import { openDisks } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope, type ScopeOptions } from '../../src/host/local-scope.js';
import { run } from '../run.js';
import { toolEnv } from '../tools.js';

export interface Folder {
  path(name: string): string;
  write(name: string, bytes: Uint8Array | string): Promise<void>;
  /** A line for bash, in the directory. */
  shell(line: string): Promise<void>;
}

export async function inFolder(work: (folder: Folder) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'virt-df-wrapper-'));
  const path = (name: string): string => join(directory, name);
  try {
    await work({
      path,
      write: (name, bytes) => writeFile(path(name), bytes),
      async shell(line) {
        await run('bash', ['-ec', line], { cwd: directory, env: toolEnv });
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function withDisks<T>(
  path: string,
  work: (disks: readonly Disk[]) => Promise<T> | T,
  format: string = 'auto',
  options: ScopeOptions = {},
): Promise<T> {
  const scope = openScope(options);
  try {
    return await work(await openDisks(path, { format, scope }));
  } finally {
    await scope.close();
  }
}

export async function readAll({ content }: Disk): Promise<Uint8Array> {
  const step = 1024 * 1024;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.sizeBytes; at += step) {
    parts.push(await content.read(at, Math.min(step, content.sizeBytes - at)));
  }
  return Buffer.concat(parts);
}

/** Opens the file and reads its disks: `read`, or the code of the error. Any error without one is thrown. */
export async function outcome(path: string, format: string = 'auto'): Promise<string> {
  try {
    await withDisks(
      path,
      async (disks) => {
        for (const disk of disks) await readAll(disk);
      },
      format,
    );
    return 'read';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  }
}

/** Bytes that cannot be compressed, words and zeros; the same every time. */
export function content(lengthBytes: number, next: (limit: number) => number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  for (let at = 0; at < lengthBytes; at += 4096) {
    const kind = next(3);
    const end = Math.min(at + 4096, lengthBytes);
    if (kind === 0) bytes.fill('words and more words ', at, end);
    else if (kind === 1) for (let i = at; i < end; i++) bytes[i] = next(256);
  }
  return bytes;
}

/** Copies of an image with some bytes changed, and cut off in every tenth. */
export function* mutations(
  image: Uint8Array,
  count: number,
  next: (limit: number) => number,
): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(image);
    for (let changes = 1 + next(3); changes > 0; changes--) {
      const nearEnd = Math.max(0, bytes.length - 1 - next(200));
      const at = [next(Math.min(700, bytes.length)), next(bytes.length), nearEnd][next(3)] ?? 0;
      bytes[at] = next(256);
    }
    yield i % 10 === 9 ? bytes.subarray(0, next(bytes.length)) : bytes;
  }
}
