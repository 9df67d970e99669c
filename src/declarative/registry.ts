// Every filesystem that virt-df knows: those with a reader of their own, then those that a specification alone describes.
import { catalog, declarativeFormats } from '../../generated/catalog.js';
import { type FilesystemEntry, readers } from '../filesystem/registry.js';
import { declarative } from './declarative.js';

/**
 * Formats that their specification describes completely, by name: a new .ksy is a new entry. Members of arrays and the
 * like that are only recognised (formats/volume/recognised) are looked for among filesystems: they fill a volume as these.
 */
const described: readonly FilesystemEntry[] = [...catalog]
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .flatMap((spec) => {
    const { name, probes } = spec;
    const loadModule = declarativeFormats[name];
    if (loadModule === undefined) return [];
    return [{ name, probes, load: async () => declarative(spec, await loadModule()) }];
  });

/** Formats with a reader of their own come first: its probe checks more than a signature. */
export const filesystems: readonly FilesystemEntry[] = [...readers, ...described];
