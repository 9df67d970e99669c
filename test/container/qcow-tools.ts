// What the tests of qcow, qcow2 and QED share: opening with all options, qemu-img's JSON, images changed by hand.
import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk } from '../../src/container/container.js';
import { type OpenOptions, openDisk } from '../../src/container/open.js';
import type { Secrets } from '../../src/container/secrets.js';
import type { DiskExtent } from '../../src/container/tables/disk-extent.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { cpuTime } from '../cpu-time.js';
import { run } from '../run.js';
import { secretsOf } from '../secrets.js';

const MAX_MILLISECONDS = 1000;

/** Opens an image in a scope of its own. */
export async function withOpened<T>(
  path: string,
  options: Omit<Partial<OpenOptions>, 'scope'>,
  work: (disk: Disk) => Promise<T> | T,
): Promise<T> {
  const scope = openScope();
  try {
    return await work(await openDisk(path, { format: 'auto', ...options, scope }));
  } finally {
    await scope.close();
  }
}

/** The passphrases of `OpenOptions`: the same for everything. */
export function keys(...passphrases: readonly string[]): () => Secrets {
  return () => secretsOf(passphrases.map((one) => Buffer.from(one)));
}

export async function wholeDisk({ content }: Disk): Promise<Uint8Array> {
  return content.read(0, content.sizeBytes);
}

/** All extents of a layer, over as many calls as it takes. */
export async function wholeMap({ layer }: Disk): Promise<readonly DiskExtent[]> {
  const extents: DiskExtent[] = [];
  const size = layer.capacityBytes ?? 0;
  for (let at = 0; at < size; ) {
    const more = (await layer.map?.(at, size - at)) ?? [];
    extents.push(...more);
    const last = more.at(-1);
    if (last === undefined || last.lengthBytes <= 0) throw new Error(`no extent at ${at}`);
    at = last.offsetBytes + last.lengthBytes;
  }
  return extents;
}

export interface Check {
  readonly endBytes: number | null;
  readonly leaks: number;
}

/** `qemu-img check`, which ends with a code of its own when it finds something. */
export async function qemuCheck(
  path: string,
  format: string,
  options: readonly string[] = [],
): Promise<Check> {
  const args = ['check', '--output', 'json', ...options];
  const named = options.length === 0 ? [...args, '-f', format, path] : args;
  // QEMU looks for an external data file in the directory that it runs in.
  const text = await run('qemu-img', named, { cwd: dirname(path) }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
  const found: Record<string, number> = JSON.parse(text);
  return { endBytes: found['image-end-offset'] ?? null, leaks: found.leaks ?? 0 };
}

/** Writes bytes into an image. */
export async function poke(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
}

/** Bytes of an image. */
export async function peek(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    await file.read(buffer, 0, length, offset);
    return buffer;
  } finally {
    await file.close();
  }
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Pseudo-random commands for qemu-io, on a disk of so many bytes. */
export function writes(next: (limit: number) => number, sizeBytes: number, count = 12): string[] {
  return Array.from({ length: count }, (_, i) => {
    const length = 512 * (1 + next(i % 3 === 0 ? 600 : 12));
    return `write -P ${1 + next(255)} ${512 * next(Math.floor((sizeBytes - length) / 512))} ${length}`;
  });
}

/** What must come of it when these bytes stand there. */
export type Poke = readonly [expected: ErrorCode | 'read', offset: number, bytes: Buffer];

/** Changes a sound image at one place after the other, and reads all of it each time. */
export async function assertCodes(
  path: string,
  format: string,
  sound: Uint8Array,
  pokes: readonly Poke[],
): Promise<void> {
  for (const [expected, offset, bytes] of pokes) {
    await writeFile(path, sound);
    await poke(path, offset, bytes);
    const spentMs = cpuTime();
    const read = withOpened(path, { format }, async (disk) => {
      await wholeDisk(disk);
      await disk.layer.inspect?.();
      return 'read';
    });
    const outcome = await read.catch((error: unknown) => {
      assert.ok(error instanceof VirtDfError, String(error));
      return error.code;
    });
    assert.equal(outcome, expected, `${bytes.toString('hex')} at ${offset}`);
    assert.ok(spentMs() < MAX_MILLISECONDS, 'took too long');
  }
}
