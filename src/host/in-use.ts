// Whether this host writes to an image or a device while it is read: its kernel has it mounted, or a QEMU runs a guest on it.
// References: proc_locks(5), proc_pid_mountinfo(5); Linux Documentation/ABI/testing/sysfs-block-loop (backing_file); QEMU
// block/file-posix.c: RAW_LOCK_PERM_BASE, raw_apply_lock_bytes.
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isUrl } from './location.js';

/** The bytes that QEMU locks of a file that it reads, or may write to: RAW_LOCK_PERM_BASE and the bits of BLK_PERM_CONSISTENT_READ, _WRITE. */
const READ_LOCK = 100n;
const WRITE_LOCK = 101n;
/** Those that free deleted files when they are mounted. Others are not asked about, and one of FUSE has any source that its user likes. */
const FREEING = new Set(['btrfs', 'ext2', 'ext3', 'ext4', 'f2fs', 'xfs']);
const LOOP_DEVICE = /^loop\d+$/u;

/** Nobody is asked for more than this host shows to everybody: what cannot be told is no. */
export async function isInUse(path: string): Promise<boolean> {
  if (isUrl(path)) return false;
  try {
    const real = await realpath(path);
    const found = await stat(real, { bigint: true });
    if (await isLocked(found, WRITE_LOCK)) return true;
    const devices = found.isBlockDevice() ? [basename(real)] : await loopDevices(real);
    if (devices.length === 0) return false;
    return isMountedIn(await readFile('/proc/self/mountinfo', 'utf8'), devices);
  } catch {
    return false;
  }
}

/** Whether a QEMU of this host has it open, to write or as an image behind another; what cannot be told is no. */
export async function isOpenInQemu(path: string): Promise<boolean> {
  if (isUrl(path)) return false;
  try {
    return await isLocked(await stat(path, { bigint: true }), READ_LOCK);
  } catch {
    return false;
  }
}

/** A line is `1: OFDLCK ADVISORY READ -1 fe:00:1234 100 101`, the device in hexadecimal digits. */
async function isLocked(
  { dev, ino }: { dev: bigint; ino: bigint },
  byte: bigint,
): Promise<boolean> {
  const file = `${hex(majorOf(dev))}:${hex(minorOf(dev))}:${ino}`;
  const lines = (await readFile('/proc/locks', 'utf8')).split('\n');
  return lines.some((line) => {
    const words = line.split(/\s+/u);
    const [place, first = '', last = ''] = words.slice(-3);
    if (place !== file || !words.includes('OFDLCK') || !/^\d+$/u.test(first)) return false;
    return BigInt(first) <= byte && (!/^\d+$/u.test(last) || BigInt(last) >= byte);
  });
}

function hex(number: bigint): string {
  return number.toString(16).padStart(2, '0');
}

/** gnu_dev_major(3) */
function majorOf(device: bigint): bigint {
  return ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
}

function minorOf(device: bigint): bigint {
  return (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
}

async function loopDevices(path: string): Promise<readonly string[]> {
  const names = (await readdir('/sys/block')).filter((name) => LOOP_DEVICE.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      // Of one that is free there is no such file.
      const file = readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '');
      return (await file).trimEnd() === path ? [name] : [];
    }),
  );
  return found.flat();
}

/** Whether one of these devices, or a partition of one, is mounted for writing. */
export function isMountedIn(mounts: string, names: readonly string[]): boolean {
  return mounts.split('\n').some((line) => {
    const [type = '', source = '', options = ''] = (line.split(' - ')[1] ?? '').split(' ');
    const isWritable = FREEING.has(type) && options.split(',').includes('rw');
    return isWritable && names.some((name) => isOf(source, name));
  });
}

/** `sda1` is a partition of `sda`, and `loop1p1` one of `loop1`: `loop12` is another device. */
function isOf(source: string, name: string): boolean {
  const device = `/dev/${name}`;
  if (!source.startsWith(device)) return false;
  return (/\d$/u.test(name) ? /^(?:p\d+)?$/u : /^\d*$/u).test(source.slice(device.length));
}
