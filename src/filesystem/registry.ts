// Every filesystem that has a reader of its own, a line each; no parser is loaded until its signature was seen. In which
// order they are looked for: src/stack/detection.ts.
import { signatures } from '../../generated/signatures.js';
import type { Recognizable } from '../kaitai/signature.js';
import type { FilesystemFormat } from './filesystem.js';

/** A format as the registry knows it: its signature, and how its reader is loaded. */

export interface FilesystemEntry extends Recognizable {
  /** The word of the format, its .ksy and its files. */
  readonly name: string;
  load(): Promise<FilesystemFormat>;
}

export const readers: readonly FilesystemEntry[] = [
  reader('ext', async () => (await import('./ext.js')).ext),
  reader('xfs', async () => (await import('./xfs.js')).xfs),
  reader('ntfs', async () => (await import('./ntfs.js')).ntfs),
  reader('btrfs', async () => (await import('./btrfs.js')).btrfs),
  reader('fat', async () => (await import('./fat.js')).fat),
  reader('exfat', async () => (await import('./exfat.js')).exfat),
  reader('f2fs', async () => (await import('./f2fs.js')).f2fs),
  reader('udf', async () => (await import('./udf.js')).udf),
];

function reader(name: string, load: () => Promise<FilesystemFormat>): FilesystemEntry {
  return { name, probes: signatures.find((entry) => entry.name === name)?.probes ?? [], load };
}
