// What ends too early, as doubts: the file of an image, and a device of swap.
import type { ByteSource } from '../bytes/source.js';
import { layersOf } from '../container/container.js';
import { FormatError } from '../errors.js';
import { cutDoubts } from '../filesystem/fault.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import { printable } from '../validation/guest.js';
import { type DeviceNode, type DiskNode, type Doubt, doubted, type StackNode } from './node.js';

/** Told last, since each table that was read may have led behind the end of a file. */
export function* cutDisks(disks: readonly DiskNode[]): Generator<StackNode, void, undefined> {
  for (const disk of disks) {
    const layers = disk.layer === null ? [] : layersOf(disk.layer);
    const errors = layers.flatMap(({ path, cut }) => {
      const error = cut?.() ?? null;
      if (error === null || path === disk.layer?.path) return error ?? [];
      const { code, data, message } = error;
      return new FormatError(code, `${printable(path)}: ${message}`, { data, cause: error });
    });
    if (errors.length > 0) yield doubted(disk, errors);
  }
}

/** swapon refuses an area that is shorter than its header says. */
export function shortSwap(
  { device }: DeviceNode,
  { sizeBytes }: ByteSource,
  { type, endBytes = 0 }: Filesystem,
): readonly Doubt[] {
  return cutDoubts(type, endBytes, sizeBytes).map((error) => ({ device, error }));
}
