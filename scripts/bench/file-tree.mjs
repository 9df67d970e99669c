// 22,600 files in 2,260 directories on 1 GiB of ext4, for what a du of them costs. mkfs writes them, so this needs no root.
// References: mkfs.ext4(8), -d.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TOPS = 20;
const DIRECTORIES_PER_TOP = 113;
const FILES_PER_DIRECTORY = 10;
/** Most files are small. */
const SIZES = [0, 300, 1500, 4000, 4100, 9000, 20_000, 60_000];

export function makeFileTree(folder, image) {
  const tree = join(folder, 'tree');
  for (let top = 0; top < TOPS; top++) {
    for (let directory = 0; directory < DIRECTORIES_PER_TOP; directory++) {
      const path = join(tree, `top-${top}`, `directory-${directory}`);
      mkdirSync(path, { recursive: true });
      for (let file = 0; file < FILES_PER_DIRECTORY; file++) {
        const size = SIZES[(directory + file) % SIZES.length];
        writeFileSync(join(path, `a-file-of-${size}-bytes-${file}.txt`), Buffer.alloc(size, 'x'));
      }
    }
  }
  writeFileSync(image, '');
  truncateSync(image, 2 ** 30);
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', tree, image]);
  rmSync(tree, { recursive: true });
}
