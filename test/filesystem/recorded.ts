// Recordings of real filesystems: the pages that virt-df reads of them, and what a kernel's statfs said.
// Made by scripts/check-against-kernel.mjs --record; those of Linux 6.1 by the same steps in libguestfs's appliance.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkedRange } from '../../src/bytes/range.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { VirtDfError } from '../../src/errors.js';
import type { FilesystemFormat, Usage, View } from '../../src/filesystem/filesystem.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { recognises } from './recognises.js';

const FOLDER = resolve('test/filesystem/recorded');
export const PAGE_BYTES = 4096;

/** f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree */
type Statfs = readonly number[];

export interface Recording {
  readonly name: string;
  /** How it was made, and the kernel that said how full it is. */
  readonly made: string;
  readonly kernel: string;
  readonly type: string;
  readonly size_bytes: number;
  /** Numbers of 4 KiB pages; their contents, one behind the other, in base64. */
  readonly pages: readonly number[];
  readonly contents: string;
  readonly statfs: Readonly<Record<View, Statfs>>;
}

export function recordings(format: 'ext' | 'xfs'): readonly Recording[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(`${format}-`))
    .sort()
    .map((name) => ({
      name,
      ...JSON.parse(gunzipSync(readFileSync(resolve(FOLDER, name))).toString('utf8')),
    }));
}

/** The recording whose mkfs command holds `words`. */
export function recordingOf(format: 'ext' | 'xfs', words: string): Recording {
  const found = recordings(format).find(({ made }) => made.includes(words));
  assert.ok(found, `no recording of ${format} ${words}`);
  return found;
}

/** A source that is zeros but for some pages; `write` changes it. Counts what is read of it. */
export interface SparseSource extends ByteSource {
  readonly pages: Map<number, Buffer>;
  readonly statistics: { reads: number; bytes: number };
  write(offset: number, bytes: Uint8Array): void;
}

export function sparseSource(sizeBytes: number): SparseSource {
  const pages = new Map<number, Buffer>();
  const statistics = { reads: 0, bytes: 0 };
  /** Calls `each` with every page of a range, the part of it, and where that is in the range. */
  const walk = (
    offset: number,
    length: number,
    each: (page: number, from: number, to: number, at: number) => void,
  ) => {
    for (let at = 0; at < length; ) {
      const page = Math.floor((offset + at) / PAGE_BYTES);
      const from = offset + at - page * PAGE_BYTES;
      const to = Math.min(PAGE_BYTES, from + length - at);
      each(page, from, to, at);
      at += to - from;
    }
  };
  return {
    sizeBytes,
    pages,
    statistics,
    runs: memoryRuns,
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes);
      statistics.reads++;
      statistics.bytes += length;
      const bytes = Buffer.alloc(length);
      walk(offset, length, (page, from, to, at) => pages.get(page)?.copy(bytes, at, from, to));
      return bytes;
    },
    write(offset, bytes) {
      walk(offset, bytes.length, (page, from, to, at) => {
        const content = pages.get(page) ?? Buffer.alloc(PAGE_BYTES);
        content.set(bytes.subarray(at, at + to - from), from);
        pages.set(page, content);
      });
    },
  };
}

/** The recorded filesystem; `sizeBytes` cuts it short. */
export function recordedSource(
  recording: Recording,
  sizeBytes = recording.size_bytes,
): SparseSource {
  const source = sparseSource(sizeBytes);
  const contents = Buffer.from(recording.contents, 'base64');
  for (const [i, page] of recording.pages.entries()) {
    source.pages.set(page, Buffer.from(contents.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES)));
  }
  return source;
}

export async function usageOf(
  format: FilesystemFormat,
  source: ByteSource,
  view: View = 'guest',
): Promise<Usage> {
  assert.equal(await recognises(format, source), true);
  return (await format.open(source)).usage(view);
}

export function statfsOf(usage: Usage): readonly (number | null)[] {
  return [
    usage.blockSizeBytes,
    usage.blockCount,
    usage.freeBlockCount,
    usage.availableBlockCount,
    usage.fileCount,
    usage.freeFileCount,
  ];
}

/** Both views of a recording are the kernel's, number for number. */
export async function assertRecording(
  format: FilesystemFormat,
  recording: Recording,
): Promise<void> {
  const source = recordedSource(recording);
  const filesystem = await format.open(source);
  assert.equal(filesystem.type, recording.type);
  assert.equal(filesystem.kind, 'filesystem');
  for (const view of ['mount', 'guest'] as const) {
    const usage = await usageOf(format, source, view);
    assert.deepEqual(statfsOf(usage), recording.statfs[view], view);
    assert.equal(usage.isStale, false);
  }
}

/** Whatever a damaged filesystem gives, it is numbers or a VirtDfError. */
export async function assertOnlyExpectedErrors(
  format: FilesystemFormat,
  source: ByteSource,
): Promise<'read' | 'refused'> {
  try {
    if (!(await recognises(format, source))) return 'refused';
    const filesystem = await format.open(source);
    for (const view of ['mount', 'guest'] as const) {
      for (const value of statfsOf(await filesystem.usage(view))) {
        assert.ok(value === null || Number.isSafeInteger(value), `${value} is no exact number`);
      }
    }
    return 'read';
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return 'refused';
  }
}

/** Flips bits in the pages of recordings, the same in every run, after `heal` put the checksums right or not. */
export async function flipBits(
  format: FilesystemFormat,
  all: readonly Recording[],
  cases: number,
  heal: (source: SparseSource) => void,
): Promise<void> {
  const draw = random(`flip ${format.name}`);
  for (let i = 0; i < cases; i++) {
    const recording = all[i % all.length];
    assert.ok(recording);
    const source = recordedSource(recording);
    const pages = [...source.pages.values()];
    for (let flips = draw(3); flips >= 0; flips--) {
      const page = pages[draw(pages.length)];
      // Half of them in the first page that matters: the superblock's.
      const target = (draw(2) === 0 ? pages[0] : page) ?? Buffer.alloc(0);
      const at = draw(target.length);
      target[at] = (target[at] ?? 0) ^ (1 << draw(8));
    }
    if (draw(2) === 0) heal(source);
    const spentMs = cpuTime();
    await assertOnlyExpectedErrors(format, source);
    assert.ok(spentMs() < 1000, `case ${i} of ${recording.name} took too long`);
  }
}

/** Cuts a recording off at every 4 KiB of its first MiB. */
export async function truncateEverywhere(
  format: FilesystemFormat,
  recording: Recording,
): Promise<void> {
  for (let size = 0; size < 1024 * 1024; size += PAGE_BYTES) {
    const source = recordedSource(recording, size);
    assert.equal(await assertOnlyExpectedErrors(format, source), 'refused', `${size} bytes`);
  }
}

/** Asserts that opening and reading is refused with a code and, if given, words of the message. */
export async function assertRefused(
  format: FilesystemFormat,
  source: ByteSource,
  code: string,
  words = '',
  view: View = 'guest',
): Promise<void> {
  await assert.rejects(usageOf(format, source, view), (error) => {
    assert.ok(error instanceof VirtDfError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(words), error.message);
    return true;
  });
}
