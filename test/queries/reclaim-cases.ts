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
  readonly files: readonly {
    readonly name: string;
    readonly size_bytes: number;
    readonly data: Ranges;
  }[];
  /** Of the disk, by `qemu-img map`. */
  readonly stored: Ranges;
  readonly given_back: Ranges;
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

/** Runs `use` with the path of the active image; files are as sparse as they were. */
export async function withCase(
  { files }: ReclaimCase,
  use: (path: string) => Promise<void>,
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
    await use(join(folder, files[0]?.name ?? ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function total(ranges: Ranges): number {
  return ranges.reduce((sum, [, length]) => sum + length, 0);
}
