// Every filesystem that virt-df knows, in the order in which it is looked for. One line each; no parser is loaded until
// its signature was seen.
// References: the order of util-linux, libblkid/src/superblocks/superblocks.c.
import { catalog, declarativeFormats } from '../../generated/catalog.js';
import { declarative } from './declarative.js';
import type { FilesystemFormat } from './filesystem.js';
import type { Probe } from './signature.js';

export { candidates } from './signature.js';

/** A format as the registry knows it: what its bytes look like, and where its reader is. */
export interface FilesystemEntry {
  /** The word of the format, its .ksy and its files. */
  readonly name: string;
  /** Any one that matches makes the format a candidate; then its own `probe` decides. */
  readonly probes: readonly Probe[];
  load(): Promise<FilesystemFormat>;
}

/**
 * Order matters only where one disk can carry two signatures: what mkfs of the later one leaves in place is looked for
 * first. XFS fills sector 0, ext begins at 1024 and leaves the sectors before it as they were, so a stale XFS superblock
 * may stand before an ext one; both probes check more than the signature.
 */
const readers: readonly FilesystemEntry[] = [
  {
    name: 'ext',
    probes: [{ all: [{ at: 0x438, magic: [0x53, 0xef] }] }],
    load: async () => (await import('./ext.js')).ext,
  },
  {
    name: 'xfs',
    probes: [{ all: [{ at: 0, magic: [0x58, 0x46, 0x53, 0x42] }] }],
    load: async () => (await import('./xfs.js')).xfs,
  },
];

/** Formats that their specification describes completely, by name: a new .ksy is a new entry. */
const described: readonly FilesystemEntry[] = catalog.flatMap(({ name, layer, probes }) => {
  const loadModule = layer === 'filesystem' ? declarativeFormats[name] : undefined;
  if (loadModule === undefined) return [];
  return [{ name, probes, load: async () => declarative(await loadModule()) }];
});

/** What has a reader of its own comes first: its probe checks more than a signature. */
export const filesystems: readonly FilesystemEntry[] = [...readers, ...described];
