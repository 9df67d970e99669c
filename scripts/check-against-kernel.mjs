// Makes filesystems of many shapes, fills them, and compares what virt-df reads with what the running kernel's statfs
// says, for a read-only mount (view `mount`) and a writable one (view `guest`).
// Usage (as root, after `node scripts/build.mjs --with-tests`):
//   node scripts/check-against-kernel.mjs [ext|xfs|all] [COUNT] [SEED] [--record FOLDER]
// COUNT shapes are made up by chance besides the fixed ones. --record keeps, for each shape, the pages that virt-df
// read and the kernel's numbers: what test/filesystem/recorded holds.
// Needs mkfs.ext4 (Debian: e2fsprogs), mkfs.xfs (Debian: xfsprogs), loop devices and both filesystems in the kernel.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmdirSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ext } from '../build/src/filesystem/ext.js';
import { xfs } from '../build/src/filesystem/xfs.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { record: { type: 'string' } },
});
const [only = 'all', count = '30', seed = '1'] = positionals;
const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;
/** Larger recordings are of filesystems too large for a test's fixture. */
const MAX_RECORDED_PAGES = 45;
const formats = { ext, xfs };

/** A small generator of pseudo-random numbers (mulberry32), so that a run can be repeated. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = generator(Number(seed));
const pick = (list) => list[Math.floor(random() * list.length)];
const between = (low, high) => low + Math.floor(random() * (high - low + 1));

/** Shapes that once were wrong, or that chance would seldom find. */
const fixed = {
  ext: [
    { mib: 100, args: ['-t', 'ext2', '-r', '0'] },
    { mib: 100, args: ['-t', 'ext2', '-b', '1024'] },
    { mib: 64, args: ['-t', 'ext3', '-b', '1024'] },
    { mib: 1024, args: ['-t', 'ext4'] },
    { mib: 4096, args: ['-t', 'ext4', '-b', '1024', '-O', 'meta_bg,^resize_inode'] },
    { mib: 4096, args: ['-t', 'ext4', '-b', '1024', '-O', '64bit,meta_bg,^resize_inode,^flex_bg'] },
    {
      mib: 600,
      args: ['-t', 'ext4', '-b', '1024', '-O', 'bigalloc,meta_bg,^resize_inode', '-C', '4096'],
    },
    {
      mib: 600,
      args: ['-t', 'ext4', '-b', '1024', '-O', 'bigalloc', '-C', '16384'],
      noOverhead: true,
    },
    { mib: 900, args: ['-t', 'ext4', '-O', 'bigalloc', '-C', '65536'], noOverhead: true },
    { mib: 900, args: ['-t', 'ext4', '-O', 'bigalloc,^flex_bg', '-C', '16384'], noOverhead: true },
    { mib: 900, args: ['-t', 'ext4', '-O', 'bigalloc'] },
    { mib: 800, args: ['-t', 'ext4', '-O', 'sparse_super2', '-E', 'num_backup_sb=2'] },
    { mib: 800, args: ['-t', 'ext4', '-O', 'sparse_super2', '-E', 'num_backup_sb=0'] },
    { mib: 800, args: ['-t', 'ext4', '-O', '^sparse_super,^resize_inode', '-b', '1024'] },
    { mib: 800, args: ['-t', 'ext4', '-O', 'quota,project'] },
    { mib: 800, args: ['-t', 'ext4', '-O', '^has_journal'] },
    { mib: 800, args: ['-t', 'ext4', '-O', '^metadata_csum,uninit_bg'] },
    { mib: 800, args: ['-t', 'ext4', '-O', '^metadata_csum,uninit_bg,64bit'] },
    { mib: 800, args: ['-t', 'ext4', '-O', '64bit', '-E', 'desc_size=128'] },
    { mib: 800, args: ['-t', 'ext4', '-O', 'fast_commit,orphan_file'] },
    { mib: 800, args: ['-t', 'ext4', '-O', 'metadata_csum_seed'] },
    { mib: 15 * 1024 * 1024, args: ['-t', 'ext4', '-O', '64bit', '-i', '1048576'], files: 50 },
    { mib: 64, args: ['-t', 'ext4', '-g', '256', '-b', '1024'] },
    { mib: 200, args: ['-t', 'ext4', '-m', '50'], full: true },
    { mib: 8, args: ['-t', 'ext4', '-b', '1024', '-N', '16'], full: true },
  ],
  xfs: [
    { mib: 1024, args: [] },
    { mib: 300, args: [], full: true },
    { mib: 512, args: ['-m', 'rmapbt=1'], full: true },
    { mib: 600, args: ['-m', 'finobt=0,reflink=0'] },
    { mib: 600, args: ['-m', 'crc=0'] },
    { mib: 600, args: ['-m', 'crc=0', '-l', 'lazy-count=0'] },
    { mib: 600, args: ['-m', 'crc=0', '-l', 'version=1'] },
    { mib: 600, args: ['-m', 'crc=0', '-b', 'size=512'] },
    { mib: 600, args: ['-b', 'size=1024'], files: 6000 },
    { mib: 600, args: ['-s', 'size=4096'] },
    { mib: 900, args: ['-m', 'inobtcount=0', '-b', 'size=1024'], files: 20000 },
    { mib: 900, args: ['-m', 'rmapbt=1', '-b', 'size=1024'], files: 6000 },
    { mib: 900, args: ['-m', 'rmapbt=1', '-d', 'agcount=7'] },
    { mib: 900, args: ['-i', 'maxpct=1'] },
    { mib: 900, args: ['-i', 'maxpct=0'] },
    { mib: 900, args: ['-i', 'size=2048'] },
    { mib: 900, args: ['-l', 'su=256k'] },
    { mib: 900, args: ['-l', 'su=32k,size=80m'] },
    { mib: 900, args: ['-b', 'size=16384'] },
    { mib: 2000, args: ['-b', 'size=65536'] },
    { mib: 900, args: ['-d', 'agsize=96m'], full: true },
    { mib: 15 * 1024 * 1024, args: [], files: 50 },
  ],
};

