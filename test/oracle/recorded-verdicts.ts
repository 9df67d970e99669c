// What a kernel said of damaged images, as images/mutated.json keeps it.
import { readFileSync } from 'node:fs';
import type { View } from '../../src/filesystem/filesystem.js';
import type { Edit, Statfs } from './edited.js';

/** null: the mount is refused. 0: the numbers are those of the image as it was. */
export type Kept = Statfs | 0 | null;

/** What was changed, then what a read-only and a writable mount came to; a format that is only read has the first. */
export type KeptCase = readonly [edits: readonly Edit[], mount: Kept, guest?: Kept];

export interface KeptImage {
  readonly name: string;
  /** The driver that was asked to mount it. */
  readonly kind: string;
  readonly mount: Statfs;
  readonly guest: Statfs;
  readonly cases: readonly KeptCase[];
  /** Those that are not held to yet: faults of virt-df. */
  readonly open: readonly KeptCase[];
}

export interface KeptVerdicts {
  readonly kernel: string;
  readonly images: readonly KeptImage[];
}

export function keptImages(): readonly KeptImage[] {
  const kept: KeptVerdicts = JSON.parse(readFileSync('images/mutated.json', 'utf8'));
  return kept.images;
}

/** Of each view, what the kernel says of a case; null: it refuses the mount. */
export function verdictsOf(
  image: KeptImage,
  [, mount, guest = mount]: KeptCase,
): readonly { readonly view: View; readonly statfs: Statfs | null }[] {
  return [
    { view: 'mount', statfs: mount === 0 ? image.mount : mount },
    { view: 'guest', statfs: guest === 0 ? image.guest : guest },
  ];
}
