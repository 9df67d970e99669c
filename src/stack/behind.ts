// What begins behind a filesystem that ends before its volume does. Firmware of routers (OpenWrt) has a squashfs, and the
// filesystem that is written to begins at the next multiple of 64 KiB behind it, in the same partition; live systems and
// snaps append at whole MiB.
// References: OpenWrt fstools libfstools/rootdisk.c (ROOTDEV_OVERLAY_ALIGN).
import { slice } from '../bytes/slice.js';
import { isCutOff, orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { isZeros } from '../bytes/zero.js';
import { VirtDfError } from '../errors.js';
import { KIB, MIB } from '../limits.js';
import type { Detector } from './detect.js';

const STEP_BYTES = 64 * KIB;
/** In the first MiB each step is looked at, four to a read; behind that so many whole MiB. */
const NEAR_BYTES = MIB;
const WINDOW_BYTES = 4 * STEP_BYTES;
const FAR_STEPS = 15;
/** A signature lies within the first 4 KiB, or behind room for boot loaders: an ISO's at 32 KiB, that of btrfs at 64 KiB. */
const SIGNATURES_AT = [0, 32 * KIB, 64 * KIB];
const LOOKED_AT_BYTES = 4 * KIB;
const HEAD_BYTES = 64 * KIB + LOOKED_AT_BYTES;

/**
 * The first place behind `endBytes` where something begins that virt-df knows; null if there is none. Where less than a
 * step is left, nothing is read: most filesystems fill their volumes but for a few sectors.
 */
export async function firstBehind(
  source: ByteSource,
  endBytes: number,
  detect: Detector,
): Promise<number | null> {
  const first = Math.ceil(endBytes / STEP_BYTES) * STEP_BYTES;
  if (first >= source.sizeBytes || source.isFar?.(first)) return null;
  for (let at = first; at < first + NEAR_BYTES && at < source.sizeBytes; at += WINDOW_BYTES) {
    const window = await read(source, at, WINDOW_BYTES + HEAD_BYTES);
    for (let step = 0; step < WINDOW_BYTES; step += STEP_BYTES) {
      const head = window.subarray(step, step + HEAD_BYTES);
      if (await begins(source, at + step, head, detect)) return at + step;
    }
  }
  const far = Math.ceil((first + NEAR_BYTES) / MIB) * MIB;
  for (let at = far; at < far + FAR_STEPS * MIB && at < source.sizeBytes; at += MIB) {
    if (await begins(source, at, await read(source, at, HEAD_BYTES), detect)) return at;
  }
  return null;
}

/** Nothing, of a stretch that is not all there. */
async function read(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  const length = Math.min(lengthBytes, source.sizeBytes - offsetBytes);
  return (await orNull(() => source.read(offsetBytes, length), isCutOff)) ?? new Uint8Array(0);
}

/** Whether something sound begins there; zeros where all signatures lie cost no look. */
async function begins(
  source: ByteSource,
  offsetBytes: number,
  head: Uint8Array,
  detect: Detector,
): Promise<boolean> {
  if (SIGNATURES_AT.every((at) => isZeros(head.subarray(at, at + LOOKED_AT_BYTES)))) return false;
  try {
    const rest = slice(source, offsetBytes, source.sizeBytes - offsetBytes);
    const found = await detect(rest, false);
    if (found.kind === 'filesystem') return found.filesystem.fault === undefined;
    return found.kind !== 'empty';
  } catch (error) {
    if (error instanceof VirtDfError && error.code !== 'TIMEOUT') return false;
    throw error;
  }
}
