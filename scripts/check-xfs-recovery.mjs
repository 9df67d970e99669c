// Copies XFS at many moments while it is worked on, as a crash would leave it, and compares what virt-df reads of each
// copy with what the running kernel says once it has mounted it: read-only (view `mount`) and writable (view `guest`);
// and all that virt-df makes of the log, sector by sector, with what the kernel writes when it replays it.
// A copy is a clone of the disk's file, so it is of one moment.
// Usage (as root, after `node scripts/build.mjs --with-tests`):
//   node scripts/check-xfs-recovery.mjs [COPIES] [SEED] [--shape N] [--keep FOLDER]
// COPIES is of each shape. --keep puts the copies there that are not as the kernel says, and its numbers with them.
// Needs mkfs.xfs and qemu-storage-daemon (Debian: xfsprogs, qemu-system-common), python3, loop devices, XFS in the kernel, and 3 GiB in /dev/shm.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { recoveredVolume } from '../build/src/filesystem/xfs/recovery.js';
import { xfs } from '../build/src/filesystem/xfs.js';
import { replayedByKernel } from './xfs-kernel-replay.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'string' }, shape: { type: 'string' } },
});
const [copies = '25', seed = '1'] = positionals;
const MIB = 1024 * 1024;

const SHAPES = [
  { mib: 320, args: [] },
  { mib: 320, args: ['-m', 'rmapbt=1'] },
  { mib: 320, args: ['-b', 'size=1024'] },
  { mib: 320, args: ['-b', 'size=1024', '-m', 'rmapbt=1', '-d', 'agcount=2'] },
  { mib: 320, args: ['-m', 'reflink=0'] },
  { mib: 320, args: ['-m', 'finobt=0,inobtcount=0', '-l', 'su=32k'] },
  { mib: 320, args: ['-s', 'size=4096', '-i', 'size=2048,nrext64=1'] },
];

const base = mkdtempSync('/dev/shm/virt-df-xfs-');
const [hostImage, host, guest] = ['host.raw', 'host', 'guest'].map((name) => join(base, name));
const disk = join(host, 'disk');

function run(command, ...args) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

function clone(from, to) {
  run('cp', '--reflink=always', from, to);
}

/** Random, but the same for the same seed. */
function generator(state) {
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function takeCopies(shape, number, draw) {
  writeFileSync(disk, '');
  truncateSync(disk, shape.mib * MIB);
  run('mkfs.xfs', '-q', '-f', ...shape.args, disk);
  run('mount', '-o', 'loop', disk, guest);
  const worker = spawn('python3', ['scripts/images/xfs_work.py', guest, String(number), '3'], {
    stdio: 'inherit',
  });
  const taken = [];
  try {
    await sleep(1500);
    for (let i = 0; i < Number(copies); i++) {
      await sleep(30 + draw() * 300);
      const path = join(host, `copy-${i}`);
      clone(disk, path);
      taken.push(path);
    }
  } finally {
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGTERM');
    await ended;
    run('umount', guest);
    rmSync(disk);
  }
  return taken;
}

function kernelSays(path, options) {
  const copy = `${path}.mounted`;
  clone(path, copy);
  // The loop device is writable even if the mount is not, so that the log can be replayed.
  const device = run('losetup', '--find', '--show', copy).trim();
  try {
    run('mount', '-o', options, device, guest);
  } catch (error) {
    run('losetup', '--detach', device);
    throw error;
  }
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(guest);
    return [bsize, blocks, bfree, bavail, files, ffree];
  } finally {
    run('umount', guest);
    run('losetup', '--detach', device);
    rmSync(copy);
  }
}

/** The image as a source of bytes, while `use` runs. */
async function withSource(path, use) {
  const file = await open(path);
  try {
    const { size: sizeBytes } = await file.stat();
    const read = async (offset, length) =>
      (await file.read(Buffer.alloc(length), 0, length, offset)).buffer;
    return await use({ sizeBytes, read });
  } finally {
    await file.close();
  }
}

async function virtDfSays(path, view) {
  return withSource(path, async (source) => {
    const usage = await (await xfs.open(source)).usage(view);
    const { blockSizeBytes, blockCount, freeBlockCount, availableBlockCount } = usage;
    const { fileCount, freeFileCount } = usage;
    const blocks = [blockSizeBytes, blockCount, freeBlockCount, availableBlockCount];
    return {
      basis: usage.isStale ? 'stale' : usage.basis,
      numbers: [...blocks, fileCount, freeFileCount],
    };
  });
}

