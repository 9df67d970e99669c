// 1 GiB of XFS's log that was not replayed: what a df of it costs, against reading those bytes once. The running kernel
// writes the log, so this needs root, loop devices, and XFS in the kernel.
// References: Linux Documentation/admin-guide/xfs.rst (xfssyncd_centisecs); fs/xfs/xfs_sysfs.c (log_head_lsn).
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { scanImages } from '../../dist/index.js';
import { compare, usage } from './measure.mjs';

const BIN = 'dist/virt-df.js';
const BLOCK_BYTES = 512;
const MIB = 2 ** 20;
/** The kernel keeps a part of the log free, so it is larger than what is to be replayed. */
const LOG_MIB = 1600;
/** How often the kernel writes metadata back and so shortens the log. */
const SYNC_SETTING = '/proc/sys/fs/xfs/xfssyncd_centisecs';
const NEVER = '720000';
const MAX_ROUNDS = 500;

function run(command, ...args) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

/** Makes and deletes files; of each directory half stay, so that whole chunks of inodes come and go too. */
function makeAndDelete(root, round) {
  const folder = join(root, `d${round}`);
  mkdirSync(folder);
  for (let i = 0; i < 4000; i++) closeSync(openSync(join(folder, String(i)), 'w'));
  for (let i = 0; i < 4000; i += round % 2 === 0 ? 1 : 2) unlinkSync(join(folder, String(i)));
}

/** Changes only inodes: nothing has more items in as many bytes. */
function changeInodes(root, round) {
  const count = 100_000;
  const folder = join(root, 'inodes');
  if (round === 0) {
    mkdirSync(folder);
    for (let i = 0; i < count; i++) closeSync(openSync(join(folder, String(i)), 'w'));
  }
  const mode = round % 2 === 0 ? 0o600 : 0o644;
  for (let i = 0; i < count; i++) chmodSync(join(folder, String(i)), mode);
}

/** Without this, what is changed again would be changed in memory only. */
function flush(path) {
  const file = openSync(path, 'a');
  writeSync(file, 'flushed');
  fsyncSync(file);
  closeSync(file);
}

/** Tail and head of the log in blocks; it has not run around its end. */
function span(device) {
  const folder = `/sys/fs/xfs/${basename(device)}/log`;
  return ['log_tail_lsn', 'log_head_lsn'].map((name) =>
    Number(readFileSync(join(folder, name), 'utf8').trim().split(':')[1]),
  );
}

function fill(image, mountPoint, work, wantedBytes) {
  run('mkfs.xfs', '-q', '-f', '-l', `size=${LOG_MIB}m`, image);
  const device = run('losetup', '--find', '--show', image).trim();
  const before = readFileSync(SYNC_SETTING, 'utf8');
  try {
    writeFileSync(SYNC_SETTING, NEVER);
    run('mount', device, mountPoint);
    // What is logged anew moves on in the log; what was logged once keeps the log from being shortened.
    writeFileSync(join(mountPoint, 'first'), '');
    try {
      for (let round = 0; ; round++) {
        work(mountPoint, round);
        flush(join(mountPoint, 'flushed'));
        const [tail, head] = span(device);
        if ((head - tail) * BLOCK_BYTES >= wantedBytes) break;
        if (round === MAX_ROUNDS) throw new Error(`the log has only blocks ${tail} to ${head}`);
      }
      run('xfs_io', '-x', '-c', 'shutdown -f', mountPoint);
      return span(device);
    } finally {
      run('umount', mountPoint);
    }
  } finally {
    writeFileSync(SYNC_SETTING, before);
    run('losetup', '--detach', device);
  }
}

/** The part of the log that is replayed, as a file of its own. */
function extract(image, [tail, head], target) {
  const text = run('xfs_db', '-r', '-c', 'sb', '-c', 'p logstart', image);
  const start = text.match(/= (\d+)/u)?.[1];
  const [, sector] = run('xfs_db', '-r', '-c', `convert fsb ${start} daddr`, image).match(
    /\((\d+)\)\s*$/u,
  );
  const [from, to] = [openSync(image), openSync(target, 'w')];
  const buffer = Buffer.alloc(MIB);
  let at = (Number(sector) + tail) * BLOCK_BYTES;
  for (let left = (head - tail) * BLOCK_BYTES; left > 0; ) {
    const count = readSync(from, buffer, 0, Math.min(MIB, left), at);
    writeSync(to, buffer, 0, count);
    at += count;
    left -= count;
  }
  closeSync(from);
  closeSync(to);
}

export function canLogXfs() {
  return process.getuid?.() === 0 && existsSync(SYNC_SETTING);
}

/** An XFS with 256 MiB of log to be replayed, of files that were made and deleted. */
export function makeXfsLog(folder, image) {
  const mountPoint = mkdtempSync(join(folder, 'mount-'));
  run('truncate', '-s', '8G', image);
  fill(image, mountPoint, makeAndDelete, 256 * MIB);
}

export async function xfsLog(folder) {
  if (!canLogXfs()) {
    console.log('\nlog of XFS: not measured, needs root and XFS in the running kernel');
    return;
  }
  console.log('\nXFS log to be replayed, of 1 GiB and of 256 MiB (median of 5):');
  const mountPoint = mkdtempSync(join(folder, 'mount-'));
  const [image, log] = [join(folder, 'xfs.raw'), join(folder, 'xfs.log')];
  for (const [name, work, wantedBytes] of [
    ['inodes only', changeInodes, 1024 * MIB],
    ['files made and deleted', makeAndDelete, 256 * MIB],
  ]) {
    rmSync(image, { force: true });
    run('truncate', '-s', '8G', image);
    const replayed = fill(image, mountPoint, work, wantedBytes);
    extract(image, replayed, log);
    for (const isRecent of [false, true]) await measure(name, image, log, isRecent);
  }
}

/** A file that was just written to may be in use, and is read with more care: both are measured. */
async function measure(name, image, log, isRecent) {
  const time = Date.now() / 1000 - (isRecent ? 0 : 3600);
  utimesSync(image, time, time);
  const [cat, nothing, ours] = compare(
    [
      ['sh', ['-c', `cat ${log} > /dev/null`]],
      [process.execPath, ['scripts/bench/nothing.mjs']],
      [process.execPath, [BIN, '-t', image]],
    ],
    5,
  );
  const { peakMib, cpuMs } = usage(BIN, ['-t', image]);
  const [report] = await scanImages([image]);
  const { readCount, bytesRead } = report.statistics;
  const { size } = statSync(log);
  console.log(
    `  ${name}${isRecent ? ', just written' : ''} (${report.filesystems[0]?.basis}): cat ${cat.toFixed(0)} ms, ` +
      `virt-df ${ours.toFixed(0)} ms (start ${nothing.toFixed(0)} ms), ` +
      `${((ours - nothing) / cat).toFixed(2)} x cat beyond the start; ${(ours / cat).toFixed(2)} x with it`,
  );
  console.log(
    `    ${readCount} reads, ${(bytesRead / MIB).toFixed(0)} MiB of ${(size / MIB).toFixed(0)}, ` +
      `${cpuMs.toFixed(0)} ms of CPU, peak memory ${peakMib.toFixed(0)} MiB`,
  );
}
