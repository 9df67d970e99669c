// The sectors that the running kernel writes when it replays the log of an XFS, before it does anything else: QEMU exports
// the image as a file whose writes it logs, and what comes before the first write to the log that follows one elsewhere is
// the replay alone. scripts/images/xfs_recovered.py records the same of images for the tests.
// References: Linux fs/xfs/xfs_log_recover.c: xlog_recover, xlog_recover_finish;
// Documentation/admin-guide/device-mapper/log-writes.rst.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const SECTOR = 512;
const DISCARD = 4;

function run(command, ...args) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

/** Where the internal log lies, in sectors. */
function logOf(disk) {
  const [blockBytes, blocksPerGroup, blocks] = [4, 84, 96].map((at) => disk.readUInt32BE(at));
  const start = Number(disk.readBigUInt64BE(48));
  const unit = 2 ** disk[124];
  const first = (Math.floor(start / unit) * blocksPerGroup + (start % unit)) * blockBytes;
  return { first: first / SECTOR, end: (first + blocks * blockBytes) / SECTOR };
}

/**
 * @param path of the image, a copy of which is mounted read-only at `mountPoint`.
 * @returns by sector: what it holds after the replay.
 */
export async function replayedByKernel(path, mountPoint) {
  const [work, writes, exported, pid] = ['work', 'writes', 'export', 'pid'].map(
    (name) => `${path}.${name}`,
  );
  run('cp', '--sparse=always', path, work);
  for (const name of [writes, exported]) writeFileSync(name, '');
  truncateSync(writes, 2 ** 30);
  run(
    'qemu-storage-daemon',
    ...['--blockdev', `driver=file,node-name=disk,filename=${work}`],
    ...['--blockdev', `driver=file,node-name=log,filename=${writes}`],
    ...['--blockdev', 'driver=blklogwrites,node-name=both,file=disk,log=log'],
    ...['--export', `type=fuse,id=e,node-name=both,mountpoint=${exported},writable=on`],
    ...['--pidfile', pid, '--daemonize'],
  );
  try {
    const device = run('losetup', '--find', '--show', exported).trim();
    try {
      run('mount', '-o', 'ro', device, mountPoint);
      run('umount', mountPoint);
    } finally {
      run('losetup', '--detach', device);
    }
  } finally {
    await sleep(200);
    process.kill(Number(readFileSync(pid, 'utf8')));
    // The export ends with it, and the log of the writes is whole.
    await sleep(500);
  }
  const found = sectorsOf(readFileSync(writes), logOf(readFileSync(path)));
  for (const name of [work, writes, exported]) rmSync(name);
  return found;
}

function sectorsOf(writes, log) {
  const found = new Map();
  const count = Number(writes.readBigUInt64LE(16));
  let at = SECTOR;
  for (let i = 0; i < count; i++) {
    const [first, length, flags] = [0, 8, 16].map((o) => Number(writes.readBigUInt64LE(at + o)));
    at += SECTOR;
    if (length === 0 || (flags & DISCARD) !== 0) continue;
    const isLog = first >= log.first && first < log.end;
    if (isLog && found.size > 0) return found;
    if (!isLog) {
      for (let n = 0; n < length; n++) {
        found.set(first + n, writes.subarray(at + n * SECTOR, at + (n + 1) * SECTOR));
      }
    }
    at += length * SECTOR;
  }
  return found;
}
