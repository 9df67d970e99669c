// Every filesystem that virt-df knows: those with a reader of their own, then those that a specification alone describes.
import { signatures } from '../../generated/signatures.js';
import type { FilesystemFormat } from '../filesystem/filesystem.js';
import { type FilesystemEntry, readers } from '../filesystem/registry.js';
import { MD_PLACES, probesAt } from '../volume/md/places.js';
import { checks } from './checked.js';
import { declarative } from './declarative.js';
import { refinements } from './refined.js';
import { fileReaders } from './with-files.js';

/**
 * Formats that their specification describes completely, by name: a new .ksy is a new entry. Members of arrays and the
 * like that are only recognised (formats/volume/recognised) are looked for among filesystems: they fill a volume as these.
 */
const described: readonly FilesystemEntry[] = signatures
  .filter(({ isDeclarative, kind }) => isDeclarative && kind !== 'container')
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .map(({ name, probes }) => ({ name, probes, load: () => load(name) }));

async function load(name: string): Promise<FilesystemFormat> {
  const { declarativeFormat } = await import('../kaitai/load-declarative.js');
  const { spec, module } = await declarativeFormat(name);
  const more = {
    refine: await refinements[name]?.(),
    check: await checks[name]?.(),
    readFiles: fileReaders[name],
  };
  return declarative(spec, module, more);
}

/** MD's members that are only recognised: one specification has all versions, and each is looked for in its turn. */
const mdMembers: readonly FilesystemEntry[] = MD_PLACES.map((place) => ({
  name: place.name,
  probes: probesAt(place),
  load: async () => (await import('./md-member.js')).mdMember(place),
}));

/** Formats with a reader of their own come first: its probe checks more than a signature. */
export const filesystems: readonly FilesystemEntry[] = [...readers, ...described, ...mdMembers];