const makers = {
  ext() {
    const type = pick(['ext2', 'ext3', 'ext4', 'ext4', 'ext4', 'ext4']);
    const block = pick([1024, 2048, 4096]);
    const features = [];
    const args = ['-t', type, '-b', String(block), '-m', String(pick([0, 1, 5, 17]))];
    const maybe = (feature, chance) => random() < chance && features.push(feature);
    maybe('^sparse_super', 0.1);
    maybe(pick(['^resize_inode', 'meta_bg,^resize_inode']), 0.3);
    maybe('sparse_super2', 0.2);
    if (type === 'ext4') {
      maybe(pick(['64bit', '^64bit']), 0.5);
      maybe('^flex_bg', 0.3);
      maybe('^has_journal', 0.2);
      maybe('quota', 0.2);
      maybe('inline_data', 0.2);
      maybe('^metadata_csum,uninit_bg', 0.3);
      if (random() < 0.3) {
        features.push('bigalloc');
        args.push('-C', String(block * pick([2, 4, 16, 64])));
      } else {
        args.push(...pick([[], [], ['-g', String(8 * between(64, block))]]));
      }
    }
    args.push('-I', String(pick([128, 256, 512, 1024])));
    args.push('-i', String(pick([4096, 16384, 65536])));
    if (features.length > 0) args.push('-O', features.join(','));
    return { mib: pick([50, 150, 400, 1000, 3000]), args, full: random() < 0.1 };
  },
  xfs() {
    const args = [];
    const crc = random() < 0.75;
    const block = pick(crc ? [1024, 2048, 4096, 4096, 8192, 32768] : [512, 1024, 2048, 4096]);
    args.push('-b', `size=${block}`);
    if (crc) {
      const on = () => (random() < 0.6 ? 1 : 0);
      const finobt = on();
      args.push(
        '-m',
        `finobt=${finobt},inobtcount=${finobt && on()},rmapbt=${on()},reflink=${on()}`,
      );
    } else {
      args.push('-m', 'crc=0', '-l', `lazy-count=${pick([0, 1])}`);
    }
    if (random() < 0.3) args.push('-l', `su=${pick(['32k', '64k', '256k'])}`);
    if (random() < 0.5) args.push('-d', `agcount=${between(1, 12)}`);
    args.push('-i', `maxpct=${pick([0, 1, 5, 25, 100])}`);
    return {
      mib: pick([350, 600, 1500, 5000]),
      args,
      files: pick([100, 1000, 4000]),
      full: random() < 0.2,
    };
  },
};

const folder = mkdtempSync(join(tmpdir(), 'virt-df-check-'));
const mountPoint = join(folder, 'mnt');
const image = join(folder, 'image');
mkdirSync(mountPoint);

function run(command, args) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

/** Writes files, removes every third, and fills what is left if asked. */
function fill({ files = 400, full = false }) {
  const made = [];
  for (let i = 0; i < files; i++) {
    const directory = join(mountPoint, `d${i % 17}`);
    if (i < 17) mkdirSync(directory);
    const path = join(directory, `file-${i}`);
    try {
      writeFileSync(path, Buffer.alloc(between(0, 30000), 1));
      made.push(path);
    } catch {
      break;
    }
  }
  for (let i = 0; i < made.length; i += 3) rmSync(made[i]);
  if (!full) return;
  const bytes = Buffer.alloc(MIB, 1);
  const file = openSync(join(mountPoint, 'filler'), 'w');
  try {
    while (writeSync(file, bytes) > 0);
  } catch {
    // Full: that is what was wanted.
  } finally {
    closeSync(file);
  }
}

function mounted(options, action) {
  run('mount', ['-o', `loop,${options}`, image, mountPoint]);
  try {
    return action();
  } finally {
    run('umount', [mountPoint]);
  }
}

