// What other programs say of the files in the recorded images, as scripts/images/files.py wrote it down.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FOLDER = resolve('test/filesystem/files/truth');

export interface FatTruth {
  /** By path with a slash before it, as bytes. mtools: clusters as `[first, last]`. null: mtools cannot read it. */
  readonly files: Readonly<
    Record<
      string,
      { readonly type: string; readonly clusters: readonly (readonly [number, number])[] }
    >
  >;
  /** fsck.fat: clusters in use that no file has. */
  readonly lost_bytes: number;
}

/** By the device that the filesystem lies on. */
export function truthOf<T>(name: string): Readonly<Record<string, T>> {
  const path = resolve(FOLDER, `${name}.json.gz`);
  if (!existsSync(path)) return {};
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')).filesystems;
}

/** A text of JSON as bytes, a character for each; what was not UTF-8 stands as half of a surrogate pair, as Python has it. */
export function asBytes(text: string): string {
  return [...text]
    .map((one) => {
      const unit = one.charCodeAt(0);
      const isByte = one.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
      return isByte
        ? String.fromCharCode(unit - 0xdc00)
        : Buffer.from(one, 'utf8').toString('latin1');
    })
    .join('');
}

/** A file as stat(2) and FIEMAP show it. */
export interface KernelFile {
  readonly kind: string;
  readonly inode: number;
  readonly mode: number;
  readonly ids: readonly number[];
  readonly links: number;
  readonly size: number;
  readonly allocated: number;
  /** Nanoseconds. */
  readonly modified?: string;
  readonly changed?: string;
  /** `[file offset, place, length, 1 if unwritten + 2 if shared]`; null where they lie in the inode. */
  readonly pieces?: readonly [number, number, number, number][] | null;
  /** debugfs: the blocks of the file and of its map. */
  readonly blocks?: readonly number[];
  readonly target?: string;
}

export interface ExtTruth {
  readonly oracle: string;
  readonly files: Readonly<Record<string, KernelFile>>;
}
