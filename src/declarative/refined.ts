// Formats whose specification says all but one thing: a label or a UUID that lies elsewhere on the volume, or that is put
// together from two. What is damaged there costs the label, and nothing else.
import type { ByteSource } from '../bytes/source.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { ByteOrder } from '../kaitai/index.js';

/** What stands in the place of the specification's own; `bytes` are those of its window. */
export type Refine = (
  source: ByteSource,
  bytes: Uint8Array,
  order: ByteOrder,
) => Promise<Partial<Pick<Filesystem, 'label' | 'labelBytes' | 'uuid' | 'version'>>>;

/** By the format's word. */
export const refinements: Readonly<Record<string, () => Promise<Refine>>> = {
  async befs() {
    const { befsUuid } = await import('../filesystem/befs/identity.js');
    return async (...volume) => ({ uuid: await befsUuid(...volume) });
  },
  hfs: async () => (await import('../filesystem/hfsplus/identity.js')).hfsNames,
  hfsplus: async () => (await import('../filesystem/hfsplus/identity.js')).hfsplusNames,
  async iso9660() {
    const { jolietLabel } = await import('../filesystem/iso9660/label.js');
    return async (_source, bytes) => {
      const label = jolietLabel(bytes);
      return label ?? {};
    };
  },
};