function kernelSays(options) {
  return mounted(options, () => {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(mountPoint);
    return [bsize, blocks, bfree, bavail, files, ffree];
  });
}

/** What virt-df says, and the numbers of the pages that it read. */
async function virtDfSays(format, view) {
  const file = await open(image);
  const pages = new Set();
  try {
    const { size: sizeBytes } = await file.stat();
    const read = async (offset, length) => {
      if (offset + length > sizeBytes) throw new Error(`read beyond the end: ${offset} ${length}`);
      for (
        let page = Math.floor(offset / PAGE_BYTES);
        page * PAGE_BYTES < offset + length;
        page++
      ) {
        pages.add(page);
      }
      return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer;
    };
    const source = { sizeBytes, read };
    if (!(await format.probe(source))) throw new Error('not recognised');
    const filesystem = await format.open(source);
    const usage = await filesystem.usage(view);
    if (usage.isStale) throw new Error('stale');
    const numbers = [
      usage.blockSizeBytes,
      usage.blockCount,
      usage.freeBlockCount,
      usage.availableBlockCount,
      usage.fileCount,
      usage.freeFileCount,
    ];
    return { numbers, pages, type: filesystem.type };
  } catch (error) {
    return { numbers: [error.message], pages };
  } finally {
    await file.close();
  }
}

/** The contents of pages of the image, one behind the other. */
function snapshot(pages) {
  const file = openSync(image);
  const contents = pages.map((page) => {
    const bytes = Buffer.alloc(PAGE_BYTES);
    readSync(file, bytes, 0, PAGE_BYTES, page * PAGE_BYTES);
    return bytes;
  });
  closeSync(file);
  return Buffer.concat(contents).toString('base64');
}

function record(name, index, test, recorded) {
  const maker = name === 'ext' ? 'mkfs.ext4' : 'mkfs.xfs';
  const recording = {
    made: [maker, ...test.args].join(' '),
    kernel: release(),
    size_bytes: test.mib * MIB,
    ...recorded,
  };
  const path = join(values.record, `${name}-${String(index).padStart(2, '0')}.json.gz`);
  writeFileSync(path, gzipSync(JSON.stringify(recording), { level: 9 }));
}

/** `skipped` with mkfs's or mount's reason, `same`, or what differs. */
async function check(name, test, index) {
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, test.mib * MIB);
  const mkfs =
    name === 'ext'
      ? ['mkfs.ext4', ['-q', '-F', ...test.args]]
      : ['mkfs.xfs', ['-q', '-f', ...test.args]];
  const made = spawnSync(mkfs[0], [...mkfs[1], image], { encoding: 'utf8' });
  if (made.status !== 0) return `skipped: ${made.stderr.trim().split('\n')[0]}`;
  try {
    mounted('rw', () => fill(test));
  } catch (error) {
    return `skipped: ${
      String(error.stderr ?? error)
        .trim()
        .split('\n')[0]
    }`;
  }
  if (test.noOverhead) run('debugfs', ['-w', '-R', 'set_super_value overhead_clusters 0', image]);
  const found = [];
  const statfs = {};
  const mount = await virtDfSays(formats[name], 'mount');
  const guest = await virtDfSays(formats[name], 'guest');
  const pages = [...new Set([...mount.pages, ...guest.pages])].sort((a, b) => a - b);
  // A writable mount may change what is on disk: the pages are kept before it.
  const contents = pages.length <= MAX_RECORDED_PAGES ? snapshot(pages) : null;
  for (const [view, options, { numbers }] of [
    ['mount', 'ro', mount],
    ['guest', 'rw', guest],
  ]) {
    statfs[view] = kernelSays(options);
    if (String(numbers) !== String(statfs[view])) {
      found.push(`${view}: kernel ${statfs[view]}, virt-df ${numbers}`);
    }
  }
  if (found.length > 0) return `DIFFERENT ${found.join('; ')}`;
  if (values.record !== undefined && contents !== null) {
    record(name, index, test, { type: mount.type, pages, contents, statfs });
  }
  return 'same';
}

const totals = { same: 0, skipped: 0, different: 0 };
try {
  for (const name of Object.keys(formats)) {
    if (only !== 'all' && only !== name) continue;
    const tests = [...fixed[name], ...Array.from({ length: Number(count) }, makers[name])];
    for (const [index, test] of tests.entries()) {
      const result = await check(name, test, index);
      totals[result === 'same' ? 'same' : result.startsWith('skipped') ? 'skipped' : 'different']++;
      if (result !== 'same')
        console.log(`${name} ${test.mib} MiB ${test.args.join(' ')}: ${result}`);
    }
  }
} finally {
  rmSync(image, { force: true });
  rmdirSync(mountPoint);
  rmdirSync(folder);
}
console.log(`${totals.same} the same, ${totals.different} different, ${totals.skipped} skipped`);
process.exitCode = totals.different === 0 ? 0 : 1;
