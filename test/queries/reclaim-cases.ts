// The images of test/queries/reclaim/, with what fstrim gave back of each; scripts/images/reclaim.py made both.
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FOLDER = resolve('test/queries/reclaim');

/** Ranges are `[offset, length]`. */
type Ranges = readonly (readonly [number, number])[];

export interface ReclaimCase {
  readonly name: string;
  readonly format: string;
  readonly device: string;
  /** Left out: one. */
  readonly disk_count?: number;
  readonly files: readonly {
    readonly name: string;
    readonly size_bytes: number;
    readonly data: Ranges;
  }[];
  /** Of the disk, or of each disk, by `qemu-img map`. */
  readonly stored: Ranges | readonly Ranges[];
  readonly given_back_bytes: number;
  /** By how much the file became smaller, while the mount made it larger by `new_bytes`. */
  readonly shrunk_bytes: number;
  readonly new_bytes: number;
}

export function reclaimCases(): readonly ReclaimCase[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
    .map((name) => JSON.parse(gunzipSync(readFileSync(join(FOLDER, name))).toString()));
}

/** Runs `use` with the paths of the disks' active images; files are as sparse as they were. */
export async function withCase(
  { files, disk_count = 1 }: ReclaimCase,
  use: (paths: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-reclaim-'));
  try {
    for (const { name, size_bytes, data } of files) {
      const bytes = gunzipSync(readFileSync(join(FOLDER, `${name}.gz`)));
      const file = openSync(join(folder, basename(name)), 'w');
      ftruncateSync(file, size_bytes);
      for (const [offset, length] of data) writeSync(file, bytes, offset, length, offset);
      closeSync(file);
    }
    await use(files.slice(0, disk_count).map(({ name }) => join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function total(ranges: ReclaimCase['stored']): number {
  const pairs = ranges.flat(2);
  return pairs.reduce((sum, number, index) => sum + (index % 2 === 1 ? number : 0), 0);
}
