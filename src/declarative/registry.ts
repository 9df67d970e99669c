// Every filesystem that virt-df knows: those with a reader of their own, then those that a specification alone describes.
import { catalog, declarativeFormats } from '../../generated/catalog.js';
import { type FilesystemEntry, readers } from '../filesystem/registry.js';
import { declarative } from './declarative.js';

/** Formats that their specification describes completely, by name: a new .ksy is a new entry. */
const described: readonly FilesystemEntry[] = catalog.flatMap((spec) => {
  const { name, layer, probes } = spec;
  const loadModule = layer === 'filesystem' ? declarativeFormats[name] : undefined;
  if (loadModule === undefined) return [];
  return [{ name, probes, load: async () => declarative(spec, await loadModule()) }];
});

/** What has a reader of its own comes first: its probe checks more than a signature. */
export const filesystems: readonly FilesystemEntry[] = [...readers, ...described];
