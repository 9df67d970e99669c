// The words of a command about files: one guest or image, and a path in it.
import { posix } from 'node:path';
import { UsageError } from '../../errors.js';
import type { Asked } from '../../queries/files/walk.js';

/** With these the arguments name no guest. */
export const NAMING = ['test', 'add', 'domain', 'all'];

interface Parted {
  /** Those that name the guest or the image. */
  readonly words: readonly string[];
  readonly place: Asked;
}

/** @throws UsageError USAGE for more than a guest and a path. */
export function parted(
  { words, typed }: { readonly words: readonly string[]; readonly typed: readonly string[] },
  command: string,
): Parted {
  const namedCount = typed.some((flag) => NAMING.includes(flag)) ? 0 : 1;
  const [path, ...others] = words.slice(namedCount);
  if (others.length > 0) {
    throw new UsageError(
      'USAGE',
      `${command} takes one guest or image, and a path in it; several are --test IMAGE or --domain GUEST`,
    );
  }
  return { words: words.slice(0, namedCount), place: placeOf(path ?? '') };
}

/** `/dev/sda2:/var/log`, `/var/log`: without a device, of all filesystems. */
export function placeOf(text: string): Asked {
  const [, device = null, own = text] = /^(\/dev\/[^:]+):(|\/.*)$/su.exec(text) ?? [];
  const names = posix.normalize(`/${own}`).split('/');
  return { device, path: names.filter((name) => name !== '') };
}
