// What two commits are measured with (against.mjs): each case makes its files in a folder, and says what virt-df is given.
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeFileTree } from './file-tree.mjs';
import { makeJournal } from './journal.mjs';
import { serveFolder } from './serve.mjs';
import { TABLES } from './tables.mjs';
import { canLogXfs, makeXfsLog } from './xfs-log.mjs';

/** Hard links of the images that mkfs makes when it is told nothing; `isKnown` says which of them are read. */
export function linkImages(folder, count, isKnown = () => true) {
  const paths = readdirSync('images')
    .filter((name) => name.endsWith('-default.qcow2'))
    .map((name) => join('images', name))
    .filter(isKnown);
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: count }, (_, i) => {
    const path = paths[i % paths.length];
    const link = join(folder, `guest${String(i).padStart(4, '0')}-${basename(path)}`);
    linkSync(path, link);
    return link;
  });
}

/** A qcow2 of 100 GiB whose clusters are all allocated. */
export function makeFullQcow2(folder) {
  const image = join(folder, 'full.qcow2');
  const options = ['-q', '-f', 'qcow2', '-o', 'preallocation=metadata'];
  execFileSync('qemu-img', ['create', ...options, image, '100G']);
  return image;
}

/** A file that was written to just now is read with more care, which is not what is measured. */
function aged(image) {
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(image, hourAgo, hourAgo);
  return ['-t', image];
}

function tableCase(name) {
  const { make, tools } = TABLES[name];
  return {
    tools,
    turns: 11,
    isLarge: true,
    make: (folder) => {
      const image = join(folder, `${name}.raw`);
      make(image);
      return aged(image);
    },
  };
}

/** `isKnown` says whether both programs read an image: an old one knows less. `turns` suit what a run takes; `isLarge`: the files lie in /dev/shm, which holds sparse ones of 16 TiB. */
export const CASES = {
  one: { tools: {}, turns: 41, make: () => ['-t', 'images/ext4-default.qcow2'] },
  formats: { tools: {}, turns: 21, make: () => ['formats', 'list'] },
  many: {
    tools: {},
    turns: 7,
    // Links are not made across filesystems.
    isHere: true,
    make: (folder, isKnown) => {
      const links = linkImages(folder, 1000, isKnown);
      return ['--json', ...links.flatMap((link) => ['-t', link])];
    },
  },
  ntfs: tableCase('ntfs'),
  fat: tableCase('fat'),
  exfat: tableCase('exfat'),
  jbd2: {
    tools: { 'mkfs.ext4': 'e2fsprogs' },
    turns: 7,
    make: (folder) => {
      const image = join(folder, 'journal.raw');
      makeJournal(image, 20);
      return aged(image);
    },
  },
  xfs: {
    tools: { 'mkfs.xfs': 'xfsprogs' },
    turns: 7,
    whyNot: () => (canLogXfs() ? null : 'needs root and XFS in the running kernel'),
    make: (folder) => {
      const image = join(folder, 'xfs.raw');
      makeXfsLog(folder, image);
      return aged(image);
    },
  },
  du: {
    tools: { 'mkfs.ext4': 'e2fsprogs' },
    turns: 11,
    make: (folder) => {
      const image = join(folder, 'files.raw');
      makeFileTree(folder, image);
      return ['du', ...aged(image)];
    },
  },
  chain: {
    tools: { 'qemu-img': 'qemu-utils' },
    turns: 15,
    make: (folder) => ['chain', makeFullQcow2(folder)],
  },
  http: {
    tools: {},
    turns: 21,
    make: async () => {
      const server = await serveFolder('images');
      return ['-t', `${server.url}/ext4-default.qcow2`];
    },
  },
};