const SECTOR = 512;

/** The sectors that are not what the kernel writes when it replays the log. */
async function differentSectors(path) {
  const kernel = await replayedByKernel(path, guest);
  return withSource(path, async (disk) => {
    const { source, doubts } = await recoveredVolume(disk);
    if (doubts.some(({ code }) => code !== 'ESTIMATE')) throw doubts[0];
    // With nothing to replay, the first that the kernel writes is the superblock of its own mount.
    if ([...source.changedRanges()].length === 0) kernel.delete(0);
    const sectors = new Set(kernel.keys());
    for (const { offsetBytes, lengthBytes } of source.changedRanges()) {
      for (let at = 0; at < lengthBytes; at += SECTOR) sectors.add((offsetBytes + at) / SECTOR);
    }
    const different = [];
    for (const sector of sectors) {
      const ours = await source.read(sector * SECTOR, SECTOR);
      const theirs = kernel.get(sector) ?? (await disk.read(sector * SECTOR, SECTOR));
      if (Buffer.compare(ours, theirs) !== 0) different.push(sector);
    }
    return { different: different.sort((a, b) => a - b), count: sectors.size };
  });
}

/** By what the row says of itself: how often it was as the kernel says, and how often not. */
const totals = Object.fromEntries(
  ['metadata', 'superblock', 'log', 'estimate', 'stale', 'failed', 'state'].map((basis) => [
    basis,
    { same: 0, different: 0 },
  ]),
);

async function check(shape, path, index) {
  const different = [];
  const kernel = {};
  for (const [view, options] of [
    ['mount', 'ro'],
    ['guest', 'rw'],
  ]) {
    const ours = await virtDfSays(path, view);
    kernel[view] = kernelSays(path, options);
    const isSame = String(ours.numbers) === String(kernel[view]);
    totals[ours.basis][isSame ? 'same' : 'different'] += 1;
    if (isSame) continue;
    const [theirs, own] = [kernel[view], ours.numbers].map((numbers) => numbers.slice(2));
    different.push(`${view} (${ours.basis}): kernel ${theirs}, virt-df ${own}`);
  }
  const state = await differentSectors(path);
  totals.state[state.different.length === 0 ? 'same' : 'different'] += 1;
  if (state.different.length > 0) {
    different.push(`sectors ${state.different.slice(0, 8)} of ${state.count} after the replay`);
  }
  if (different.length === 0) return;
  console.log(`${shape.args.join(' ')} #${index}: ${different.join('; ')}`);
  if (values.keep === undefined) return;
  mkdirSync(values.keep, { recursive: true });
  const name = join(values.keep, `${SHAPES.indexOf(shape)}-${seed}-${index}`);
  run('cp', '--sparse=always', path, `${name}.raw`);
  writeFileSync(`${name}.json`, JSON.stringify({ kernel, different }));
}

mkdirSync(host);
mkdirSync(guest);
writeFileSync(hostImage, '');
truncateSync(hostImage, 6 * 1024 * MIB);
run('mkfs.xfs', '-q', '-m', 'reflink=1', hostImage);
run('mount', '-o', 'loop', hostImage, host);
try {
  for (const [i, shape] of SHAPES.entries()) {
    if (values.shape !== undefined && Number(values.shape) !== i) continue;
    const draw = generator(Number(seed) * 100 + i);
    const taken = await takeCopies(shape, Number(seed) * 100 + i, draw);
    for (const [index, path] of taken.entries()) {
      try {
        await check(shape, path, index);
      } catch (error) {
        console.log(`${shape.args.join(' ')} #${index}: ${error.stderr ?? error.stack}`);
        totals.failed.different += 1;
      }
      rmSync(path);
    }
    console.log(shape.args.join(' '), JSON.stringify(totals));
  }
} finally {
  run('umount', host);
  rmSync(base, { recursive: true });
}
console.log(JSON.stringify(totals));
// An estimate may be off; what says that it is exact may not.
const wrong = Object.entries(totals).filter(([basis]) => basis !== 'estimate');
process.exitCode = wrong.some(([, { different }]) => different > 0) ? 1 : 0;
