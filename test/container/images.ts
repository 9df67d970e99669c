// Makes qcow2 images with QEMU's own tools, and reads them through openDisk.
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../../src/bytes/source.js';
import type { FilePolicy } from '../../src/container/named-file.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { run } from '../run.js';
import { missing } from '../tools.js';

/** For the tests' `skip`. */
export const noQemu = missing({ 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' });

export interface Workshop {
  readonly directory: string;
  path(name: string): string;
  /** qemu-img, in the directory. */
  img(...args: readonly string[]): Promise<void>;
  /** qemu-io on an image: one argument a command. */
  io(name: string, ...commands: readonly string[]): Promise<void>;
  /** What QEMU reads in the image. */
  truth(name: string): Promise<Uint8Array>;
}

/** A directory for images that is removed afterwards. */
export async function inWorkshop(work: (shop: Workshop) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'virt-df-qcow2-'));
  const path = (name: string): string => join(directory, name);
  try {
    await work({
      directory,
      path,
      async img(...args) {
        await run('qemu-img', args, { cwd: directory });
      },
      async io(name, ...commands) {
        // Nothing here must survive a power cut: no fsync.
        const args = ['-t', 'unsafe', ...commands.flatMap((c) => ['-c', c]), name];
        await run('qemu-io', args, { cwd: directory });
      },
      async truth(name) {
        const raw = `${name}.truth`;
        await run('qemu-img', ['convert', '-O', 'raw', name, raw], { cwd: directory });
        const bytes = await readFile(path(raw));
        await rm(path(raw));
        return bytes;
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Waits until nothing of a directory's files waits to be written: until then, what the host stores of them is an estimate
 * of the host's, which changes by a block now and then.
 */
export async function flush(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(directory, entry.name), 'r+');
    await file.sync();
    await file.close();
  }
}

/** A policy that allows these files, of no declared format. */
export function policyOf(paths: readonly string[]): FilePolicy {
  return { files: paths.map((path) => ({ path, format: null })), roots: [] };
}

/** Opens an image of the workshop in a scope of its own. */
export async function withDisk<T>(
  path: string,
  work: (content: ByteSource) => Promise<T>,
  format: string = 'qcow2',
  allowedPaths: readonly string[] = [],
): Promise<T> {
  const scope = openScope();
  try {
    return await work(
      (await openDisk(path, { format, scope, policy: policyOf(allowedPaths) })).content,
    );
  } finally {
    await scope.close();
  }
}

/** Opens an image that is given as bytes, alone in a directory. */
export async function withBytes<T>(
  image: Uint8Array,
  work: (content: ByteSource) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'virt-df-qcow2-'));
  try {
    const path = join(directory, 'disk');
    await writeFile(path, image);
    return await withDisk(path, work);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
